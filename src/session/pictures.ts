/** The pictures of a session: what its programs showed last, and what the person looks at. Bounded in number and bytes. */
import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { Emitter } from "../base/events.ts";
import type { SentPicture } from "../runner/picture-marks.ts";

/** Pictures kept, the newest of them. */
const maxPictures = 8;
/** Bytes of all of them, compressed. */
const maxBytes = 1 << 20;
const channels = 3;

const takeApart = promisify(inflate);

/** The pictures that programs showed, oldest first. */
export class Pictures {
  readonly #shown = new Emitter<SentPicture>();
  #all: readonly SentPicture[] = [];

  /** Fires when a program shows a picture. */
  get onShown() {
    return this.#shown.on;
  }

  /** The pictures, oldest first. */
  get all(): readonly SentPicture[] {
    return this.#all;
  }

  /** Keeps a picture, and tells that it is there. */
  add(picture: SentPicture): void {
    let kept = [...this.#all.slice(1 - maxPictures), picture];
    const bytes = (): number => kept.reduce((sum, { pixels }) => sum + pixels.length, 0);
    while (kept.length > 1 && bytes() > maxBytes) kept = kept.slice(1);
    this.#all = kept;
    this.#shown.emit(picture);
  }

  /** Forgets all of them. */
  clear(): void {
    this.#all = [];
  }
}

/** The colours of a picture; undefined when what was sent is no picture of that size. */
export async function pixelsOf({ width, height, pixels }: SentPicture): Promise<Uint8Array | undefined> {
  const length = width * height * channels;
  try {
    const colours = await takeApart(pixels, { maxOutputLength: length });
    return colours.length === length ? colours : undefined;
  } catch {
    return undefined; // a program's own bytes, which may be anything
  }
}

/**
 * Pictures that a program shows, as runner.py's plots.py sends them: `picture;WIDTH;HEIGHT;LENGTH;NAME`, then `pixels;`
 * and a piece of base64, again and again. The program could have written all of it: what does not fit its bounds is
 * dropped, and the pixels are only ever looked at as colours, after they were taken apart with a bound (see
 * session/pictures).
 */
import { replaceUnseen, spellOut } from "../base/invisible.ts";

/** A picture as a program sent it. */
export interface SentPicture {
  readonly width: number;
  readonly height: number;
  /** Three bytes for each pixel, row by row, compressed (zlib). */
  readonly pixels: Buffer;
  /** The name of the file that was saved; empty when the picture was only shown. */
  readonly name: string;
}

/** Most columns and rows of pixels. */
export const maxWidth = 800;
export const maxHeight = 600;
/** Longest base64 of one picture. */
const maxLength = 300_000;
const maxName = 100;

/** Puts pictures together from marks. */
export class PictureMarks {
  #begun:
    | { readonly width: number; readonly height: number; readonly length: number; readonly name: string }
    | undefined;
  #pieces: string[] = [];
  #length = 0;

  /** Takes the body of a mark; the picture that it completes, if so. */
  take(word: "picture" | "pixels", body: string): SentPicture | undefined {
    if (word === "picture") this.#begin(body);
    else return this.#add(body);
    return undefined;
  }

  #begin(body: string): void {
    this.#pieces = [];
    this.#length = 0;
    this.#begun = undefined;
    const [, width = "", height = "", length = "", name = ""] =
      /^(\d{1,3});(\d{1,3});(\d{1,6});([0-9a-f]*)$/.exec(body) ?? [];
    const sizes = { width: Number(width), height: Number(height), length: Number(length) };
    if (sizes.width < 1 || sizes.width > maxWidth || sizes.height < 1 || sizes.height > maxHeight) return;
    if (sizes.length < 1 || sizes.length > maxLength) return;
    this.#begun = { ...sizes, name: replaceUnseen(Buffer.from(name, "hex").toString(), spellOut).slice(0, maxName) };
  }

  #add(piece: string): SentPicture | undefined {
    const begun = this.#begun;
    if (!begun || this.#length + piece.length > begun.length) return void (this.#begun = undefined);
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length < begun.length) return undefined;
    const { width, height, name } = begun;
    const pixels = Buffer.from(this.#pieces.join(""), "base64");
    this.#begun = undefined;
    this.#pieces = [];
    return { width, height, name, pixels };
  }
}

/**
 * Theory of operation: a program of a student that somebody else starts runs on a throw-away copy of her home, so that looking at what
 * it does changes nothing. The copy lies outside DIR/files, in a directory of this process, and is removed when the run is over; what
 * a crash leaves is swept at the next start. Copying (copy-home.ts) walks as all of this folder does: through descriptors, links and special
 * files left out, bounded by what an account may keep. Where the file system can share blocks (XFS, Btrfs) a copy costs nearly nothing.
 * Which version each file was copied from is remembered: so what the program wrote can be told apart, and kept without undoing
 * what its owner did meanwhile.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { openDirectory, openFile } from "./confined.ts";
import type { CopiedFile } from "./copy-home.ts";
import { Descriptor, fstat } from "./descriptor.ts";
import { decodeName, encodeName, isReserved } from "./file-names.ts";
import { readWhole } from "./read.ts";
import { stampOf, type Stamp } from "./stamp.ts";
import { TreeWork } from "./tree-work.ts";
import { walk } from "./walk.ts";

/** How a copy is made. */
export interface Copying {
  /** Ends it. What was copied is removed before the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Hears how many files there are so far. */
  readonly onProgress?: ((files: number) => void) | undefined;
}

export interface HomeCopyOptions extends Copying {
  readonly owner: string;
  readonly home: Descriptor;
  /** Bytes that the files may have in all. */
  readonly bytes: number;
  /** Folders in folders. */
  readonly depth: number;
}

/** A file that a program wrote on a copy. */
export interface WrittenFile {
  /** Below the home, with slashes: "data/out.txt". */
  readonly path: string;
  readonly size: number;
  /** The version of the home's file that the copy was made from; undefined for a new one. */
  readonly from: Stamp | undefined;
  /** The version that the program wrote. */
  readonly written: Stamp;
}

/** What a program wrote on a copy, at most so many files; `complete` is false when there is more. */
export interface Written {
  readonly files: readonly WrittenFile[];
  readonly complete: boolean;
}

interface Version {
  readonly home: Stamp;
  readonly copy: Stamp;
}

/** Files and folders that a copy may have: as many as a count of the quota looks at. */
const maxEntries = 50_000;
/** Files whose writing is kept at once. */
const maxWritten = 500;
/** Copies that one process has at the same time; each may be as large as an account may be. */
const maxCopies = 24;

/** The copies of one process. */
export class HomeCopies {
  readonly #directory: string;
  readonly #work = new TreeWork();
  #count = 0;

  /** `directory` belongs to this process alone. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Throws `too-many-runs`, what `copyHome` throws, and the signal's reason; nothing is left then. */
  async make({ owner, home, bytes, depth, signal, onProgress }: HomeCopyOptions): Promise<HomeCopy> {
    if (this.#count >= maxCopies)
      throw new UserError(
        "too-many-runs",
        "too many students' programs are being tried right now",
        "Try again when one of them has ended.",
      );
    this.#count++;
    const directory = join(this.#directory, `${owner}-${randomBytes(6).toString("hex")}`);
    const copy = new HomeCopy(owner, directory, depth, () => this.#work.remove(directory).finally(() => this.#count--));
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const onCopied = (files: readonly CopiedFile[]): void => {
        const count = copy.add(files);
        onProgress?.(count);
      };
      await this.#work.copy({ home: home.fd, directory, bytes, entries: maxEntries, depth }, { signal, onCopied });
      signal?.throwIfAborted();
      return copy;
    } catch (error) {
      await copy[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** Removes a directory of copies with whatever programs made there: they may have taken the permissions off folders. */
export async function sweepCopies(directory: string): Promise<void> {
  if (!existsSync(directory)) return; // as nearly always: no thread is needed then
  await using work = new TreeWork();
  await work.remove(directory);
}

/** A throw-away copy of a home. Disposing removes it. */
export class HomeCopy implements AsyncDisposable {
  readonly owner: string;
  /** On disk. */
  readonly directory: string;
  readonly #depth: number;
  readonly #remove: () => Promise<void>;
  readonly #versions = new Map<string, Version>();
  #gone: Promise<void> | undefined;

  constructor(owner: string, directory: string, depth: number, remove: () => Promise<void>) {
    this.owner = owner;
    this.directory = directory;
    this.#depth = depth;
    this.#remove = remove;
  }

  /** For HomeCopies: notes files that are there now; returns how many there are. */
  add(files: readonly CopiedFile[]): number {
    for (const { path, home, copy } of files) this.#versions.set(path, { home, copy });
    return this.#versions.size;
  }

  /** What is different from what was copied. What the program deleted is not told: keeping never deletes. */
  async written(): Promise<Written> {
    const files: WrittenFile[] = [];
    const paths = new Map<bigint, string>();
    using top = await openDirectory(this.directory, []);
    paths.set((await fstat(top)).ino, "");
    let left = 0;
    const complete = await walk(
      top,
      { entries: maxEntries, depth: this.#depth, opensClosed: true },
      async (folder, name, stats) => {
        const path = (paths.get((await fstat(folder)).ino) ?? "") + decodeName(name);
        if (stats.isDirectory()) paths.set(stats.ino, `${path}/`);
        if (!stats.isFile() || isReserved(decodeName(name))) return;
        const version = this.#versions.get(path);
        const written = stampOf(stats);
        if (version?.copy === written) return;
        if (files.length >= maxWritten) left++;
        else files.push({ path, size: Number(stats.size), from: version?.home, written });
      },
    );
    return { files, complete: complete && left === 0 };
  }

  /** What a program wrote, of at most so many bytes; undefined when it is no regular file any more. */
  async read({ path }: WrittenFile, bytes: number): Promise<Buffer | undefined> {
    const names = path.split("/").map(encodeName);
    using folder = await openDirectory(this.directory, names.slice(0, -1));
    const opened = await openFile(folder, names.at(-1) ?? Buffer.alloc(0));
    if (!(opened instanceof Descriptor)) return undefined;
    using file = opened;
    return await readWhole(file.fd, Number((await fstat(file)).size), bytes);
  }

  /** What the program wrote is in the home now, as this version: it is not told again. */
  kept({ path, written }: WrittenFile, home: Stamp): void {
    this.#versions.set(path, { home, copy: written });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#gone ??= this.#remove();
    return this.#gone;
  }
}

/**
 * Theory of operation: a student's program that somebody else starts runs on a throw-away copy of the student's home,
 * so that trying it changes nothing. The copy is outside DIR/files, in a directory of this process, and is removed when
 * the run is over; what a crash leaves is swept at the next start. Copying (copy-home.ts) walks like everything in this
 * folder: through descriptors, without links and special files, bounded by what an account may keep. Where the file
 * system can share blocks (XFS, Btrfs) a copy costs almost nothing. The version from which each file was copied is
 * remembered: so what the program wrote can be told apart, and kept without undoing what its owner did meanwhile.
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
import { walk, type WalkBounds } from "./walk.ts";

/** Options of making a copy. */
export interface Copying {
  /** Aborts the copy; what was copied is removed before the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of files copied so far. */
  readonly onProgress?: ((files: number) => void) | undefined;
}

/** A copy to make. */
export interface HomeCopyOptions extends Copying {
  readonly owner: string;
  readonly home: Descriptor;
  /** Bound of bytes of all files. */
  readonly bytes: number;
  /** Bound of files and folders. */
  readonly entries: number;
  /** Bound of nested folders. */
  readonly depth: number;
}

/** A file that a program wrote in a copy. */
export interface WrittenFile {
  /** Path below the home, with slashes: "data/out.txt". */
  readonly path: string;
  readonly size: number;
  /** The version in the home that was copied; undefined for a new file. */
  readonly from: Stamp | undefined;
  /** The version that the program wrote. */
  readonly written: Stamp;
}

/** Files that a program wrote in a copy; `complete` is false when there are more than a bound. */
export interface Written {
  readonly files: readonly WrittenFile[];
  readonly complete: boolean;
}

interface Version {
  readonly home: Stamp;
  readonly copy: Stamp;
}

/** Written files that can be kept at once. */
const maxWritten = 500;
/** Copies of one process at a time; each may be as large as an account. */
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

  /** A new copy. Throws `too-many-runs`, what `copyHome` throws, and the signal's reason; then nothing is left. */
  async make({ owner, home, bytes, entries, depth, signal, onProgress }: HomeCopyOptions): Promise<HomeCopy> {
    if (this.#count >= maxCopies)
      throw new UserError(
        "too-many-runs",
        "too many students' programs are running on copies right now",
        "Try again when one of them has ended.",
      );
    this.#count++;
    const directory = join(this.#directory, `${owner}-${randomBytes(6).toString("hex")}`);
    const copy = new HomeCopy(owner, directory, { entries, depth }, () =>
      this.#work.remove(directory).finally(() => this.#count--),
    );
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const onCopied = (files: readonly CopiedFile[]): void => {
        const count = copy.add(files);
        onProgress?.(count);
      };
      await this.#work.copy({ home: home.fd, directory, bytes, entries, depth }, { signal, onCopied });
      signal?.throwIfAborted();
      return copy;
    } catch (error) {
      await copy[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** Removes a directory of copies, whatever programs made there: they may have removed the permissions of folders. */
export async function sweepCopies(directory: string): Promise<void> {
  if (!existsSync(directory)) return; // the usual case: no thread is needed
  await using work = new TreeWork();
  await work.remove(directory);
}

/** A throw-away copy of a home; disposing removes it. */
export class HomeCopy implements AsyncDisposable {
  readonly owner: string;
  /** Directory on disk. */
  readonly directory: string;
  readonly #bounds: Pick<WalkBounds, "entries" | "depth">;
  readonly #remove: () => Promise<void>;
  readonly #versions = new Map<string, Version>();
  #gone: Promise<void> | undefined;

  constructor(
    owner: string,
    directory: string,
    bounds: Pick<WalkBounds, "entries" | "depth">,
    remove: () => Promise<void>,
  ) {
    this.owner = owner;
    this.directory = directory;
    this.#bounds = bounds;
    this.#remove = remove;
  }

  /** For `HomeCopies`: notes files that were copied; returns their number so far. */
  add(files: readonly CopiedFile[]): number {
    for (const { path, home, copy } of files) this.#versions.set(path, { home, copy });
    return this.#versions.size;
  }

  /** What differs from what was copied. What the program deleted is not included: keeping never deletes. */
  async written(): Promise<Written> {
    const files: WrittenFile[] = [];
    const paths = new Map<bigint, string>();
    using top = await openDirectory(this.directory, []);
    paths.set((await fstat(top)).ino, "");
    let left = 0;
    const complete = await walk(top, { ...this.#bounds, opensClosed: true }, async (folder, name, stats) => {
      const path = (paths.get((await fstat(folder)).ino) ?? "") + decodeName(name);
      if (stats.isDirectory()) paths.set(stats.ino, `${path}/`);
      if (!stats.isFile() || isReserved(decodeName(name))) return;
      const version = this.#versions.get(path);
      const written = stampOf(stats);
      if (version?.copy === written) return;
      if (files.length >= maxWritten) left++;
      else files.push({ path, size: Number(stats.size), from: version?.home, written });
    });
    return { files, complete: complete && left === 0 };
  }

  /** Content of a file that a program wrote, of at most `bytes`; undefined when it is no longer a regular file. */
  async read({ path }: WrittenFile, bytes: number): Promise<Buffer | undefined> {
    const names = path.split("/").map(encodeName);
    using folder = await openDirectory(this.directory, names.slice(0, -1));
    const opened = await openFile(folder, names.at(-1) ?? Buffer.alloc(0));
    if (!(opened instanceof Descriptor)) return undefined;
    using file = opened;
    return await readWhole(file.fd, Number((await fstat(file)).size), bytes);
  }

  /** Notes that what the program wrote is now in the home, as this version: it is not included again. */
  kept({ path, written }: WrittenFile, home: Stamp): void {
    this.#versions.set(path, { home, copy: written });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#gone ??= this.#remove();
    return this.#gone;
  }
}

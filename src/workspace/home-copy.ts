/**
 * Theory of operation: a program of a student that somebody else starts runs on a throw-away copy of her home, so that looking at what
 * it does changes nothing. The copy lies outside DIR/files, in a directory of this process, and is removed when the run is over; what
 * a crash leaves is swept at the next start. Copying walks as all of this folder does: through descriptors, links and special files
 * left out, bounded by what an account may keep. Where the file system can share blocks (XFS, Btrfs) a copy costs nearly nothing.
 * Which version each file was copied from is remembered: so what the program wrote can be told apart, and kept without undoing
 * what its owner did meanwhile.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode, UserError } from "../base/errors.ts";
import { openChild, openDirectory, openFile, readNames } from "./confined.ts";
import { calls, Descriptor, fstat, lstat } from "./descriptor.ts";
import { kindOf } from "./entry.ts";
import { decodeName, encodeName, isReserved } from "./names.ts";
import { keptBytes } from "./quota.ts";
import { readWhole } from "./read.ts";
import { removeTree } from "./remove.ts";
import { stampOf, type Stamp } from "./stamp.ts";
import { walk } from "./walk.ts";

export interface HomeCopyOptions {
  readonly owner: string;
  readonly home: Descriptor;
  /** Where copies of this process lie; only the server can change it. */
  readonly directory: string;
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
const mostEntries = 50_000;
/** Files whose writing is kept at once. */
const mostWritten = 500;
/** Copies that one process has at the same time; each may be as large as an account may be. */
const mostCopies = 24;
/** Files of a folder that are copied at the same time: more would keep the thread pool from other people's files. */
const parallel = 6;

/** The copies of one process. */
export class HomeCopies {
  readonly #directory: string;
  #count = 0;

  /** `directory` belongs to this process alone. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Throws `too-many-runs`, `quota-exceeded`, `too-many-entries` or `too-deep`; nothing is left then. */
  async make(options: Omit<HomeCopyOptions, "directory">): Promise<HomeCopy> {
    if (this.#count >= mostCopies) throw new UserError("too-many-runs", "too many students' programs are being tried at this moment", "Try again when one of them has ended.");
    this.#count++;
    const directory = join(this.#directory, `${options.owner}-${randomBytes(6).toString("hex")}`);
    const copy = new HomeCopy(options.owner, directory, options.depth, () => void this.#count--);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await copy.takeIn({ ...options, directory });
      return copy;
    } catch (error) {
      await copy[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** Removes a directory of copies with whatever programs made there: they may have taken the permissions off folders. */
export async function sweepCopies(directory: string): Promise<void> {
  try {
    await removeDirectory(directory);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

async function removeDirectory(directory: string): Promise<void> {
  using parent = await openDirectory(dirname(directory), []);
  const name = Buffer.from(basename(directory));
  for (;;) {
    try {
      return await removeTree(parent, name);
    } catch (error) {
      // Each go deletes a bounded number; here nobody waits who could be asked to go on.
      if (!(error instanceof UserError) || error.code !== "too-many-entries") throw error;
    }
  }
}

/** A throw-away copy of a home. Disposing removes it. */
export class HomeCopy implements AsyncDisposable {
  readonly owner: string;
  /** On disk. */
  readonly directory: string;
  readonly #depth: number;
  readonly #removed: () => void;
  readonly #versions = new Map<string, Version>();
  #gone: Promise<void> | undefined;

  constructor(owner: string, directory: string, depth: number, removed: () => void) {
    this.owner = owner;
    this.directory = directory;
    this.#depth = depth;
    this.#removed = removed;
  }

  /** For HomeCopies: copies everything. */
  async takeIn({ home, directory, bytes, depth }: HomeCopyOptions): Promise<void> {
    using target = await openDirectory(directory, []);
    await this.#copyInto(home, target, "", { bytes, entries: mostEntries }, depth);
  }

  /** What is different from what was copied. What the program deleted is not told: keeping never deletes. */
  async written(): Promise<Written> {
    const files: WrittenFile[] = [];
    const paths = new Map<bigint, string>();
    using top = await openDirectory(this.directory, []);
    paths.set((await fstat(top)).ino, "");
    let left = 0;
    const complete = await walk(top, { entries: mostEntries, depth: this.#depth, opensClosed: true }, async (folder, name, stats) => {
      const path = (paths.get((await fstat(folder)).ino) ?? "") + decodeName(name);
      if (stats.isDirectory()) paths.set(stats.ino, `${path}/`);
      if (!stats.isFile() || isReserved(decodeName(name))) return;
      const version = this.#versions.get(path);
      const written = stampOf(stats);
      if (version?.copy === written) return;
      if (files.length >= mostWritten) left++;
      else files.push({ path, size: Number(stats.size), from: version?.home, written });
    });
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
    this.#gone ??= sweepCopies(this.directory).finally(() => this.#removed());
    return this.#gone;
  }

  async #copyInto(source: Descriptor, target: Descriptor, path: string, budget: { bytes: number; entries: number }, depth: number): Promise<void> {
    const names = await readNames(source, budget.entries + 1);
    budget.entries -= names.length;
    if (budget.entries < 0) throw new UserError("too-many-entries", `there are more than ${mostEntries} files: too many for a copy`, "Run the program where it is: attach to the session, and drive.");
    for (let at = 0; at < names.length; at += parallel) {
      // All settled before a failure is thrown: a descriptor that closes under a copy would lead it elsewhere.
      const results = await Promise.allSettled(names.slice(at, at + parallel).map((name) => this.#copyOne(source, target, name, path, budget, depth)));
      for (const result of results) if (result.status === "rejected") throw result.reason;
    }
  }

  async #copyOne(source: Descriptor, target: Descriptor, name: Buffer, path: string, budget: { bytes: number; entries: number }, depth: number): Promise<void> {
    try {
      const stats = await lstat(source.at(name));
      const kind = kindOf(stats);
      if (kind === "directory") {
        if (depth <= 1) throw new UserError("too-deep", "the folders are too deep for a copy", "Run the program where it is: attach to the session, and drive.");
        using child = await openChild(source, name);
        await calls.mkdir(target.at(name), 0o700);
        using copy = await openChild(target, name);
        await this.#copyInto(child, copy, `${path}${decodeName(name)}/`, budget, depth - 1);
        await chmod(copy.self, (Number(stats.mode) & 0o777) | 0o700);
      } else if (kind === "file") {
        await this.#copyFile(source, target, name, path + decodeName(name), budget);
      }
    } catch (error) {
      // Gone or replaced meanwhile, or not readable for its owner either.
      if (!["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "not-a-directory"].includes(systemCode(error) ?? "")) throw error;
    }
  }

  async #copyFile(source: Descriptor, target: Descriptor, name: Buffer, path: string, budget: { bytes: number }): Promise<void> {
    const opened = await openFile(source, name);
    if (!(opened instanceof Descriptor)) return;
    using file = opened;
    const stats = await fstat(file);
    spend(budget, keptBytes(Number(stats.size)));
    // By the descriptor: the very file that was looked at, whatever its name leads to by now.
    await copyFile(file.self, target.at(name), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const copied = await lstat(target.at(name));
    // It may have grown while it was copied.
    spend(budget, Math.max(0, keptBytes(Number(copied.size)) - keptBytes(Number(stats.size))));
    this.#versions.set(path, { home: stampOf(stats), copy: stampOf(copied) });
  }
}

function spend(budget: { bytes: number }, bytes: number): void {
  budget.bytes -= bytes;
  if (budget.bytes < 0) throw new UserError("quota-exceeded", "the files are too large for a copy: more than an account may keep", "Files that are not needed have to be deleted first.");
}

/** Open descriptors with an owner, and Node.js's file calls on raw descriptors as promises. */
import fs from "node:fs";
import { promisify } from "node:util";

/** Linux's O_PATH, which node:fs does not name; the same number on every architecture that we support. */
export const O_PATH = 0x200000;

/** File calls as promises. */
export const calls = {
  open: promisify(fs.open),
  read: promisify(fs.read),
  write: promisify(fs.write),
  fsync: promisify(fs.fsync),
  fchmod: promisify(fs.fchmod),
  chmod: promisify(fs.chmod),
  link: promisify(fs.link),
  unlink: promisify(fs.unlink),
  rename: promisify(fs.rename),
  mkdir: promisify(fs.mkdir),
  rmdir: promisify(fs.rmdir),
} as const;

const lstatCall = promisify(fs.lstat);
const fstatCall = promisify(fs.fstat);

/** lstat with exact integers. */
export function lstat(path: Buffer | string): Promise<fs.BigIntStats> {
  return lstatCall(path, { bigint: true });
}

/** fstat with exact integers; works on O_PATH descriptors, too. */
export function fstat(descriptor: Descriptor): Promise<fs.BigIntStats> {
  return fstatCall(descriptor.fd, { bigint: true });
}

/** A name in an open folder, taken or free. */
export interface FolderEntry {
  readonly folder: Descriptor;
  readonly name: Buffer;
}

/**
 * An open descriptor, closed when its block ends. Every call that uses `at` or `self` must have settled by then: once
 * the number is reused, such a path leads into another directory. So parallel calls wait with `Promise.allSettled`,
 * never `all`.
 */
export class Descriptor implements Disposable {
  readonly fd: number;
  #open = true;

  private constructor(fd: number) {
    this.fd = fd;
  }

  static async open(path: Buffer | string, flags: number, mode?: number): Promise<Descriptor> {
    return new Descriptor(await calls.open(path, flags, mode));
  }

  static openSync(path: Buffer | string, flags: number, mode?: number): Descriptor {
    return new Descriptor(fs.openSync(path, flags, mode));
  }

  /** A path to what is open, whatever its name leads to by now. */
  get self(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  /** A path to an entry of this open directory. `name` is one name: no slash, not "..". */
  at(name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${this.self}/`), name]);
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    // Closing a directory or a synced file takes a microsecond: not worth a trip through the thread pool.
    fs.closeSync(this.fd);
  }
}

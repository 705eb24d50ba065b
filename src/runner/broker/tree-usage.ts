/**
 * Theory of operation: the tree that is counted belongs to a running program with the same user id as the broker. It
 * may swap any name for a link, close its folders to readers (chmod) or make them deeper than a path can be. So each
 * folder is opened by its name in the one above it, without following links, and used through that descriptor; a closed
 * folder is opened again; folders that are too deep are moved to the top. What still can't be counted is reported, so
 * that it counts as too much.
 *
 * The calls are synchronous, since they are made in a thread of their own (counting-thread.ts): 76,000 small files took
 * 4.5 s to count through Node's thread pool, and their program went on writing meanwhile. A walk is a generator that
 * gives way now and then, so that one crowded home does not hold the others up.
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  renameSync,
  type Stats,
} from "node:fs";
import { systemCode } from "../../base/errors.ts";

/** Linux's O_PATH, which node:fs does not name: a reference to a folder, which needs no rights to it. */
const O_PATH = 0x200000;
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Folders on one path down; each takes two descriptors. */
const maxDepth = 100;

/** Bytes that an entry counts beside its content, for its inode and name: otherwise empty files would be free. */
const entryBytes = 512;

/**
 * Milliseconds by which the times of files may lag behind Date.now(): the kernel takes them from its last tick, 1 to 10
 * ms ago.
 */
export const clockLagMs = 12;

/** How often a closed folder is opened again before it counts as closed on purpose. */
const maxTries = 5;

/** Entries between two yields. */
const slice = 64;

/**
 * A walk ends at this multiple of the entries that may be kept, however few of them are new: it must end within
 * seconds.
 */
const maxWalked = 10;

/** What some directories hold. */
export interface TreeUsage {
  /**
   * Bytes of all entries on disk (blocks, whatever their sizes say), with something for their names. A file with
   * several names counts once.
   */
  readonly bytes: number;
  readonly entries: number;
  /** Bytes of entries made since the given time. */
  readonly newBytes: number;
  readonly newEntries: number;
  /** Bytes of entries made since then, and of older files that have changed. */
  readonly changedBytes: number;
  /** Whether something could not be counted. */
  readonly unread: boolean;
  /** Whether a folder was closed as often as it was opened. */
  readonly evaded: boolean;
}

/** What to count. */
export interface UsageQuestion {
  /** Directories, which may be missing. */
  readonly directories: readonly string[];
  /** Wall-clock milliseconds; what was made since is new. */
  readonly since: number;
  /** Entries that may be kept. */
  readonly maxEntries: number;
}

/** Called with an open folder and a name in it. */
export type VisitEntry = (folder: Folder, name: Buffer, stats: Stats) => void;

/** What a walk calls: `visit` for each entry, `leave` for each folder when all in it was visited. */
export interface Visitor {
  readonly visit?: VisitEntry;
  readonly leave?: VisitEntry;
}

/**
 * Counts what is below some directories. If the tree changes meanwhile the sums are inaccurate, and nothing else
 * happens.
 */
export function* countUsage(question: UsageQuestion): Generator<void, TreeUsage> {
  const { since, maxEntries } = question;
  const count: Count = {
    bytes: 0,
    entries: 0,
    newBytes: 0,
    newEntries: 0,
    changedBytes: 0,
    unread: false,
    evaded: false,
  };
  const linked = new Links();
  const visit: VisitEntry = (_folder, _name, stats) => {
    count.entries++;
    const bytes = bytesOf(stats, linked);
    count.bytes += bytes;
    if (stats.isDirectory() ? isNew(stats, since) : stats.ctimeMs >= since - clockLagMs) count.changedBytes += bytes;
    if (!isNew(stats, since)) return;
    count.newEntries++;
    count.newBytes += bytes;
  };
  count.bytes += topBytes(question.directories);
  yield* walkAll(
    question.directories,
    count,
    { visit },
    () => overflows(count, maxEntries) || count.entries > maxEntries * maxWalked,
  );
  if (count.entries > maxEntries * maxWalked) count.unread = true;
  return count;
}

/** Whether a program adds to what is too much or can't be counted, or prevents counting. */
export function overflows(found: TreeUsage, maxEntries: number): boolean {
  const full = found.unread || found.entries > maxEntries;
  return found.evaded || (full && found.newEntries > 0);
}

/** Visits everything below some directories until `enough`. What goes wrong is noted in `trouble`. */
export function* walkAll(
  directories: readonly string[],
  trouble: Trouble,
  visitor: Visitor,
  enough: () => boolean,
): Generator<void> {
  for (const directory of directories) {
    try {
      using top = new Folder(directory, constants.O_DIRECTORY | O_PATH);
      yield* new Walk(top, trouble, visitor, enough).run();
    } catch (error) {
      note(error, trouble);
    }
  }
}

/** Bytes of the directories themselves: a folder keeps the room of all names that were ever in it. */
export function topBytes(directories: readonly string[]): number {
  return directories.reduce(
    (sum, directory) => sum + (lstatSync(directory, { throwIfNoEntry: false })?.blocks ?? 0) * 512,
    0,
  );
}

/**
 * Whether an entry was made since a time. Where the file system does not store when a file was made, a changed one
 * counts as new.
 */
export function isNew(stats: Stats, since: number): boolean {
  const made = stats.birthtimeMs > 0 || stats.isDirectory() ? stats.birthtimeMs : stats.ctimeMs;
  return isSince(made, since);
}

/** Whether a time of the file system is a time or later. */
export const isSince = (fileMs: number, since: number): boolean => fileMs >= since - clockLagMs;

function bytesOf(stats: Stats, linked: Links): number {
  return (linked.met(stats) ? 0 : stats.blocks * 512) + entryBytes;
}

/** Files with several names that were already counted. */
export class Links {
  readonly #inodes = new Map<number, Set<number>>();

  /** Whether this is a further name of a file that was met already. */
  met(stats: Stats): boolean {
    if (stats.nlink === 1 || stats.isDirectory()) return false;
    const { dev, ino } = stats;
    const inodes = this.#inodes.get(dev) ?? new Set();
    this.#inodes.set(dev, inodes);
    if (inodes.has(ino)) return true;
    inodes.add(ino);
    return false;
  }
}

type Count = { -readonly [Key in keyof TreeUsage]: TreeUsage[Key] };

interface Trouble {
  unread: boolean;
  evaded: boolean;
}

/** Notes an error: what is gone is no longer used; every other error leaves something uncounted. */
function note(error: unknown, trouble: Trouble): void {
  const code = systemCode(error);
  if (code === undefined) throw error;
  if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "ELOOP") trouble.unread = true;
}

/** An open folder, used through its descriptor whatever its name leads to by now. */
export class Folder implements Disposable {
  readonly #fd: number;
  /** When it was made (milliseconds); 0 for a directory that a walk begins with. */
  readonly madeAt: number;

  constructor(path: string | Buffer, flags: number, madeAt = 0) {
    this.#fd = openSync(path, flags);
    this.madeAt = madeAt;
  }

  /** A path to this very folder. */
  get self(): string {
    return `/proc/self/fd/${this.#fd}`;
  }

  at(name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${this.self}/`), name]);
  }

  /** Gives its owner all rights to it; false when it is not ours. */
  giveBack(): boolean {
    const mode = fstatSync(this.#fd).mode & 0o7777;
    if ((mode & 0o700) === 0o700) return true;
    try {
      chmodSync(this.self, mode | 0o700);
      return true;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

class Walk {
  readonly #top: Folder;
  readonly #trouble: Trouble;
  readonly #visitor: Visitor;
  readonly #enough: () => boolean;
  /** Prefix of folders that were too deep and are now at the top; a number follows. */
  readonly #movedName = `too-deep-${randomBytes(4).toString("hex")}-`;
  #moved = 0;
  #steps = 0;

  constructor(top: Folder, trouble: Trouble, visitor: Visitor, enough: () => boolean) {
    this.#top = top;
    this.#trouble = trouble;
    this.#visitor = visitor;
    this.#enough = enough;
  }

  *run(): Generator<void> {
    yield* this.#folder(this.#top, 0);
    for (let number = 0; number < this.#moved && !this.#enough(); number++) {
      yield* this.#entry(this.#top, Buffer.from(this.#movedName + number), 0);
    }
  }

  *#folder(folder: Folder, depth: number): Generator<void> {
    // The types allow only text encodings, but names that are not UTF-8 need bytes.
    const options = { encoding: "buffer" as BufferEncoding, bufferSize: 256 };
    const entries = this.#insist(folder, () => opendirSync(folder.self, options));
    if (!entries) return;
    try {
      for (let entry = entries.readSync(); entry; entry = entries.readSync()) {
        if (this.#enough()) return;
        const name = entry.name as unknown as Buffer;
        if (depth > 0 || !name.toString("latin1").startsWith(this.#movedName)) yield* this.#entry(folder, name, depth);
      }
    } catch (error) {
      note(error, this.#trouble);
    } finally {
      entries.closeSync();
    }
  }

  *#entry(folder: Folder, name: Buffer, depth: number): Generator<void> {
    if (++this.#steps % slice === 0) yield;
    const stats = this.#insist(folder, () => lstatSync(folder.at(name)));
    if (!stats) return;
    this.#visitor.visit?.(folder, name, stats);
    if (!stats.isDirectory()) return;
    using child = this.#insist(folder, () => new Folder(folder.at(name), folderFlags, stats.birthtimeMs));
    if (!child) return;
    if (depth < maxDepth) yield* this.#folder(child, depth + 1);
    else this.#moveUp(folder, name, child);
    this.#visitor.leave?.(folder, name, stats);
  }

  #moveUp(folder: Folder, name: Buffer, child: Folder): void {
    const target = this.#top.at(Buffer.from(this.#movedName + this.#moved));
    // A folder must be writable to be moved, for its "..".
    this.#insist(child, () => {
      for (const each of [folder, this.#top, child]) each.giveBack();
      renameSync(folder.at(name), target);
      this.#moved++;
    });
  }

  /**
   * Does something in a folder, which is opened first if it is closed. Undefined when it can't be done, which is noted.
   */
  #insist<T>(folder: Folder, action: () => T): T | undefined {
    for (let tries = 1; ; tries++) {
      try {
        return action();
      } catch (error) {
        if (systemCode(error) === "EACCES") {
          if (tries < maxTries && folder.giveBack()) continue;
          if (tries >= maxTries) this.#trouble.evaded = true;
        }
        note(error, this.#trouble);
        return undefined;
      }
    }
  }
}

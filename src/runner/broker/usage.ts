/**
 * Theory of operation: what is counted belongs to a program that is running, with the same user id as the broker. It may swap any
 * name for a link, close its folders to readers (chmod) or make them deeper than a path can be. So each folder is opened by
 * its name in the folder before it, not following links, and used through that descriptor; a closed folder is opened again;
 * folders that are too deep are moved to the top. What still can't be counted is reported, so that it counts as too much.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, lstat, open, opendir, rename, type FileHandle } from "node:fs/promises";
import { systemCode } from "../../base/errors.ts";

/** Linux's O_PATH, which node:fs does not name: a reference to a folder, which needs no rights to it. */
const O_PATH = 0x200000;
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Each folder on the way down takes two descriptors. */
const deepest = 100;

/** What an entry costs beside its content: an inode and a name. Without it, empty files would be free. */
const entryBytes = 512;

/** Milliseconds by which the times of files may be behind Date.now(): the kernel takes them from its last tick, 1 to 10 ms ago. */
const clockLag = 12;

/** How often a closed folder is opened again before somebody is taken to close it on purpose. */
const mostTries = 5;

export interface Usage {
  /** Of each entry the larger of its size and what it takes on disk, and something for its name. */
  readonly bytes: number;
  readonly entries: number;
  /** Those of them that were made since the moment that was given. */
  readonly newBytes: number;
  readonly newEntries: number;
  /** Something could not be counted. */
  readonly unread: boolean;
  /** A folder was closed as often as it was opened. */
  readonly evaded: boolean;
}

/**
 * Counts what is below some directories, which may be missing. `since` is a time in ms (Date.now). The walk ends early when
 * `enough` says so. A tree that changes meanwhile makes the sums wrong, and nothing else.
 */
export async function measureUsage(directories: readonly string[], since: number, enough: (found: Usage) => boolean): Promise<Usage> {
  const count: Count = { bytes: 0, entries: 0, newBytes: 0, newEntries: 0, unread: false, evaded: false };
  for (const directory of directories) {
    try {
      await using top = await open(directory, constants.O_DIRECTORY | O_PATH);
      await new Walk(top, since, count, enough).run();
    } catch (error) {
      note(error, count);
    }
  }
  return count;
}

type Count = { -readonly [Key in keyof Usage]: Usage[Key] };

/** What is gone is not used any more; everything else that goes wrong leaves something uncounted. */
function note(error: unknown, count: Count): void {
  const code = systemCode(error);
  if (code === undefined) throw error;
  if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "ELOOP") count.unread = true;
}

class Walk {
  readonly #top: FileHandle;
  readonly #since: number;
  readonly #count: Count;
  readonly #enough: (found: Usage) => boolean;
  /** Folders that were too deep are now at the top, named this and a number. */
  readonly #movedName = `too-deep-${randomBytes(4).toString("hex")}-`;
  #moved = 0;

  constructor(top: FileHandle, since: number, count: Count, enough: (found: Usage) => boolean) {
    this.#top = top;
    this.#since = since - clockLag;
    this.#count = count;
    this.#enough = enough;
  }

  async run(): Promise<void> {
    await this.#visit(this.#top, 0);
    for (let number = 0; number < this.#moved && !this.#enough(this.#count); number++) {
      await this.#entry(this.#top, Buffer.from(this.#movedName + number), 0);
    }
  }

  async #visit(folder: FileHandle, depth: number): Promise<void> {
    // The types know only text encodings, but names that are not UTF-8 need bytes.
    const options = { encoding: "buffer" as BufferEncoding, bufferSize: 256 };
    const entries = await this.#insist(folder, () => opendir(self(folder), options));
    if (!entries) return;
    try {
      for await (const entry of entries) {
        if (this.#enough(this.#count)) return;
        const name = entry.name as unknown as Buffer;
        if (depth > 0 || !name.toString("latin1").startsWith(this.#movedName)) await this.#entry(folder, name, depth);
      }
    } catch (error) {
      note(error, this.#count);
    }
  }

  async #entry(folder: FileHandle, name: Buffer, depth: number): Promise<void> {
    const stats = await this.#insist(folder, () => lstat(at(folder, name)));
    if (!stats) return;
    const count = this.#count;
    const bytes = Math.max(stats.size, stats.blocks * 512) + entryBytes;
    count.entries++;
    count.bytes += bytes;
    // Where the file system does not know when a file was made, a changed one counts as new.
    const made = stats.birthtimeMs > 0 || stats.isDirectory() ? stats.birthtimeMs : stats.ctimeMs;
    if (made >= this.#since) {
      count.newEntries++;
      count.newBytes += bytes;
    }
    if (!stats.isDirectory()) return;
    await using child = await this.#insist(folder, () => open(at(folder, name), folderFlags));
    if (!child) return;
    if (depth < deepest) await this.#visit(child, depth + 1);
    else await this.#moveUp(folder, name, child);
  }

  async #moveUp(folder: FileHandle, name: Buffer, child: FileHandle): Promise<void> {
    const target = at(this.#top, Buffer.from(this.#movedName + this.#moved));
    // A folder that moves to another needs to be writable itself, for its "..".
    await this.#insist(child, async () => {
      for (const each of [folder, this.#top, child]) await giveBack(each);
      await rename(at(folder, name), target);
      this.#moved++;
    });
  }

  /** Does something in a folder, which is opened if it is closed to us. Undefined when it can't be done, which is noted. */
  async #insist<T>(folder: FileHandle, action: () => Promise<T>): Promise<T | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        return await action();
      } catch (error) {
        if (systemCode(error) === "EACCES") {
          if (tries < mostTries && (await giveBack(folder))) continue;
          if (tries >= mostTries) this.#count.evaded = true;
        }
        note(error, this.#count);
        return undefined;
      }
    }
  }
}

/** Gives a folder's owner all rights to it. False when it is not ours. */
async function giveBack(folder: FileHandle): Promise<boolean> {
  const mode = (await folder.stat()).mode & 0o7777;
  if ((mode & 0o700) === 0o700) return true;
  return await chmod(self(folder), mode | 0o700).then(
    () => true,
    () => false,
  );
}

/** A path to the very folder that is open, whatever its name leads to by now. */
function self(folder: FileHandle): string {
  return `/proc/self/fd/${folder.fd}`;
}

function at(folder: FileHandle, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${self(folder)}/`), name]);
}

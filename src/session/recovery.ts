/**
 * Theory of operation: unsaved text must survive a broken connection, a drained server, a killed one and a power cut.
 * While a document is modified its text is added to DIR/recovery/<user>/<session>-<hash of path>.jsonl, every 0.75 s at
 * most, outside the workspace (a student's program cannot reach it): one write to an open file, since a hundred people
 * who type cause a hundred a second. Every 5 seconds a new file with the text alone, brought to the disk, replaces it:
 * that bounds its size and what a power cut costs. The last line that is whole counts. Saving or discarding the changes
 * deletes the file. The next session of the same student takes over what sessions that are no longer live have left.
 * What can't be read is never deleted: a file without a whole line goes to <user>/damaged, half a temporary file to
 * <user>/trash, and one that the disk does not give stays where it is.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, stat, statfs, unlink, type FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { DiskRoom } from "../base/disk-room.ts";
import { systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";

/** Folders in a person's directory: for unreadable files, and for files that are deleted after a while. */
export const damagedFolder = "damaged";
export const trashFolder = "trash";

/** Milliseconds between two writes that reach the disk. */
const safeMs = 5000;
/** Age in milliseconds from which a temporary file was left by a killed process; a write takes a few. */
const leftoverAgeMs = 60_000;
/** Most bytes of a file that no new one can replace. */
const maxBytes = 16 << 20;
/** Most files that a session keeps open: people type in one document, rarely in two at a time. */
const maxOpen = 2;

/**
 * Types of file systems (statfs(2), linux/magic.h) where other machines see what was written only when the file is
 * closed: NFS, Ceph, SMB and FUSE.
 */
const networkTypes: ReadonlySet<number> = new Set([0x6969, 0x00c36400, 0xff534d42, 0xfe534d42, 0x65735546]);

/** A document's unsaved text, and what is needed to tell whether the file has changed meanwhile. */
export interface RecoveryEntry {
  readonly path: string;
  readonly text: string;
  /** The stamp of the file that the text is based on; undefined when there was no file. */
  readonly stamp: string | undefined;
  /** When it was kept, as ISO 8601. */
  readonly at: string;
}

interface OpenFile {
  readonly handle: FileHandle;
  /** When the next file is due, on the monotonic clock. */
  readonly until: number;
}

/** Where texts are kept, and what helps when the disk is full. */
export interface RecoveryOptions {
  /** DIR/recovery. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The reserve of the disk, given up when a text could not be kept otherwise. */
  readonly room?: DiskRoom | undefined;
  /** The type of a directory's file system (statfs(2)); replaced in tests. */
  readonly fileSystemType?: (directory: string) => Promise<number>;
}

const realType = async (directory: string): Promise<number> => (await statfs(directory)).type;

/**
 * The texts that one session keeps. Files of other sessions are only taken over through `Recovery.claim`. Disposing
 * closes the files.
 */
export class SessionRecovery implements AsyncDisposable {
  readonly #options: RecoveryOptions;
  readonly #directory: string;
  readonly #session: string;
  /** Writes of one session follow each other, so an older text never replaces a newer one. */
  #last: Promise<void> = Promise.resolve();
  #created = false;
  /** Whether files may stay open for appending. */
  #adds = false;
  #closed = false;
  /** Open files by path, the oldest first. */
  readonly #open = new Map<string, OpenFile>();

  /** `directory` is created when it is needed. */
  constructor(options: RecoveryOptions, directory: string, session: string) {
    this.#options = options;
    this.#directory = directory;
    this.#session = session;
  }

  /** Keeps a document's text. Resolves when the system has it, and from time to time only when the disk has it. */
  keep(entry: RecoveryEntry): Promise<void> {
    const { room } = this.#options;
    return this.#enqueue(() => (room ? room.withReserve(() => this.#keep(entry)) : this.#keep(entry)));
  }

  /** Deletes a document's text: it was saved, or its changes were given up on purpose. */
  forget(path: string): Promise<void> {
    return this.#enqueue(async () => {
      await this.#close(path);
      if (this.#created) await removeIfThere(this.#file(path));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#enqueue(async () => {
      this.#closed = true;
      // All at once: one that fails does not keep the others open.
      await Promise.all(Array.from(this.#open.keys(), (path) => this.#close(path)));
    });
  }

  async #keep(entry: RecoveryEntry): Promise<void> {
    if (!this.#created) await this.#create();
    const line = `${JSON.stringify(entry)}\n`;
    const file = this.#open.get(entry.path);
    if (file && this.#options.clock.monotonic() < file.until) await this.#add(entry.path, file, line);
    else
      await this.#begin(entry.path, line).catch((error: unknown) =>
        this.#addWithoutRoom(entry.path, file, line, error),
      );
  }

  /** Inodes can run out before blocks do: then the open file takes one more text. Otherwise rethrows. */
  async #addWithoutRoom(path: string, file: OpenFile | undefined, line: string, error: unknown): Promise<void> {
    if (!file || systemCode(error) !== "ENOSPC" || (await file.handle.stat()).size > maxBytes) throw error;
    await this.#add(path, file, line);
    await file.handle.datasync();
  }

  async #create(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    this.#adds = !networkTypes.has(await (this.#options.fileSystemType ?? realType)(this.#directory));
    this.#created = true;
  }

  async #add(path: string, { handle }: OpenFile, line: string): Promise<void> {
    try {
      await handle.appendFile(line);
    } catch (error) {
      // Half a line may be there, so the next text begins a new file.
      await this.#close(path);
      throw error;
    }
  }

  /** Replaces the file with a new one, in one step. */
  async #begin(path: string, line: string): Promise<void> {
    const temporary = `${this.#file(path)}.${randomBytes(4).toString("hex")}.tmp`;
    // A class begins to type at the same time: a shorter life of the first file keeps later writes from coinciding.
    const life = this.#open.has(path) ? safeMs : safeMs * Math.random();
    const until = this.#options.clock.monotonic() + life;
    const handle = await open(temporary, "wx", 0o600);
    let keepsOpen = false;
    try {
      await handle.appendFile(line);
      await handle.datasync();
      await rename(temporary, this.#file(path));
      keepsOpen = this.#adds && !this.#closed;
    } catch (error) {
      await removeIfThere(temporary);
      throw error;
    } finally {
      if (!keepsOpen) await handle.close();
    }
    const before = this.#open.get(path);
    this.#open.delete(path);
    if (keepsOpen) this.#open.set(path, { handle, until });
    await before?.handle.close();
    const [oldest] = this.#open.keys();
    if (this.#open.size > maxOpen && oldest !== undefined) await this.#close(oldest);
  }

  async #close(path: string): Promise<void> {
    const file = this.#open.get(path);
    this.#open.delete(path);
    await file?.handle.close();
  }

  #file(path: string): string {
    const hash = createHash("sha256").update(path).digest("hex").slice(0, 24);
    return join(this.#directory, `${this.#session}-${hash}.jsonl`);
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const next = this.#last.then(work);
    // The caller handles this write's failure; the next write starts all the same.
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/** All recovery files of a server. */
export class Recovery {
  readonly #options: RecoveryOptions;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** The texts of one session; the caller disposes it. */
  forSession(username: string, session: string): SessionRecovery {
    return new SessionRecovery(this.#options, this.directoryOf(username), session);
  }

  /** The directory of an account's unsaved texts. */
  directoryOf(username: string): string {
    return join(this.#options.directory, username);
  }

  /**
   * Takes over what sessions that are no longer live have left. When two sessions claim at once, each entry goes to one
   * of them, because the rename that takes it succeeds only once. `release` deletes the claimed files, after the caller
   * has made the texts safe elsewhere.
   */
  async claim(username: string, isLive: (session: string) => boolean, claimer: string): Promise<RecoveredTexts> {
    const directory = this.directoryOf(username);
    const found: Claimed[] = [];
    const unreadable: string[] = [];
    for (const name of await listIfThere(directory)) {
      if (isLive(name.slice(0, name.indexOf("-"))) || !/\.(?:jsonl?|tmp)$/.test(name)) continue; // earlier versions wrote one line, into .json
      try {
        const claimed = await this.#take(directory, name, claimer);
        if (claimed === "damaged") unreadable.push(join(username, damagedFolder, name));
        else if (claimed) found.push({ ...claimed, entry: atHomeOf(username, claimed.entry) });
      } catch (error) {
        // One file that the disk can't read must not keep the others from their owner.
        this.#options.log.error("recovery file can't be read", { user: username, name, error });
        unreadable.push(join(username, name));
      }
    }
    return new RecoveredTexts(found, unreadable);
  }

  /** Takes one file; undefined when another session took it, when it is too young, and for half a temporary file. */
  async #take(directory: string, name: string, claimer: string): Promise<Claimed | "damaged" | undefined> {
    const file = join(directory, name);
    const isTemporary = name.endsWith(".tmp");
    if (isTemporary && !(await isLeftover(file))) return undefined;
    const [owner, rest] = split(name, "-");
    const origin = /\.from-([^.]+)\./.exec(rest)?.[1] ?? owner;
    const stem = rest.replace(/\..*$/, "");
    const claimed = join(directory, `${claimer}-${stem}.from-${origin}.${randomBytes(4).toString("hex")}.jsonl`);
    try {
      await rename(file, claimed);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined; // another session was faster
      throw error;
    }
    const text = await readFile(claimed, "utf8");
    const entry = newest(text);
    if (entry) return { entry, origin, file: claimed };
    if (text === "") return await removeIfThere(claimed).then(() => undefined);
    await setAside(claimed, join(directory, isTemporary ? trashFolder : damagedFolder), name);
    if (isTemporary) return undefined; // what it was to replace is whole
    this.#options.log.warn("recovery file is damaged; it is set aside", { user: basename(directory), name });
    return "damaged";
  }
}

/** The path of a text in its owner's home, which may have moved since: an account may have been renamed. */
function atHomeOf(username: string, entry: RecoveryEntry): RecoveryEntry {
  return { ...entry, path: entry.path.replace(/^\/home\/[^/]+/, `/home/${username}`) };
}

/** A file that was taken over, and the session that wrote it. */
interface Claimed {
  readonly entry: RecoveryEntry;
  readonly origin: string;
  readonly file: string;
}

/** The texts that were taken over. */
export class RecoveredTexts {
  /**
   * Each text once, the newest of a path first. Only the newest text that one session wrote for a path: earlier ones
   * are part of it.
   */
  readonly entries: readonly RecoveryEntry[];
  /** Unreadable files, as paths below DIR/recovery. They are kept. */
  readonly unreadable: readonly string[];
  readonly #files: readonly Claimed[];

  constructor(files: readonly Claimed[], unreadable: readonly string[]) {
    const byAge = files.toSorted((one, other) =>
      one.entry.at < other.entry.at ? 1 : one.entry.at > other.entry.at ? -1 : 0,
    );
    const kept: Claimed[] = [];
    for (const { entry, origin, file } of byAge) {
      const ofPath = kept.filter((other) => other.entry.path === entry.path);
      if (!ofPath.some((other) => other.origin === origin || other.entry.text === entry.text))
        kept.push({ entry, origin, file });
    }
    this.entries = kept.map(({ entry }) => entry);
    this.unreadable = unreadable;
    this.#files = files;
  }

  /** Deletes what was taken over, except for the texts in `except`, which stay for the next session. */
  async release(except: ReadonlySet<RecoveryEntry> = new Set()): Promise<void> {
    const paths = new Set([...except].map(({ path }) => path));
    for (const { entry, file } of this.#files) if (!paths.has(entry.path)) await removeIfThere(file);
  }
}

function split(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at);
  return [text.slice(0, index), text.slice(index + 1)];
}

async function setAside(file: string, folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rename(file, join(folder, name));
}

/** The last complete line: a kill, a full disk or a power cut leave half a line, or zeros. */
function newest(lines: string): RecoveryEntry | undefined {
  for (let end = lines.length; end > 0;) {
    const start = lines.lastIndexOf("\n", end - 1) + 1;
    const entry = parse(lines.slice(start, end));
    if (entry) return entry;
    end = start - 1;
  }
  return undefined;
}

function parse(text: string): RecoveryEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { path, text: body, stamp, at } = value as Record<string, unknown>;
  if (typeof path !== "string" || typeof body !== "string" || typeof at !== "string") return undefined;
  return { path, text: body, at, stamp: typeof stamp === "string" ? stamp : undefined };
}

async function listIfThere(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** Whether the writer of a temporary file has certainly given up. */
async function isLeftover(file: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(file);
    return Date.now() - mtimeMs > leftoverAgeMs;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function removeIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/**
 * Theory of operation: unsaved text must survive a broken connection, a drained server, a killed one and a power cut. While a
 * document is modified its text is written to DIR/recovery/<user>/<session>-<hash of path>-*.json, every 0.75 s at most, outside the
 * workspace (a student's program cannot reach it). Each write replaces one of two files: mostly "recent", which survives
 * whatever happens to the server, and "safe" every 5 seconds, which is brought to the disk: doing that each time for everybody
 * who types cost a tenth of the server's time. Saving or discarding the changes deletes both. The next session of the same
 * student, whose id no live session has, takes over the newest text that is whole, and removes what a kill left of a write.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";

/** Texts are brought to the disk this often. */
const safeMilliseconds = 5000;
/** A write takes milliseconds; a temporary file that is older, milliseconds, was left by a process that was killed. */
const leftoverAge = 60_000;

/** One document's unsaved text, and what is needed to tell whether the file has changed meanwhile. */
export interface RecoveryEntry {
  readonly path: string;
  readonly text: string;
  /** The stamp of the file that the text was based on; undefined for a file that did not exist. */
  readonly stamp: string | undefined;
  /** ISO 8601. */
  readonly at: string;
}

/** What one session keeps; files of other sessions are only taken over through `Recovery.claim`. */
export class SessionRecovery {
  readonly #directory: string;
  readonly #session: string;
  /** Writes of one session follow each other, so that an older text never replaces a newer one. */
  #last: Promise<void> = Promise.resolve();
  #created = false;
  /** When each path's text was brought to the disk last, on the monotonic clock. */
  readonly #safe = new Map<string, number>();

  constructor(directory: string, session: string) {
    this.#directory = directory;
    this.#session = session;
  }

  /** Keeps a document's text; resolves when the system has it, now and then only when the disk has it. */
  keep(entry: RecoveryEntry): Promise<void> {
    return this.#enqueue(async () => {
      if (!this.#created) await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      this.#created = true;
      const now = performance.now();
      const safe = now - (this.#safe.get(entry.path) ?? -Infinity) >= safeMilliseconds;
      const file = this.#file(entry.path, safe ? "safe" : "recent");
      const temporary = `${file}.${randomBytes(4).toString("hex")}.tmp`;
      const handle: FileHandle = await open(temporary, "wx", 0o600);
      try {
        await handle.writeFile(JSON.stringify(entry));
        if (safe) await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
      if (safe) this.#safe.set(entry.path, now);
    });
  }

  /** Forgets a document: it was saved, or its changes were given up on purpose. */
  forget(path: string): Promise<void> {
    return this.#enqueue(async () => {
      this.#safe.delete(path);
      if (!this.#created) return;
      // The newer one last: it is what was saved, should we be killed in between.
      await removeIfThere(this.#file(path, "safe"));
      await removeIfThere(this.#file(path, "recent"));
    });
  }

  #file(path: string, which: "recent" | "safe"): string {
    const hash = createHash("sha256").update(path).digest("hex").slice(0, 24);
    return join(this.#directory, `${this.#session}-${hash}-${which}.json`);
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
  readonly #directory: string;
  readonly #log: Log;

  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  forSession(username: string, session: string): SessionRecovery {
    return new SessionRecovery(this.directoryOf(username), session);
  }

  /** Where an account's unsaved texts are. */
  directoryOf(username: string): string {
    return join(this.#directory, username);
  }

  /**
   * Takes what sessions that are no longer live left behind: newest text for each path. Of two sessions that claim at once one
   * gets each entry, since the rename that takes it can succeed only once. `release` deletes the claimed files, after the
   * caller has made the texts safe elsewhere.
   */
  async claim(username: string, isLive: (session: string) => boolean, claimer: string): Promise<Claim> {
    const directory = this.directoryOf(username);
    const entries = new Map<string, RecoveryEntry>();
    const files: string[] = [];
    for (const name of await listIfThere(directory)) {
      const owner = name.slice(0, name.indexOf("-"));
      if (isLive(owner)) continue;
      if (name.endsWith(".tmp")) await removeIfOld(join(directory, name));
      if (!name.endsWith(".json")) continue;
      const claimed = join(directory, `${claimer}-${name.slice(name.indexOf("-") + 1)}.${randomBytes(4).toString("hex")}.json`);
      try {
        await rename(join(directory, name), claimed);
      } catch (error) {
        if (systemCode(error) === "ENOENT") continue; // another session was faster
        throw error;
      }
      files.push(claimed);
      const entry = parse(await readFile(claimed, "utf8"));
      if (!entry) {
        this.#log.warn("recovery file is damaged", { user: username, name });
        continue;
      }
      const known = entries.get(entry.path);
      if (!known || known.at < entry.at) entries.set(entry.path, entry);
    }
    return {
      entries: [...entries.values()],
      release: async () => {
        for (const file of files) await removeIfThere(file);
      },
    };
  }
}

export interface Claim {
  readonly entries: readonly RecoveryEntry[];
  release(): Promise<void>;
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

async function removeIfOld(file: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > leftoverAge) await unlink(file);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

async function removeIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/**
 * Theory of operation: Node.js has no flock(2), and pid files can lie after a crash. But a kernel lock belongs to an
 * open file, not to the process that asked for it: util-linux's flock gets the descriptor of our file, locks it and
 * exits, and the lock lasts as long as we keep the file open, until we release it or die, however that happens. No
 * child has to stay alive for it, and none inherits it.
 *
 * The lock is on a file, but people know a path: somebody could remove the file, and the next server would lock another
 * one. So the path is checked regularly, as PostgreSQL checks its postmaster.pid. What is there by then is locked as
 * well, and if another process holds that, our lock is lost.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, stat, type FileHandle } from "node:fs/promises";
import type { Clock } from "./clock.ts";
import { logBug } from "./error-report.ts";
import { systemCode } from "./errors.ts";
import type { Log } from "./log.ts";
import { Scope } from "./scope.ts";

export interface LockFileOptions {
  /** Called once when another process has taken the lock: whoever relies on it must stop. */
  readonly onLost: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A held lock on a file; disposing releases it. */
export interface FileLock extends AsyncDisposable {
  /** Whether another process has it now. */
  readonly lost: boolean;
}

const checkMs = 15_000;
/** Checks in a row that find the file locked by another process before ours counts as lost. */
const conflictsOfLoss = 2;
const conflict = 75;

/** An exclusive lock on a file; undefined when another process holds it. Rejects when flock can't be run. */
export async function lockFile(file: string, options: LockFileOptions): Promise<FileLock | undefined> {
  const held = await lockPath(file);
  return held && new HeldFile(file, held, options);
}

class HeldFile implements FileLock {
  readonly #file: string;
  readonly #options: LockFileOptions;
  readonly #scope = new Scope("lock file");
  #handle: FileHandle;
  #lost = false;
  #conflicts = 0;
  #checking: Promise<void> | undefined;

  constructor(file: string, handle: FileHandle, options: LockFileOptions) {
    this.#file = file;
    this.#handle = handle;
    this.#options = options;
    this.#scope.own(options.clock.every(checkMs, () => this.#check()));
  }

  get lost(): boolean {
    return this.#lost;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.#checking;
    await this.#handle.close();
  }

  #check(): void {
    this.#checking ??= this.#compare()
      // A directory that can't be read for a moment does not mean that the lock is lost.
      .catch((error: unknown) => logBug(error, this.#options.log, { file: this.#file }))
      .finally(() => (this.#checking = undefined));
  }

  async #compare(): Promise<void> {
    if (this.#lost || (await leadsTo(this.#file, this.#handle))) return;
    const { log, onLost } = this.#options;
    log.warn("the lock file was removed or replaced; taking it again", { file: this.#file });
    const next = await lockPath(this.#file);
    if (next) {
      await this.#handle.close();
      this.#handle = next;
      this.#conflicts = 0;
      return;
    }
    // A process that only tries for the lock, and stops for another reason, holds it for a moment.
    this.#conflicts += 1;
    if (this.#conflicts < conflictsOfLoss) return;
    this.#lost = true;
    log.error("somebody else has the lock file", { file: this.#file });
    onLost();
  }
}

async function leadsTo(path: string, handle: FileHandle): Promise<boolean> {
  const own = await handle.stat();
  try {
    const there = await stat(path);
    return there.ino === own.ino && there.dev === own.dev;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** The file at a path, open and locked; undefined when another process has locked it. */
async function lockPath(path: string): Promise<FileHandle | undefined> {
  for (;;) {
    const handle = await open(path, "a", 0o600);
    let keeps = false;
    try {
      if (!(await lock(handle, path))) return undefined;
      // It may have been removed between opening and locking: then the lock is on a file that nobody else will find.
      keeps = await leadsTo(path, handle);
      if (keeps) return handle;
    } finally {
      if (!keeps) await handle.close();
    }
  }
}

async function lock(handle: FileHandle, path: string): Promise<boolean> {
  const child = spawn("flock", ["--nonblock", "--conflict-exit-code", String(conflict), "3"], {
    stdio: ["ignore", "ignore", "ignore", handle.fd],
  });
  const [status] = (await once(child, "exit")) as [number | null];
  if (status === 0) return true;
  if (status === conflict) return false;
  throw new Error(`flock ${path} ended with status ${status}`);
}

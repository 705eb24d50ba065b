/**
 * Theory of operation: lines wait in a bounded queue and are written in batches, off the event loop. Whatever fails (a
 * full disk, a folder that may not be written, a file that was moved away, standard error without a reader) is tried
 * again with growing pauses, on a newly opened file. Lines that do not fit into the queue meanwhile are counted, and
 * the next line written says how many were lost and why. winston's own transports stop for good at the first error, or
 * loop.
 */
import { write } from "node:fs";
import { open, rename, stat, type FileHandle } from "node:fs/promises";
import { extname } from "node:path";
import { promisify } from "node:util";
import type { Clock } from "./clock.ts";
import { systemCode } from "./errors.ts";

/** State of a log, for `doctor` and `metrics`. */
export interface LogHealth {
  /** Lines lost since the start of the process. */
  readonly lost: number;
  /** Why nothing can be written at present; undefined while all is well. */
  readonly failing: string | undefined;
}

/** Where lines go. `write` rejects when not all of them could be written. */
export interface LogTarget {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** What a `LogWriter` works with. */
export interface LogWriterOptions {
  readonly target: LogTarget;
  readonly clock: Clock;
  /** Makes the line that reports a loss. */
  readonly lossLine: (loss: { readonly lost: number; readonly why: string }) => string;
  /** Called at the first failure after a success. */
  readonly onFailing?: (why: string) => void;
  /** Called when the writer itself has a bug: nothing will be written any more. */
  readonly onBroken?: (error: unknown) => void;
}

/** Characters that may wait. */
const maxWaiting = 2 << 20;
const firstPauseMs = 250;
const maxPauseMs = 30_000;
/** How long `flush` waits for what can't be written. */
const flushMs = 2000;

/** A queue of lines in front of a target. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  #lines: string[] = [];
  #characters = 0;
  #lost = 0;
  /** The part of `lost` that no line has reported yet. */
  #untold = 0;
  #failing: string | undefined;
  #broken = false;
  #running = false;
  #writing: Promise<void> = Promise.resolve();
  #rest: { readonly timer: Disposable; readonly wake: () => void } | undefined;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  get health(): LogHealth {
    return { lost: this.#lost, failing: this.#failing };
  }

  /** Adds a line, without its end. Never throws and never waits. */
  add(line: string): void {
    if (this.#characters + line.length > maxWaiting) {
      this.#lost += 1;
      this.#untold += 1;
      return;
    }
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#broken) return;
    if (!this.#running) this.#writing = this.#run().catch((error: unknown) => this.#break(error));
  }

  /** Resolves when everything is written and the target is closed (it opens again), or after two seconds. */
  async flush(): Promise<void> {
    this.#rest?.wake();
    let timer: Disposable | undefined;
    const late = new Promise<void>((resolve) => (timer = this.#options.clock.after(flushMs, resolve)));
    await Promise.race([this.#writing.then(() => (this.#running ? undefined : this.#options.target.close())), late]);
    timer?.[Symbol.dispose]();
  }

  #break(error: unknown): void {
    this.#broken = true;
    this.#failing = String(error);
    this.#options.onBroken?.(error);
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let pause = firstPauseMs; this.#lines.length > 0;) {
      const lines = this.#lines;
      const untold = this.#untold;
      this.#lines = [];
      const loss =
        untold > 0 ? [this.#options.lossLine({ lost: untold, why: this.#failing ?? "too many lines at once" })] : [];
      try {
        await this.#options.target.write([...loss, ...lines, ""].join("\n"));
        this.#characters -= lengthOf(lines);
        this.#untold -= untold;
        this.#failing = undefined;
        pause = firstPauseMs;
      } catch (error) {
        // The oldest come first again; a line that was already written may appear twice.
        this.#lines = [...lines, ...this.#lines];
        this.#fail(error);
        await this.#sleep(pause);
        pause = Math.min(pause * 2, maxPauseMs);
      }
    }
    this.#running = false; // at once, so that no line comes between the last check and this
  }

  #fail(error: unknown): void {
    const before = this.#failing;
    this.#failing = systemCode(error) ?? String(error);
    if (before === undefined) this.#options.onFailing?.(this.#failing);
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((wake) => (this.#rest = { timer: this.#options.clock.after(ms, wake), wake }));
    this.#rest?.timer[Symbol.dispose]();
    this.#rest = undefined;
  }
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, { length }) => sum + length, 0);
}

/** Size at which a file is rotated. */
const maxBytes = 10 << 20;
/** Files kept, including the current one: classh.log, classh1.log and so on, newest first. */
const filesKept = 5;

/** A file, opened when needed, opened again after a failure or when it was moved away, and rotated when it is large. */
export class LogFile implements LogTarget {
  readonly #path: string;
  readonly #limit: number;
  #handle: FileHandle | undefined;
  #bytes = 0;

  constructor(path: string, limit = maxBytes) {
    this.#path = path;
    this.#limit = limit;
  }

  async write(text: string): Promise<void> {
    try {
      const handle = await this.#opened();
      await handle.appendFile(text);
      this.#bytes += Buffer.byteLength(text);
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.#bytes >= this.#limit) await this.#rotate();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    // The write has reported what could not be written.
    await handle?.close().catch(() => undefined);
  }

  async #opened(): Promise<FileHandle> {
    if (this.#handle && (await isStill(this.#handle, this.#path))) return this.#handle;
    await this.close();
    const handle = await open(this.#path, "a+", 0o600);
    this.#handle = handle;
    this.#bytes = (await handle.stat()).size;
    if (this.#bytes > 0 && !(await endsWithLine(handle, this.#bytes))) await handle.appendFile("\n");
    return handle;
  }

  /** Puts the file aside; one that can't be put aside is appended to. */
  async #rotate(): Promise<void> {
    const ending = extname(this.#path);
    const stem = this.#path.slice(0, this.#path.length - ending.length);
    const name = (number: number): string => `${stem}${number === 0 ? "" : number}${ending}`;
    try {
      for (let number = filesKept - 2; number >= 0; number--) {
        await rename(name(number), name(number + 1)).catch((error: unknown) => {
          if (systemCode(error) !== "ENOENT") throw error;
        });
      }
      await this.close();
    } catch {
      this.#bytes = 0; // said by the size of the file; tried again after as much
    }
  }
}

/** Whether a path still leads to this file: logrotate may have moved it, or somebody removed it. */
async function isStill(handle: FileHandle, path: string): Promise<boolean> {
  // Nothing there, or nothing that we may see: the file is opened anew, and that says what is wrong.
  const [own, there] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
  return there !== undefined && own.ino === there.ino && own.dev === there.dev;
}

/** Whether a file ends with a whole line: a full disk leaves half of one. */
async function endsWithLine(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 0 || buffer[0] === 0x0a;
}

const writeSome = promisify(write);

/** Standard error, bypassing Node.js's stream, which blocks the event loop while nobody reads. */
export class LogDescriptor implements LogTarget {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async write(text: string): Promise<void> {
    for (let rest = Buffer.from(text); rest.length > 0;) {
      const { bytesWritten } = await writeSome(this.#descriptor, rest);
      rest = rest.subarray(bytesWritten);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

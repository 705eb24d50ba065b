/**
 * A child on a terminal. Only fork and resize of node-pty are used: its Terminal class spins when a child does not read
 * (EAGAIN in a setImmediate loop), loses the last output of a child that exits while paused, and delays every exit by
 * 200 ms. We own the descriptor instead: writes are retried with a growing delay, and the end of output is found by
 * writing a mark into the slave side, which we hold open, and reading until it arrives.
 */
import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import * as nodePty from "node-pty";
import { systemCode } from "../../base/errors.ts";
import { endJail } from "./ending.ts";
import type { Child, ChildCommand, ChildEvents, InputIdentity } from "./child.ts";
import { yieldToServer } from "./priority.ts";

/** node-pty's native part; "not public API", so its version is pinned and test/runner/console.test.ts covers it. */
interface NativePty {
  fork(
    file: string,
    args: readonly string[],
    environment: readonly string[],
    directory: string,
    columns: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helper: string,
    onExit: (status: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string };
  resize(fd: number, columns: number, rows: number, width: number, height: number): void;
}

const pty = (nodePty as unknown as { readonly native: NativePty }).native;

/** Bytes written at once. A terminal takes 4 KiB of unread input; with smaller pieces, Ctrl-C is seen between them. */
const pieceBytes = 1024;
const firstRetryMs = 5;
const lastRetryMs = 100;

/** How long the last output may take to arrive after the exit, when a program has stopped the terminal (tcflow). */
const drainMs = 250;

/** Starts a child on a new terminal. */
export function startOnTerminal(
  command: ChildCommand,
  size: { columns: number; rows: number },
  events: ChildEvents,
): Child {
  return new TerminalChild(command, size, events);
}

class TerminalChild implements Child {
  readonly pid: number;
  readonly input: InputIdentity;
  readonly #events: ChildEvents;
  readonly #master: number;
  readonly #slave: number;
  readonly #reader: ReadStream;
  #alive = true;
  #queue: Buffer[] = [];
  #retry: NodeJS.Timeout | undefined;
  #retryMs = firstRetryMs;
  /** After the exit: the mark that ends the output, and what was read since. */
  #endMark: Buffer | undefined;
  #tail: Buffer = Buffer.alloc(0);
  #finish: (() => void) | undefined;

  constructor(command: ChildCommand, size: { columns: number; rows: number }, events: ChildEvents) {
    this.#events = events;
    const environment = Object.entries(command.environment).map(([name, value]) => `${name}=${value}`);
    const onExit = (status: number, signal: number): void => this.#exited(signal > 0 ? 128 + signal : status);
    const forked = pty.fork(
      command.file,
      command.args,
      environment,
      "/",
      size.columns,
      size.rows,
      -1,
      -1,
      true,
      "",
      onExit,
    );
    this.pid = forked.pid;
    yieldToServer(forked.pid);
    this.#master = forked.fd;
    this.#slave = openSync(forked.pty, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    const file = fstatSync(this.#slave);
    this.input = { device: file.dev, inode: file.ino, terminalDevice: file.rdev };
    this.#reader = new ReadStream(forked.fd);
    this.#reader.on("data", (data: Buffer) => this.#read(data));
    // With the slave side held open there is no EIO to expect; should one come, the exit follows.
    this.#reader.on("error", () => this.#finish?.());
  }

  write(data: Buffer): void {
    if (!this.#alive) return;
    for (let at = 0; at < data.length; at += pieceBytes) this.#queue.push(data.subarray(at, at + pieceBytes));
    if (!this.#retry) this.#writeOn();
  }

  /** Types Ctrl-D, which ends input on a terminal. */
  endInput(): void {
    this.write(Buffer.from([4]));
  }

  get alive(): boolean {
    return this.#alive;
  }

  get congested(): boolean {
    return this.#queue.length > 0;
  }

  dropInput(): number {
    const dropped = this.#queue.reduce((sum, piece) => sum + piece.length, 0);
    this.#queue = [];
    return dropped;
  }

  pause(): void {
    if (this.#alive) this.#reader.pause();
  }

  resume(): void {
    this.#reader.resume();
  }

  closeOutput(): void {
    // Whoever goes away from a terminal takes it along: then the whole jail is ended.
  }

  resize(columns: number, rows: number): void {
    if (this.#alive) pty.resize(this.#master, columns, rows, 0, 0);
  }

  kill(): void {
    endJail(this.pid, () => this.#alive);
  }

  #writeOn(): void {
    this.#retry = undefined;
    for (let piece = this.#queue[0]; piece; piece = this.#queue[0]) {
      const written = tryToWrite(this.#master, piece);
      if (written > 0) {
        this.#retryMs = firstRetryMs;
        this.#events.inputTaken(written);
        if (written === piece.length) this.#queue.shift();
        else this.#queue[0] = piece.subarray(written);
        continue;
      }
      this.#retry = setTimeout(() => this.#writeOn(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
      return;
    }
  }

  #read(data: Buffer): void {
    if (!this.#endMark) {
      this.#events.output("output", data);
      return;
    }
    this.#tail = Buffer.concat([this.#tail, data]);
    const end = this.#tail.indexOf(this.#endMark);
    // What may be the beginning of the mark is kept back; memory stays bounded whatever follows.
    const ready = end >= 0 ? end : Math.max(0, this.#tail.length - this.#endMark.length);
    if (ready > 0) this.#events.output("output", this.#tail.subarray(0, ready));
    this.#tail = this.#tail.subarray(ready);
    if (end >= 0) this.#finish?.();
  }

  #exited(status: number): void {
    this.#alive = false;
    this.#queue = [];
    if (this.#retry) clearTimeout(this.#retry);
    this.#endMark = Buffer.from(`\0${randomBytes(12).toString("hex")}\0`);
    const timers = [setTimeout(() => this.#finish?.(), drainMs)];
    this.#finish = () => {
      this.#finish = undefined;
      timers.forEach((timer) => clearTimeout(timer));
      this.#reader.destroy(); // closes the master side
      closeSync(this.#slave);
      this.#events.exit(status);
    };
    const mark = (): void => {
      // The terminal may be full of output: then the mark fits in once some has been read.
      if (this.#finish && this.#endMark && tryToWrite(this.#slave, this.#endMark) === 0)
        timers.push(setTimeout(mark, 2));
    };
    mark();
    this.#reader.resume();
  }
}

/**
 * Writes what fits; returns the bytes written, 0 when the other side has no room or is gone. The descriptors do not
 * block.
 */
function tryToWrite(fd: number, data: Buffer): number {
  try {
    return writeSync(fd, data);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EAGAIN" || code === "EIO") return 0;
    throw error;
  }
}

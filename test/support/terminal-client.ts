/** A real terminal for tests: a command (say `ssh`) under a pty, its output fed to an emulator. */
import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync, write } from "node:fs";
import { spawn, type IPty } from "node-pty";
import { Emulator, type CellView, type Condition, type CursorView } from "./emulator.ts";
import { keyBytes, mouseBytes, pasteBytes, type MouseAction } from "./keys.ts";
import { patience } from "./patience.ts";

export type { CellView, Condition, CursorView } from "./emulator.ts";

export interface TerminalClientOptions {
  /** 80 by default. */
  readonly columns?: number;
  /** 24 by default. */
  readonly rows?: number;
  /** Added to PATH, HOME, TERM=xterm-256color and LANG=C.UTF-8; the tests' own environment is not passed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** "#rrggbb": what the terminal answers when it is asked for its background's colour. It does not answer by default. */
  readonly background?: string;
  /** Default time limit of every wait, milliseconds; see patience.ts. */
  readonly timeLimit?: number;
}

/** Starts a command in a terminal of its own. Whoever opens it closes it, or uses `await using`. */
export function openTerminalClient(
  command: string,
  args: readonly string[],
  options: TerminalClientOptions = {},
): TerminalClient {
  return new TerminalClient(command, args, options);
}

export class TerminalClient implements AsyncDisposable {
  readonly #pty: IPty;
  readonly #emulator: Emulator;
  readonly #timeLimit: number;
  #ended = false;
  readonly #otherSide: OtherSide;
  #paused = false;
  #received = "";
  /** The command's exit status, once all its output is on the screen; 128 and the signal's number if one ended it. */
  readonly exited: Promise<number>;

  constructor(command: string, args: readonly string[], options: TerminalClientOptions) {
    const { columns = 80, rows = 24, timeLimit = patience * 1000 } = options;
    const defaults = {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: "/nonexistent",
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
    };
    const env = { ...defaults, ...options.env };
    this.#timeLimit = timeLimit;
    this.#pty = spawn(command, [...args], {
      name: env.TERM,
      cols: columns,
      rows,
      env,
      cwd: options.directory ?? "/",
      encoding: null,
    });
    this.#emulator = new Emulator(columns, rows, (reply) => this.#send(reply), options.background);
    this.#otherSide = new OtherSide(this.#pty, () => !this.#paused);
    this.#pty.onData((data) => {
      this.#emulator.write(data);
      this.#received = (this.#received + data).slice(-(1 << 16));
      this.#otherSide.read(data as unknown as Buffer);
    });
    this.exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#otherSide.release();
        resolve(this.#end(signal ? 128 + signal : exitCode));
      });
    });
  }

  /** Resolves as soon as the screen shows it; rejects, with a dump of the screen, when the time or the command is over. */
  wait(condition: Condition, { timeLimit = this.#timeLimit }: { timeLimit?: number } = {}): Promise<void> {
    return this.#emulator.wait(condition, this.#ended ? 1 : timeLimit);
  }

  /** The last 64 KiB that the command wrote, as it wrote them. */
  received(): string {
    return this.#received;
  }

  /** The rows that are seen, without spaces at their ends. */
  screen(): readonly string[] {
    return this.#emulator.screen();
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return this.#emulator.size;
  }

  cell(row: number, column: number): CellView {
    return this.#emulator.cell(row, column);
  }

  cursor(): CursorView {
    return this.#emulator.cursor();
  }

  title(): string {
    return this.#emulator.title;
  }

  /** True while the alternate screen is shown. */
  alternate(): boolean {
    return this.#emulator.alternate;
  }

  dump(): string {
    return this.#emulator.dump();
  }

  type(text: string): void {
    this.#send(text);
  }

  /** A paste, in brackets if the program asked for that. */
  paste(text: string): void {
    this.#send(pasteBytes(text, this.#emulator.modes.bracketedPasteMode));
  }

  /** "F5", "Ctrl-S", "Shift-F5", "Alt-Up", "Enter" ... as xterm sends them. */
  press(...keys: string[]): void {
    for (const key of keys) this.#send(keyBytes(key));
  }

  mouse(action: MouseAction, row: number, column: number): void {
    this.#send(mouseBytes(action, row, column));
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Stops and continues reading the command's output, as a stopped terminal does. */
  pause(): void {
    this.#paused = true;
    this.#pty.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#pty.resume();
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Ends the command if it still runs, first kindly, and waits for its end. */
  async close(): Promise<void> {
    if (!this.#ended) {
      this.#otherSide.release(); // the last output does not matter now, and node-pty waits 200 ms for the terminal's other side
      this.#pty.kill("SIGHUP");
      const timer = setTimeout(() => this.#pty.kill("SIGKILL"), 2000);
      await this.exited;
      clearTimeout(timer);
    }
    this.#emulator[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(status: number): Promise<number> {
    await this.#emulator.settled();
    this.#ended = true;
    this.#emulator.fail(`the command ended with status ${status}`);
    return status;
  }

  #send(data: string): void {
    if (!this.#ended) this.#pty.write(data);
  }
}

/**
 * The terminal's other side, held open until all output of a command that has ended is read. The kernel drops what nobody has read when
 * the last one closes it (13 of 40 runs lost their last lines), and node-pty stops reading 200 ms after the end (one of some hundred on
 * a busy machine). So node-pty's end of reading is put off until a mark has come that is written behind everything.
 */
class OtherSide {
  readonly #descriptor: number;
  readonly #mark = `\x1b_${randomBytes(8).toString("hex")}\x1b\\`;
  #open = true;
  #tail: string | undefined;
  #seen: () => void = () => undefined;

  constructor(pty: IPty, isReading: () => boolean) {
    const { ptsName, _socket: socket } = pty as unknown as {
      readonly ptsName: string;
      readonly _socket: { destroy(): unknown };
    };
    this.#descriptor = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
    const destroy = socket.destroy.bind(socket);
    socket.destroy = () => {
      if (isReading()) void this.#allRead().then(destroy);
      else destroy();
      return socket;
    };
  }

  /** What was read from the terminal. */
  read(data: Buffer): void {
    if (this.#tail === undefined) return;
    this.#tail += data.toString("latin1");
    if (this.#tail.includes(this.#mark)) this.#seen();
    this.#tail = this.#tail.slice(-this.#mark.length);
  }

  release(): void {
    if (this.#open) closeSync(this.#descriptor);
    this.#open = false;
    this.#seen();
  }

  #allRead(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#open) return resolve();
      this.#tail = "";
      this.#seen = resolve;
      write(this.#descriptor, this.#mark, (error) => error && resolve());
    });
  }
}

/** A real terminal for tests: a command (say `ssh`) under a pty, its output fed to an emulator. */
import { closeSync, constants, openSync } from "node:fs";
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
  /** Lets go of the terminal's other side. */
  readonly #release: () => void;
  /** The command's exit status, once all its output is on the screen; 128 and the signal's number if one ended it. */
  readonly exited: Promise<number>;

  constructor(command: string, args: readonly string[], options: TerminalClientOptions) {
    const { columns = 80, rows = 24, timeLimit = patience * 1000 } = options;
    const defaults = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/nonexistent", TERM: "xterm-256color", LANG: "C.UTF-8" };
    const env = { ...defaults, ...options.env };
    this.#timeLimit = timeLimit;
    this.#pty = spawn(command, [...args], {
      name: env.TERM, cols: columns, rows, env, cwd: options.directory ?? "/", encoding: null,
    });
    this.#emulator = new Emulator(columns, rows, (reply) => this.#send(reply));
    this.#release = holdOpen(this.#pty);
    this.#pty.onData((data) => this.#emulator.write(data));
    this.exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#release();
        resolve(this.#end(signal ? 128 + signal : exitCode));
      });
    });
  }

  /** Resolves as soon as the screen shows it; rejects, with a dump of the screen, when the time or the command is over. */
  wait(condition: Condition, { timeLimit = this.#timeLimit }: { timeLimit?: number } = {}): Promise<void> {
    return this.#emulator.wait(condition, this.#ended ? 1 : timeLimit);
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
    this.#pty.pause();
  }

  resume(): void {
    this.#pty.resume();
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Ends the command if it still runs, first kindly, and waits for its end. */
  async close(): Promise<void> {
    if (!this.#ended) {
      this.#release(); // the last output does not matter now, and node-pty waits 200 ms for the terminal's other side
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
 * Holds the terminal's other side open until the command's exit was seen: the kernel drops output that nobody has read
 * when the last one closes it (13 of 40 runs lost their last lines without this).
 */
function holdOpen(pty: IPty): () => void {
  const { ptsName } = pty as unknown as { ptsName: string };
  const descriptor = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
  let isOpen = true;
  return () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
}

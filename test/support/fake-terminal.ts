import { Emitter } from "../../src/base/events.ts";
import type { Terminal, TerminalSize } from "../../src/base/terminal.ts";
import { Emulator, type CellView, type Condition, type CursorView } from "./emulator.ts";
import { keyBytes, mouseBytes, pasteBytes, type MouseAction } from "./keys.ts";
import { patience } from "./patience.ts";

export interface FakeTerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly term?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A Terminal in memory, 80x24 by default, whose output feeds an emulator: for fast tests of screens. */
export function createFakeTerminal(options: FakeTerminalOptions = {}): FakeTerminal {
  return new FakeTerminal(options);
}

export class FakeTerminal implements Terminal, Disposable {
  readonly term: string;
  readonly env: ReadonlyMap<string, string>;
  readonly erase = 0x7f;
  readonly #resized = new Emitter<TerminalSize>();
  readonly #typed = new Emitter<Buffer>();
  readonly #closing = new Emitter<void>();
  readonly #drained = new Emitter<void>();
  readonly onResize = this.#resized.on;
  readonly onInput = this.#typed.on;
  readonly onClose = this.#closing.on;
  readonly onDrain = this.#drained.on;
  readonly #emulator: Emulator;
  #size: TerminalSize;
  #output = "";
  #writes = 0;
  #holdsBack = false;
  #unacknowledged = 0;
  #paused = false;
  #held: Buffer[] = [];
  #closed = false;
  #exitStatus: number | undefined;

  constructor(options: FakeTerminalOptions) {
    const { columns = 80, rows = 24, term = "xterm-256color", env = { LANG: "C.UTF-8" } } = options;
    this.term = term;
    this.env = new Map(Object.entries(env));
    this.#size = { columns, rows };
    this.#emulator = new Emulator(columns, rows);
  }

  get size(): TerminalSize {
    return this.#size;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get unacknowledged(): number {
    return this.#unacknowledged;
  }

  get exitStatus(): number | undefined {
    return this.#exitStatus;
  }

  /** True while the program does not want input. */
  get inputPaused(): boolean {
    return this.#paused;
  }

  pauseInput(): void {
    this.#paused = true;
  }

  resumeInput(): void {
    this.#paused = false;
    for (let data = this.#held.shift(); data && !this.#paused; data = this.#held.shift()) this.#typed.emit(data);
  }

  write(data: string | Buffer): void {
    if (this.#closed) return;
    const text = data.toString();
    this.#output += text;
    this.#writes++;
    if (this.#holdsBack) this.#unacknowledged += Buffer.byteLength(text);
    this.#emulator.write(text);
  }

  close(status: number): void {
    this.#exitStatus ??= status;
    this.disconnect();
  }

  /** The connection breaks: nothing more is read or written. */
  disconnect(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing.emit();
  }

  /** The person sends bytes. */
  input(data: string | Buffer): void {
    const bytes = Buffer.from(data);
    if (this.#paused) this.#held.push(bytes);
    else if (!this.#closed) this.#typed.emit(bytes);
  }

  press(...keys: string[]): void {
    for (const key of keys) this.input(keyBytes(key));
  }

  paste(text: string): void {
    this.input(pasteBytes(text, this.#emulator.modes.bracketedPasteMode));
  }

  mouse(action: MouseAction, row: number, column: number): void {
    this.input(mouseBytes(action, row, column));
  }

  resizeTo(columns: number, rows: number): void {
    this.#size = { columns, rows };
    this.#emulator.resize(columns, rows);
    this.#resized.emit(this.#size);
  }

  /** Resolves when the screen shows it; rejects with a dump of the screen. */
  wait(condition: Condition, { timeLimit = patience * 1000 }: { timeLimit?: number } = {}): Promise<void> {
    return this.#emulator.wait(condition, timeLimit);
  }

  /** Resolves when what was written up to the end of this turn of the event loop is on the screen. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.#emulator.settled();
  }

  screen(): readonly string[] {
    return this.#emulator.screen();
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

  alternate(): boolean {
    return this.#emulator.alternate;
  }

  get emulator(): Emulator {
    return this.#emulator;
  }

  dump(): string {
    return this.#emulator.dump();
  }

  /** All that was written since the last call. */
  takeOutput(): string {
    const output = this.#output;
    this.#output = "";
    this.#writes = 0;
    return output;
  }

  /** How often something was written since the last `takeOutput`. */
  get writes(): number {
    return this.#writes;
  }

  /** Listeners that the program still has on this terminal; none may be left at the end. */
  get listenerCount(): number {
    return [this.#resized, this.#typed, this.#closing, this.#drained].reduce((sum, one) => sum + one.listenerCount, 0);
  }

  /** Has `unacknowledged` grow with every write, as with a client that stopped reading. */
  holdAcknowledgements(): void {
    this.#holdsBack = true;
  }

  /** The client has caught up. */
  acknowledge(): void {
    this.#holdsBack = false;
    this.#unacknowledged = 0;
    this.#drained.emit();
  }

  [Symbol.dispose](): void {
    this.disconnect();
    this.#emulator[Symbol.dispose]();
  }
}

/** A terminal emulator to look at: what a person would see, and promises that wait for it. */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import xterm from "@xterm/headless";
import { patience } from "./patience.ts";

/** A palette number, "#rrggbb", or the terminal's own. */
export type CellColor = "default" | number | `#${string}`;

/** One cell as it looks. */
export interface CellView {
  readonly text: string;
  readonly width: number;
  readonly foreground: CellColor;
  readonly background: CellColor;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

export interface CursorView {
  readonly row: number;
  readonly column: number;
  readonly visible: boolean;
}

export type Condition = string | RegExp | ((screen: readonly string[]) => boolean);

interface Waiter {
  readonly isMet: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

type Buffered = ReturnType<xterm.IBuffer["getNullCell"]>;

/** Emulates a terminal with xterm's own code. Conditions are looked at whenever it has taken in something. */
export class Emulator implements Disposable {
  readonly #terminal: xterm.Terminal;
  #waiters = new Set<Waiter>();
  #unparsed = 0;
  #title = "";
  #cursorVisible = true;

  /** `background`, "#rrggbb", is what it answers to a program that asks; none: no answer, as of many terminals. */
  constructor(columns: number, rows: number, onReply: (data: string) => void = () => undefined, background?: string) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 200, allowProposedApi: true });
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    this.#terminal.onData(onReply);
    this.#terminal.onTitleChange((title) => {
      this.#title = title;
    });
    // The public interface does not tell whether the cursor is shown, so its two sequences are watched.
    this.#watchCursorMode("h", true);
    this.#watchCursorMode("l", false);
    if (background !== undefined) this.#answerBackground(background, onReply);
  }

  write(data: string | Buffer): void {
    this.#unparsed++;
    this.#terminal.write(data, () => {
      this.#unparsed--;
      this.#look();
    });
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#look();
  }

  /** Resolves when the screen holds the text, matches, or the function says so; rejects with a dump of the screen. */
  wait(condition: Condition, timeLimit: number): Promise<void> {
    return this.#wait(() => isMet(condition, this.screen()), describe(condition), timeLimit);
  }

  /** Resolves when all that was written is taken in. */
  settled(timeLimit = patience * 1000): Promise<void> {
    return this.#wait(() => this.#unparsed === 0, "all output", timeLimit);
  }

  /** Rejects everything that still waits. */
  fail(reason: string): void {
    for (const waiter of this.#waiters) waiter.reject(new Error(`${reason}\n${this.dump()}`));
  }

  /** The rows that are seen, without spaces at their ends. */
  screen(): readonly string[] {
    const { buffer, rows } = this.#terminal;
    const { active } = buffer;
    return Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "");
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { cols, rows } = this.#terminal;
    return { columns: cols, rows };
  }

  cell(row: number, column: number): CellView {
    const { active } = this.#terminal.buffer;
    const cell = active.getLine(active.baseY + row)?.getCell(column);
    if (!cell) throw new Error(`no cell at row ${row}, column ${column}`);
    return {
      text: cell.getChars(),
      width: cell.getWidth(),
      foreground: color(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
      background: color(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
      ...attributes(cell),
    };
  }

  cursor(): CursorView {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { row: cursorY, column: cursorX, visible: this.#cursorVisible };
  }

  get title(): string {
    return this.#title;
  }

  get alternate(): boolean {
    return this.#terminal.buffer.active.type === "alternate";
  }

  get modes(): xterm.IModes {
    return this.#terminal.modes;
  }

  /** The screen in a frame, for messages. */
  dump(): string {
    const { cols, rows } = this.#terminal;
    const { row, column } = this.cursor();
    const lines = this.screen().map((line, index) => `${index === row ? ">" : "|"}${line}`);
    return `screen ${cols}x${rows}, cursor at row ${row}, column ${column}:\n${lines.join("\n").trimEnd()}`;
  }

  [Symbol.dispose](): void {
    this.fail("the terminal was closed");
    this.#terminal.dispose();
  }

  #wait(isMet: () => boolean, what: string, timeLimit: number): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (isMet()) return waiter.resolve(); // this process stood still
        waiter.reject(new Error(`waited ${timeLimit} ms in vain for ${what}\n${this.dump()}`));
      }, timeLimit);
      const end = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        isMet,
        resolve: () => {
          end();
          resolve();
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  #look(): void {
    for (const waiter of this.#waiters) {
      try {
        if (waiter.isMet()) waiter.resolve();
      } catch (error) {
        waiter.reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #answerBackground(background: string, onReply: (data: string) => void): void {
    this.#terminal.parser.registerOscHandler(11, (question) => {
      if (question === "?") onReply(colorReply(background));
      return true;
    });
  }

  #watchCursorMode(final: "h" | "l", visible: boolean): void {
    this.#terminal.parser.registerCsiHandler({ prefix: "?", final }, (parameters) => {
      if (parameters.includes(25)) this.#cursorVisible = visible;
      return false; // xterm handles it as well
    });
  }
}

/** As xterm tells a colour: each channel with four digits. */
function colorReply(color: string): string {
  const channels = [1, 3, 5].map((at) => color.slice(at, at + 2).repeat(2));
  return `\x1b]11;rgb:${channels.join("/")}\x1b\\`;
}

function attributes(cell: Buffered): Omit<CellView, "text" | "width" | "foreground" | "background"> {
  return {
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
  };
}

function color(isDefault: boolean, isRgb: boolean, value: number): CellColor {
  if (isDefault) return "default";
  return isRgb ? `#${value.toString(16).padStart(6, "0")}` : value;
}

function isMet(condition: Condition, screen: readonly string[]): boolean {
  if (typeof condition === "function") return condition(screen);
  const text = screen.join("\n");
  return typeof condition === "string" ? text.includes(condition) : condition.test(text);
}

function describe(condition: Condition): string {
  return typeof condition === "string" ? JSON.stringify(condition) : String(condition);
}

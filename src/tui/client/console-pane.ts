/**
 * The console's pane on one screen. It shows the newest output as the program draws it, until the person reads back: from
 * then on what they read stays where it is, whatever comes, until they type or go back to the end. Everybody who looks
 * reads for themselves.
 */
import { pythonKeys, consoleKeys, readingKeys, type ReadingCommand } from "../../commands/keys/console-keys.ts";
import { counted } from "../../base/counted.ts";
import type { Console } from "../../session/console.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { Notices } from "../parts/notices.ts";
import { area } from "../views/area.ts";
import { drawConsoleCells } from "../views/console-cells.ts";
import { columnIn, drawConsoleLines } from "../views/console-lines-view.ts";
import { ConsoleReader, type ReadLine } from "../views/console-reader.ts";
import { rowAt } from "../views/console-rows.ts";
import type { ReadingState } from "../views/console-title.ts";
import { shortKey } from "../views/hint-line.ts";
import { ConsoleFinding } from "./console-finding.ts";
import type { ClientEvents } from "./client-events.ts";

/** What the pane needs of its client. */
export interface ConsolePaneOptions {
  readonly view: WorkbenchView;
  readonly screen: Canvas;
  readonly notices: Notices;
  readonly events: ClientEvents;
  /** Gives the pane the focus. */
  readonly focus: () => void;
}

/** Opens what a line leads to, such as the file that a traceback names; false when it leads nowhere. */
export type LineOpener = (line: ReadLine) => boolean;

const wheelRows = 3;
const noun = "line";

/** The console's pane. */
export class ConsolePane {
  readonly #options: ConsolePaneOptions;
  readonly #finding: ConsoleFinding;
  readonly #openers = new Set<LineOpener>();
  #reader: ConsoleReader | undefined;
  #atWords = false;
  #width = 1;
  #height = 1;
  /** Whether the mouse has been moved since it went down, or has selected something then. */
  #selecting = false;
  /** Where the mouse went down on the newest output: reading begins only when it moves. */
  #pressed: { readonly row: number; readonly column: number } | undefined;

  constructor(options: ConsolePaneOptions) {
    this.#options = options;
    this.#finding = new ConsoleFinding(options.notices);
  }

  /** Asks for what the lines lead to, when one is opened by Enter or a click. Disposing the result ends that. */
  opensWith(opener: LineOpener): Disposable {
    this.#openers.add(opener);
    return { [Symbol.dispose]: () => void this.#openers.delete(opener) };
  }

  /** The line that the person points at while they read back; undefined at the newest output. */
  get line(): ReadLine | undefined {
    return this.#reading?.line;
  }

  /** What the title says about reading; undefined at the newest output. */
  get reading(): ReadingState | undefined {
    const reader = this.#reading;
    return reader && { unseen: reader.unseen, selected: reader.selection !== undefined };
  }

  /** Whether a find bar has the focus here. */
  get isFinding(): boolean {
    return this.#reading !== undefined && this.#finding.isOpen;
  }

  /** Shows a line of the console's text, by its number, and selects nothing. */
  show(line: number): void {
    this.#read()?.show({ line, offset: 0 });
    this.#changed();
  }

  /** Opens the find bar. */
  find(): void {
    const reader = this.#read();
    if (!reader) return;
    this.#options.focus();
    this.#finding.open(reader);
    this.#changed();
  }

  /** Forgets all output. */
  clear(): void {
    this.stopReading();
    this.#console.clear();
  }

  /** Wraps lines between words, or where the screen ends. */
  toggleWrapping(): void {
    this.#atWords = !this.#atWords;
    this.#options.notices.show({
      kind: "info",
      text: this.#atWords ? "Lines wrap between words now." : "Lines wrap where the console ends now.",
    });
    this.#changed();
  }

  /** Goes back to the newest output. */
  stopReading(): void {
    this.#finding.close();
    this.#reader = undefined;
    this.#changed();
  }

  /** Draws the output. */
  draw(surface: Surface, focused: boolean): void {
    const { emulator } = this.#console;
    this.#width = surface.width;
    this.#height = surface.height;
    const reader = this.#reading;
    if (reader) return this.#drawReading(surface, reader, focused);
    if (this.#atWords && emulator.buffer.active.type === "normal") this.#drawAtWords(surface, focused);
    else drawConsoleCells(surface, emulator, focused);
  }

  /** Offers an event that is meant for the console; true when it is not the program's. */
  take(event: InputEvent): boolean {
    if (this.#console.emulator.buffer.active.type === "alternate") return false;
    const reader = this.#reading;
    if (reader && this.#finding.isOpen && this.#finding.handle(event, reader)) {
      this.#changed();
      return true;
    }
    const key = pressedKey(event);
    const taken = reader ? this.#whileReading(key, reader) : this.#atEnd(key);
    // What the person types belongs to the program, and they see where.
    if (!taken && reader && this.#options.view.isOwn) this.stopReading();
    return taken;
  }

  /** Handles the mouse. Positions count from the output's own top left, and may lie outside during a drag. */
  mouse(event: MouseEvent): void {
    if (event.action === "press") this.#options.focus();
    if (this.#console.emulator.buffer.active.type === "alternate") return;
    if (event.action === "wheel-up") this.#wheel(-wheelRows);
    else if (event.action === "wheel-down") this.#wheel(wheelRows);
    else if (event.button === "left") this.#point(event);
  }

  get #console(): Console {
    return this.#options.view.workbench.console;
  }

  /** The reader of the console that is shown now; undefined at the newest output. */
  get #reading(): ConsoleReader | undefined {
    if (this.#reader && this.#reader.text !== this.#console.text) this.#reader = undefined;
    this.#reader?.fit(this.#width, this.#height - (this.#finding.isOpen ? 1 : 0), this.#atWords);
    return this.#reader;
  }

  /** Begins to read where the screen is; undefined while a program draws a screen of its own. */
  #read(): ConsoleReader | undefined {
    const { emulator, text } = this.#console;
    if (this.#reading || emulator.buffer.active.type === "alternate") return this.#reader;
    const top = text.placeOf(emulator.buffer.normal.baseY);
    this.#reader = new ConsoleReader(text, top, text.cursor);
    return this.#reading;
  }

  #atEnd(key: string | undefined): boolean {
    const command = consoleKeys.commandFor(key);
    // Esc closes what lies over the console; pressed once too often, it would make Python take the next letter for Alt's.
    if (command === undefined) return pythonKeys.commandFor(key) === "close" && this.#console.activity === "prompt";
    if (command === "clear-screen") {
      if (this.#options.view.isOwn) this.#console.clearScreen();
    } else if (command !== "scroll-down") {
      const reader = this.#read();
      if (reader) this.#scroll(command, reader);
    }
    return true;
  }

  #whileReading(key: string | undefined, reader: ConsoleReader): boolean {
    const paging = consoleKeys.commandFor(key);
    if (paging !== undefined) this.#page(paging, key ?? "", reader);
    else {
      const command = readingKeys.commandFor(key);
      if (command === undefined) return false;
      if (command === "copy" && reader.selection === undefined) return false;
      this.#do(command, reader);
    }
    this.#changed();
    return true;
  }

  #page(command: string, key: string, reader: ConsoleReader): void {
    if (command !== "clear-screen") return this.#scroll(command, reader, key.includes("Shift-"));
    this.stopReading();
    if (this.#options.view.isOwn) this.#console.clearScreen();
  }

  /** Shift with Page Up scrolls, as in terminals, and goes on with a selection. */
  #scroll(command: string, reader: ConsoleReader, shift = false): void {
    const direction = command.endsWith("up") ? "up" : "down";
    if (command.startsWith("select-")) return this.#move(`select-${direction}`, reader);
    const selects = shift && reader.selection !== undefined;
    this.#move(`${selects ? "select-" : ""}page-${direction}`, reader);
    if (!selects && direction === "down" && reader.isAtEnd) this.stopReading();
    this.#changed();
  }

  #move(command: ReadingCommand, reader: ConsoleReader): void {
    const moved = reader.move(command);
    if (!moved && reader.selection === undefined) this.stopReading();
    this.#changed();
  }

  #do(command: NonNullable<ReturnType<typeof readingKeys.commandFor>>, reader: ConsoleReader): void {
    switch (command) {
      case "leave":
        return this.stopReading();
      case "copy":
        return this.#copy(reader);
      case "find":
        return this.find();
      case "open":
        return this.#open(reader);
      case "last":
        return this.stopReading();
      default:
        return this.#move(command, reader);
    }
  }

  #open(reader: ConsoleReader): void {
    if (reader.open()) return;
    const { line } = reader;
    if (!line || !this.#openLine(line)) this.stopReading();
  }

  #copy(reader: ConsoleReader): void {
    const text = reader.selectedText;
    const { view, screen, notices } = this.#options;
    if (text === "") return;
    view.clipboard = { text, wholeLine: false };
    const lines = counted(text.split("\n").length, noun);
    if (screen.copy(text)) notices.show({ kind: "success", text: `Copied ${lines}.` });
    else
      notices.show({
        kind: "warning",
        text: `Copied ${lines} for the editor (Ctrl-V there): that is too much for your terminal's clipboard.`,
      });
  }

  #wheel(rows: number): void {
    if (rows > 0 && !this.#reading) return;
    const reader = this.#read();
    reader?.scroll(rows);
    if (rows > 0 && reader?.isAtEnd && !this.#finding.isOpen) this.stopReading();
    this.#changed();
  }

  #point(event: MouseEvent): void {
    const isReading = this.#reading !== undefined;
    if (event.action === "release") return this.#released(event);
    if (event.action === "press" && !isReading && event.clicks < 2) {
      this.#pressed = { row: event.row, column: event.column };
      return;
    }
    const reader = this.#read();
    if (!reader) return;
    if (event.action === "press") {
      if (event.shift) reader.drag(event.row, event.column);
      else reader.point(event.row, event.column);
      if (event.clicks > 1) reader.selectAround(event.clicks === 2 ? "word" : "line");
      this.#selecting = event.clicks > 1 || event.shift;
    } else if (event.action === "drag") {
      if (this.#pressed) reader.point(this.#pressed.row, this.#pressed.column);
      reader.drag(event.row, event.column);
      this.#selecting = true;
    }
    this.#pressed = undefined;
    this.#changed();
  }

  /** Copies what was selected; a click opens what the line leads to. */
  #released(event: MouseEvent): void {
    const pressed = this.#pressed;
    this.#pressed = undefined;
    if (this.#selecting) {
      this.#selecting = false;
      const reader = this.#reading;
      if (reader) this.#copy(reader);
    } else if (pressed) this.#clickedAtEnd(event);
    else {
      const reader = this.#reading;
      const line = reader?.line;
      if (!reader?.open() && line) this.#openLine(line);
    }
    this.#changed();
  }

  /** A click on the newest output opens what a line leads to, and nothing else changes. */
  #clickedAtEnd({ row, column }: MouseEvent): void {
    const { emulator, text } = this.#console;
    const { line, offset } = text.placeOf(emulator.buffer.normal.baseY + row);
    this.#openLine({ text: text.line(line).text, number: line, offset: offset + column });
  }

  #openLine(line: ReadLine): boolean {
    return [...this.#openers].some((opener) => opener(line));
  }

  #drawReading(surface: Surface, reader: ConsoleReader, focused: boolean): void {
    const { rows, cursor, options, selection } = reader;
    drawConsoleLines(surface, {
      text: reader.text,
      rows,
      selection,
      matches: this.#finding.isOpen ? this.#finding.matches : undefined,
      current: this.#finding.isOpen ? selection?.from.line : undefined,
      opens: `  ${shortKey(readingKeys.keyFor("open"))} or a click shows them`,
    });
    const row = rowAt(options, cursor);
    const at = rows.findIndex(({ line, start }) => line === row.line && start === row.start);
    if (this.#finding.isOpen) {
      const bar = surface.part(area(surface.height - 1, 0, surface.width));
      bar.fill(area(0, 0, surface.width));
      this.#finding.draw(bar, focused);
    } else if (focused && at >= 0)
      surface.cursor(at, Math.min(surface.width - 1, columnIn(reader.text.line(row.line).text, row, cursor.offset)));
  }

  /** The screen, each line wrapped between words: its last rows, and the cursor among them. */
  #drawAtWords(surface: Surface, focused: boolean): void {
    const { emulator, text } = this.#console;
    const top = { line: text.placeOf(emulator.buffer.normal.baseY).line, offset: 0 };
    const reader = new ConsoleReader(text, top, text.cursor);
    reader.fit(surface.width, surface.height, true);
    reader.revealCursor();
    const { rows, options, cursor } = reader;
    drawConsoleLines(surface, { text, rows });
    const row = rowAt(options, cursor);
    const at = rows.findIndex(({ line, start }) => line === row.line && start === row.start);
    if (focused && at >= 0)
      surface.cursor(at, Math.min(surface.width - 1, columnIn(text.line(row.line).text, row, cursor.offset)));
  }

  #changed(): void {
    this.#options.events.console.emit();
  }
}

/** An explanation of an error in a panel: what, where, why, and what to try. Takes every event until it is closed. */
import { explanationKeys } from "../../commands/keys/dialog-keys.ts";
import { lineKeys, listKeys } from "../../commands/keys/list-keys.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import { stringWidth } from "../../base/width.ts";
import { wrap } from "../../base/wrap.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { Layer } from "../../terminal/layer.ts";
import { fitEnd } from "./fit.ts";
import { centred, drawFrame, frameColumns, frameRows } from "./frame.ts";
import { hintOf, hintText } from "./hint-line.ts";
import { scrolledLines, ScrollList } from "./scroll-list.ts";
import { dialog, dialogDim, dialogError, dialogKeys, dialogTitle } from "./styles.ts";

/** What the panel says. All texts are fit to be shown. */
export interface ExplanationProps {
  /** The name of the error. */
  readonly name: string;
  readonly what: string;
  /** "Line 4 of area.py, in show". */
  readonly where: string | undefined;
  /** The line that failed, and the part of it that did, as offsets; an empty part when it is not known. */
  readonly code: { readonly text: string; readonly from: number; readonly to: number } | undefined;
  readonly why: readonly string[];
  readonly tries: readonly string[];
}

/** What the panel is made from. */
export interface ExplanationPanelOptions extends ExplanationProps {
  /** Called with whether to go to the line. */
  readonly onClose: (goes: boolean) => void;
}

interface Row {
  readonly text: string;
  readonly style: CellStyle;
  /** A part in another style, as offsets of the text. */
  readonly marked?: { readonly from: number; readonly to: number };
}

const maxWidth = 76;
const hintRows = 2;

/** The panel. */
export class ExplanationPanel implements Layer {
  readonly modal = true;
  readonly #options: ExplanationPanelOptions;
  readonly #list = new ScrollList();
  #height = 1;
  #count = 1;

  constructor(options: ExplanationPanelOptions) {
    this.#options = options;
  }

  region(size: TerminalSize): Region {
    const width = Math.min(maxWidth, size.columns - 2);
    return centred(size, width, rowsOf(this.#options, width - frameColumns).length + hintRows + frameRows);
  }

  draw(surface: Surface): void {
    const inside = drawFrame(surface, `Explain: ${this.#options.name}`);
    const rows = rowsOf(this.#options, inside.width);
    this.#count = rows.length;
    this.#height = Math.max(1, inside.height - hintRows);
    this.#list.clampTop(this.#count, this.#height);
    for (const [row, { text, style, marked }] of rows.slice(this.#list.top, this.#list.top + this.#height).entries()) {
      inside.put(row, 0, fitEnd(text, inside.width), style);
      if (marked) {
        const column = stringWidth(text.slice(0, marked.from));
        inside.put(row, column, fitEnd(text.slice(marked.from, marked.to), inside.width - column), failed);
      }
    }
    inside.put(inside.height - 1, 0, hintText(this.#hints), dialogDim);
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "key" || event.kind === "text") this.#key(pressedKey(event));
    else if (event.kind === "mouse" && event.action === "wheel-up") this.#scroll(-3);
    else if (event.kind === "mouse" && event.action === "wheel-down") this.#scroll(3);
    return event.kind !== "focus";
  }

  get #hints() {
    const goes = this.#options.where === undefined ? [] : [hintOf(explanationKeys, "go")];
    const scrolls = this.#count > this.#height ? [hintOf(lineKeys, ["up", "down"], "scroll")] : [];
    return [hintOf(explanationKeys, "close"), ...goes, ...scrolls];
  }

  #key(key: string | undefined): void {
    const command = explanationKeys.commandFor(key);
    if (command !== undefined) return this.#options.onClose(command === "go" && this.#options.where !== undefined);
    const moved = listKeys.commandFor(key);
    if (moved !== undefined) this.#scroll(scrolledLines(moved, this.#count, this.#height));
  }

  #scroll(lines: number): void {
    this.#list.scroll(lines, this.#count, this.#height);
  }
}

const failed: CellStyle = { ...dialogError, underline: true };
const blank: Row = { text: "", style: dialog };
const indent = "  ";
const bullet = "• ";

function rowsOf({ what, where, code, why, tries }: ExplanationProps, width: number): readonly Row[] {
  return [
    ...paragraph(what, width, "", dialogKeys),
    ...(where === undefined ? [] : [blank, { text: where, style: dialogTitle }]),
    ...(code ? [codeRow(code, width)] : []),
    ...section("Why", why, width),
    ...section("What to try", tries, width),
  ];
}

function section(title: string, sentences: readonly string[], width: number): readonly Row[] {
  if (sentences.length === 0) return [];
  return [
    blank,
    { text: title, style: dialogTitle },
    ...sentences.flatMap((sentence) => paragraph(sentence, width, bullet, dialog)),
  ];
}

function paragraph(text: string, width: number, first: string, style: CellStyle): readonly Row[] {
  return wrap(text, width - first.length).map((line, at) => ({
    text: (at === 0 ? first : " ".repeat(first.length)) + line,
    style,
  }));
}

/** The line without its blanks at the begin; of a long one, what is around the place that failed. */
function codeRow({ text, from, to }: NonNullable<ExplanationProps["code"]>, width: number): Row {
  const room = width - indent.length;
  const blanks = text.length - text.trimStart().length;
  const start =
    stringWidth(text.slice(0, to)) - blanks <= room ? blanks : Math.max(blanks, from - Math.floor(room / 3));
  return {
    text: indent + text.slice(start),
    style: dialog,
    marked: { from: indent.length + Math.max(0, from - start), to: indent.length + Math.max(0, to - start) },
  };
}

import { helpKeys } from "../../commands/keys/dialog-keys.ts";
import { lineKeys, listKeys } from "../../commands/keys/list-keys.ts";
import type { KeyEntry } from "../../commands/keys/key-entries.ts";
import { paneKeys } from "../../commands/keys/pane-keys.ts";
import { stringWidth } from "../../base/width.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import { fitEnd, padTo } from "./fit.ts";
import { centred, drawFrame, frameColumns, frameRows } from "./frame.ts";
import { dialog, dialogDim, dialogKeys, dialogTitle } from "./styles.ts";
import { hintOf, hintText } from "./hint-line.ts";
import { scrolledLines, ScrollList } from "./scroll-list.ts";
import type { Layer } from "../../terminal/layer.ts";

/** One line of help: keys, and what they do. */
export type HelpEntry = KeyEntry;

/** A group of help lines under a title. */
export interface HelpSection {
  readonly title: string;
  readonly entries: readonly HelpEntry[];
}

/** What the help screen shows. */
export interface HelpOptions {
  readonly sections: readonly HelpSection[];
  readonly onClose: () => void;
}

type Line =
  | { readonly kind: "title"; readonly text: string }
  | { readonly kind: "entry"; readonly entry: HelpEntry }
  | { readonly kind: "blank" };

/** Columns for keys; longer ones push their own line's text to the right. */
const widestKeys = 27;
const columnWidth = 76;
/** Smallest width on which two columns fit without cutting anything. */
const twoColumnsFrom = 2 * columnWidth + 6;

/** All keys on one scrolling page, in two columns where there is room. Takes every event until it is closed. */
export class HelpScreen implements Layer {
  readonly modal = true;
  readonly #options: HelpOptions;
  readonly #list = new ScrollList();
  #height = 1;
  #lines = 1;

  constructor(options: HelpOptions) {
    this.#options = options;
  }

  region(size: TerminalSize): Region {
    const columns = size.columns >= twoColumnsFrom ? 2 : 1;
    const lines = Math.max(...arrange(this.#options.sections, columns).map((page) => page.length));
    return centred(size, Math.min(size.columns - 2, columns * columnWidth + frameColumns), lines + 2 + frameRows);
  }

  draw(surface: Surface): void {
    const columns = surface.width > columnWidth + 20 ? 2 : 1;
    const pages = arrange(this.#options.sections, columns);
    this.#lines = Math.max(...pages.map((page) => page.length));
    const inside = drawFrame(surface, "Help: keys");
    this.#height = inside.height - 2;
    this.#list.clampTop(this.#lines, this.#height);
    const share = Math.floor(inside.width / columns);
    for (const [index, page] of pages.entries()) {
      const part = inside.part({ row: 0, column: index * share, width: share - 1, height: this.#height });
      for (let row = 0; row < this.#height; row++) drawLine(part, row, page[this.#list.top + row]);
    }
    const more = this.#lines > this.#height ? [hintOf(lineKeys, ["up", "down"], "scroll")] : [];
    const hints = [...more, hintOf(helpKeys, "close"), hintOf(paneKeys.editor, "help", "shows this at any time")];
    inside.put(inside.height - 1, 0, hintText(hints), dialogDim);
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "key" || event.kind === "text") this.#key(pressedKey(event));
    else if (event.kind === "mouse" && event.action === "wheel-up") this.#scroll(-3);
    else if (event.kind === "mouse" && event.action === "wheel-down") this.#scroll(3);
    return event.kind !== "focus";
  }

  #key(key: string | undefined): void {
    if (helpKeys.commandFor(key) === "close") return this.#options.onClose();
    const moved = listKeys.commandFor(key);
    if (moved !== undefined) this.#scroll(scrolledLines(moved, this.#lines, this.#height));
  }

  #scroll(lines: number): void {
    this.#list.scroll(lines, this.#lines, this.#height);
  }
}

/** Deals the sections out to columns of about the same length, without splitting a section. */
function arrange(sections: readonly HelpSection[], columns: number): Line[][] {
  const pages: Line[][] = Array.from({ length: columns }, () => []);
  const total = sections.reduce((sum, section) => sum + section.entries.length + 2, 0);
  let current = 0;
  for (const section of sections) {
    const page = pages[current] ?? [];
    if (page.length > 0) page.push({ kind: "blank" });
    page.push(
      { kind: "title", text: section.title },
      ...section.entries.map((entry) => ({ kind: "entry" as const, entry })),
    );
    if (page.length >= total / columns - 2 && current < columns - 1) current++;
  }
  return pages;
}

function drawLine(surface: Surface, row: number, line: Line | undefined): void {
  if (!line || line.kind === "blank") return;
  if (line.kind === "title") {
    surface.put(row, 0, fitEnd(line.text, surface.width), dialogTitle);
    return;
  }
  const used = surface.put(
    row,
    2,
    padTo(line.entry.keys, Math.max(widestKeys, stringWidth(line.entry.keys))) + "  ",
    dialogKeys,
  );
  surface.put(row, 2 + used, fitEnd(line.entry.does, surface.width - used - 2), dialog);
}

import { paletteKeys } from "../../commands/keys/dialog-keys.ts";
import { lineKeys, pageKeys } from "../../commands/keys/list-keys.ts";
import { stringWidth } from "../../base/width.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import { area } from "./area.ts";
import { fitEnd } from "./fit.ts";
import { centred, drawFrame, frameRows } from "./frame.ts";
import { fuzzyFilter } from "./fuzzy.ts";
import { ScrollList } from "./scroll-list.ts";
import { dialog, dialogDim, dialogSelected } from "./styles.ts";
import { TextField } from "./text-field.ts";
import type { Layer } from "../../terminal/layer.ts";

/** A choice in a palette. */
export interface PaletteItem {
  readonly id: string;
  readonly label: string;
  /** More about it, dim, after the label; it is searched as well. */
  readonly detail?: string;
  /** The keys that do the same, at the right. */
  readonly keys?: string;
}

/** What a palette offers. */
export interface PaletteOptions {
  readonly title: string;
  readonly items: readonly PaletteItem[];
  /** Text that is shown while there is nothing to choose from. */
  readonly empty: string;
  /**
   * Makes an item of the typed text, for Enter when nothing in the list matches. Without it, the text can't be chosen.
   */
  readonly typed?: (text: string) => PaletteItem;
  /** Text about that in the list: "Enter opens it by its path." */
  readonly typedHint?: string;
  /** Called with the chosen item, or undefined when the person cancels. */
  readonly onClose: (item: PaletteItem | undefined) => void;
}

const maxRows = 14;
/** The row of the list in the dialog: under the border, the field and a blank line. */
const firstRow = 3;

/** A list to choose from by typing a few letters. Takes every event until it is closed. */
export class Palette implements Layer {
  readonly modal = true;
  readonly #options: PaletteOptions;
  readonly #field = new TextField({ maxLength: 100 });
  readonly #list = new ScrollList();
  #items: readonly PaletteItem[];
  #matches: readonly PaletteItem[];
  #height = 1;

  constructor(options: PaletteOptions) {
    this.#options = options;
    this.#items = options.items;
    this.#matches = options.items;
  }

  /** Replaces the items, for items that take time to find; the typed text stays. */
  setItems(items: readonly PaletteItem[]): void {
    this.#items = items;
    this.#filter();
  }

  region(size: TerminalSize): Region {
    const rows = Math.min(maxRows, Math.max(3, this.#items.length), size.rows - 6);
    const box = centred(size, Math.min(76, size.columns - 2), rows + 2 + frameRows);
    return { ...box, row: Math.min(2, box.row) };
  }

  draw(surface: Surface): void {
    const inside = drawFrame(surface, this.#options.title);
    this.#height = Math.max(1, inside.height - 2);
    this.#field.draw(inside, { row: 0, column: 0, width: inside.width, focused: true });
    this.#list.clampTop(this.#matches.length, this.#height);
    for (let line = 0; line < this.#height; line++) this.#drawItem(inside, line + 2, this.#list.top + line);
    if (this.#matches.length === 0) {
      inside.put(2, 0, this.#nothing(), dialogDim);
    }
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "key") this.#key(event);
    else if (event.kind === "mouse") this.#mouse(event);
    else if (this.#field.handle(event)) this.#filter();
    return event.kind !== "focus";
  }

  #drawItem(inside: Surface, row: number, index: number): void {
    const item = this.#matches[index];
    if (!item) return;
    const isSelected = index === this.#list.selected;
    const style = isSelected ? dialogSelected : dialog;
    const faint = isSelected ? dialogSelected : dialogDim;
    if (isSelected) inside.fill(area(row, 0, inside.width), dialogSelected);
    inside.put(row, 0, isSelected ? "›" : " ", style);
    const keys = item.keys ?? "";
    const room = inside.width - 2 - (keys === "" ? 0 : stringWidth(keys) + 2);
    const used = inside.put(row, 2, fitEnd(item.label, room), style);
    const detail = item.detail ?? "";
    if (detail !== "" && used + 4 < room) inside.put(row, 2 + used + 2, fitEnd(detail, room - used - 2), faint);
    if (keys !== "") inside.put(row, inside.width - stringWidth(keys) - 1, keys, faint);
  }

  #key(event: InputEvent & { kind: "key" }): void {
    const command = paletteKeys.commandFor(event.name);
    if (command === "cancel") return this.#options.onClose(undefined);
    if (command === "choose") return this.#choose(this.#list.selected);
    const moved = lineKeys.commandFor(event.name) ?? pageKeys.commandFor(event.name);
    if (this.#list.move(moved, this.#matches.length, this.#height)) this.#list.fit(this.#matches.length, this.#height);
    else if (this.#field.handle(event)) this.#filter();
  }

  #mouse(event: MouseEvent): void {
    const row = event.row - firstRow;
    if (event.action === "wheel-up" || event.action === "wheel-down") {
      this.#list.scroll(event.action === "wheel-up" ? -3 : 3, this.#matches.length, this.#height);
    } else if (event.action === "press" && row >= 0 && row < this.#height && event.column > 0) {
      this.#choose(this.#list.top + row);
    }
  }

  #filter(): void {
    this.#matches = fuzzyFilter(this.#field.value, this.#items, (item) => `${item.label} ${item.detail ?? ""}`);
    this.#list.select(0);
    this.#list.fit(this.#matches.length, this.#height);
  }

  #nothing(): string {
    const typed = this.#options.typed && this.#field.value.trim() !== "";
    if (typed) return `Nothing in the list matches. ${this.#options.typedHint ?? ""}`;
    return this.#items.length === 0 ? this.#options.empty : "Nothing matches. Backspace widens the search.";
  }

  /**
   * Chooses an item. Enter without a match takes the typed text if it can mean something; otherwise the palette stays
   * open.
   */
  #choose(index: number): void {
    const text = this.#field.value.trim();
    const item = this.#matches[index] ?? (text === "" ? undefined : this.#options.typed?.(text));
    if (item) this.#options.onClose(item);
  }
}

import { inboxKeys } from "../../commands/keys/dialog-keys.ts";
import { endKeys, lineKeys } from "../../commands/keys/list-keys.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { Layer } from "../../terminal/layer.ts";
import { area } from "./area.ts";
import { wrap } from "../../base/wrap.ts";
import { fitEnd, padTo } from "./fit.ts";
import { centred, drawFrame } from "./frame.ts";
import { hintOf, hintText } from "./hint-line.ts";
import { ScrollList } from "./scroll-list.ts";
import { dialog, dialogBorder, dialogDim, dialogSelected, dialogTitle } from "./styles.ts";

/** A message as the inbox shows it. */
export interface InboxEntry {
  readonly id: number;
  readonly from: string;
  /** Whether it went to several people. */
  readonly toAll: boolean;
  /** When it was sent: "10:41", with the day for older ones. */
  readonly time: string;
  readonly text: string;
  readonly isNew: boolean;
}

/** What the inbox shows. */
export interface InboxOptions<T extends InboxEntry> {
  /** The newest first. */
  readonly entries: readonly T[];
  /** Called with the message to answer, or undefined when the inbox was only closed. */
  readonly onClose: (reply: T | undefined) => void;
}

/** The row of the list in the dialog: under the border. */
const firstRow = 1;
const widest = 90;

const closeHint = hintOf(inboxKeys, "close");
const hints = [
  hintOf(inboxKeys, "reply"),
  hintOf(lineKeys, ["up", "down"]),
  hintOf(inboxKeys, ["scroll-up", "scroll-down"]),
  closeHint,
];

/** A list of messages, with the whole text of the selected one below it. Takes every event until it is closed. */
export class Inbox<T extends InboxEntry> implements Layer {
  readonly modal = true;
  readonly #options: InboxOptions<T>;
  readonly #list = new ScrollList();
  #listHeight = 1;
  /** The first visible line of the text. */
  #top = 0;

  constructor(options: InboxOptions<T>) {
    this.#options = options;
  }

  region(size: TerminalSize): Region {
    return centred(
      size,
      Math.min(widest, size.columns - 2),
      Math.min(size.rows - 2, Math.max(14, this.#options.entries.length + 10)),
    );
  }

  draw(surface: Surface): void {
    const { entries } = this.#options;
    const inside = drawFrame(surface, "Messages");
    this.#listHeight = Math.max(1, Math.min(entries.length, Math.floor((inside.height - 2) / 2)));
    this.#list.fit(entries.length, this.#listHeight);
    for (let line = 0; line < this.#listHeight; line++) this.#drawEntry(inside, line, this.#list.top + line);
    if (entries.length === 0) inside.put(1, 0, "You have no messages.", dialogDim);
    else this.#drawText(inside, this.#listHeight, inside.height - this.#listHeight - 2);
    inside.put(inside.height - 1, 0, hintText(entries.length === 0 ? [closeHint] : hints), dialogDim);
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "key" || event.kind === "text") this.#key(pressedKey(event));
    else if (event.kind === "mouse") this.#mouse(event);
    return event.kind !== "focus";
  }

  #drawEntry(inside: Surface, row: number, index: number): void {
    const entry = this.#options.entries[index];
    if (!entry) return;
    const style = index === this.#list.selected ? dialogSelected : dialog;
    if (index === this.#list.selected) inside.fill(area(row, 0, inside.width), style);
    const start = `${entry.isNew ? "●" : " "} ${entry.time.padStart(11)}  ${padTo(entry.from, 16)}  `;
    const used = inside.put(row, 0, start, style);
    inside.put(
      row,
      used,
      fitEnd(`${entry.toAll ? "(to all) " : ""}${entry.text.replace(/\n+ */g, " ⏎ ")}`, inside.width - used),
      style,
    );
  }

  #drawText(inside: Surface, row: number, height: number): void {
    const entry = this.#options.entries[this.#list.selected];
    if (!entry || height < 1) return;
    inside.put(row, 0, "─".repeat(inside.width), dialogBorder);
    const lines = [`${entry.from}${entry.toAll ? " to all" : ""}, ${entry.time}`, ...wrap(entry.text, inside.width)];
    this.#top = Math.max(0, Math.min(this.#top, lines.length - height));
    for (const [index, line] of lines.slice(this.#top, this.#top + height).entries()) {
      inside.put(row + 1 + index, 0, line, this.#top + index === 0 ? dialogTitle : dialog);
    }
  }

  #key(key: string | undefined): void {
    const command = inboxKeys.commandFor(key);
    if (command === "close") return this.#options.onClose(undefined);
    if (command === "reply") return this.#reply();
    if (command !== undefined) this.#top = Math.max(0, this.#top + (command === "scroll-up" ? -3 : 3));
    const moved = lineKeys.commandFor(key) ?? endKeys.commandFor(key);
    if (this.#list.move(moved, this.#options.entries.length, this.#listHeight)) this.#top = 0;
  }

  #reply(): void {
    const entry = this.#options.entries[this.#list.selected];
    if (entry) this.#options.onClose(entry);
  }

  #mouse(event: MouseEvent): void {
    const row = event.row - firstRow;
    if (event.action === "wheel-up" || event.action === "wheel-down") {
      this.#top = Math.max(0, this.#top + (event.action === "wheel-up" ? -3 : 3));
    } else if (event.action === "press" && row >= 0 && row < this.#listHeight) {
      this.#list.select(Math.min(this.#list.top + row, this.#options.entries.length - 1));
      this.#top = 0;
    }
  }
}

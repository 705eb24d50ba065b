/** Find and replace on one screen: the bar, the query, and what the keys in the bar do. */
import { Search } from "../../editor/search.ts";
import type { DocumentView } from "../../editor/document-view.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { counted } from "../../base/counted.ts";
import { FindBar, type FindIntent } from "../views/find-bar.ts";
import type { Notices } from "../parts/notices.ts";
import type { Arrangement } from "./arrangement.ts";
import type { ClientEvents } from "./client-events.ts";

/** What finding needs of its client. */
export interface FindingOptions {
  readonly view: WorkbenchView;
  /** Reserves the bar's rows. */
  readonly arrangement: Arrangement;
  readonly notices: Notices;
  readonly events: ClientEvents;
}

/** The find bar of one screen and its search. */
export class Finding {
  readonly #options: FindingOptions;
  readonly #search = new Search();
  #bar: FindBar | undefined;
  #focused = false;
  /** The offset of the cursor when the person began to type the query: each letter searches from there. */
  #origin = 0;

  constructor(options: FindingOptions) {
    this.#options = options;
  }

  /** The search that the text is marked with; undefined while the bar is closed. */
  get search(): Search | undefined {
    return this.#bar && this.#search.query.text !== "" ? this.#search : undefined;
  }

  /** Whether the bar has the focus. */
  get focused(): boolean {
    return this.#focused;
  }

  /**
   * Opens the bar with the selected text as the query, or returns to it. `replacing` shows the replacement's line too.
   */
  open(replacing: boolean): void {
    const editor = this.#editor;
    if (!editor) return;
    const selected = editor.selectedText();
    const query = selected !== "" && !selected.includes("\n") ? selected : this.#search.query.text;
    this.#bar ??= new FindBar({ query, replacing });
    this.#bar.query = query;
    this.#bar.show(replacing);
    this.#origin = editor.selection?.from ?? editor.head;
    this.#focused = true;
    this.#search.setQuery({ text: query });
    this.#options.arrangement.setFindRows(this.#bar.rows);
    this.#options.events.cursor.emit("found");
  }

  /** Takes the focus from the bar; it stays open. */
  blur(): void {
    this.#focused = false;
  }

  /** Closes the bar. */
  close(): void {
    if (!this.#bar) return;
    this.#bar = undefined;
    this.#focused = false;
    this.#options.arrangement.setFindRows(0);
    this.#options.events.cursor.emit("found");
  }

  /** Goes to the next (1) or previous (-1) match, also while the bar is closed. */
  step(direction: 1 | -1): void {
    const editor = this.#editor;
    if (!editor || this.#search.query.text === "") return this.open(false);
    const found = direction === 1 ? this.#search.next(editor) : this.#search.previous(editor);
    if (!found)
      this.#options.notices.show({ kind: "warning", text: `"${this.#search.query.text}" is not in this file.` });
    else if (found.wrapped)
      this.#options.notices.show({
        kind: "info",
        text: direction === 1 ? "Continued from the top." : "Continued from the end.",
      });
    this.#options.events.cursor.emit("found");
  }

  /** Draws the bar. */
  draw(surface: Surface): void {
    const editor = this.#editor;
    const search = this.search;
    this.#bar?.draw(surface, { focused: this.#focused, result: editor && search ? search.count(editor) : undefined });
  }

  /** Offers an event to the bar; true when it took the event. */
  handle(event: InputEvent): boolean {
    const intent = this.#bar?.handle(event);
    if (intent === undefined) return false;
    this.#focused = intent !== "close";
    this.#do(intent);
    return true;
  }

  #do(intent: FindIntent): void {
    if (intent === "close") return this.close();
    const bar = this.#bar;
    const editor = this.#editor;
    if (!bar || !editor) return;
    switch (intent) {
      case "changed":
      case "options":
        this.#search.setQuery({ text: bar.query, matchCase: bar.matchCase ? true : "smart", wholeWord: bar.wholeWord });
        if (bar.query !== "") this.#search.from(editor, Math.min(this.#origin, editor.length));
        break;
      case "next":
        return this.step(1);
      case "previous":
        return this.step(-1);
      case "replace":
        this.#search.replace(editor, bar.replacement);
        break;
      case "replace-all":
        this.#replaceAll(editor, bar.replacement);
        break;
      case "moved":
        break;
      default:
        intent satisfies never;
    }
    this.#options.events.cursor.emit("found");
  }

  #replaceAll(editor: DocumentView, replacement: string): void {
    if (this.#search.query.text === "") return;
    const count = this.#search.replaceAll(editor, replacement);
    const text =
      count === 0 ? "Nothing to replace." : `Replaced ${counted(count, "match", "matches")}. Ctrl-Z undoes it.`;
    this.#options.notices.show({ kind: count === 0 ? "warning" : "success", text });
  }

  get #editor(): DocumentView | undefined {
    return this.#options.view.editor;
  }
}

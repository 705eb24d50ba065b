/** The find bar in one screen's console: its query, its matches, and the steps from one to the next. */
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { ConsoleReader } from "../views/console-reader.ts";
import { ConsoleSearch, type FoundSpan } from "../views/console-search.ts";
import { FindBar, type FindIntent } from "../views/find-bar.ts";
import type { Notices } from "../parts/notices.ts";

/** A search in the console's output, while its bar is open. */
export class ConsoleFinding {
  readonly #notices: Notices;
  #bar: FindBar | undefined;
  #search: ConsoleSearch | undefined;
  #query = "";
  /** The index of the match that is selected, and where the typed query is looked for from. */
  #current = -1;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** Whether the bar is open. It has the focus then. */
  get isOpen(): boolean {
    return this.#bar !== undefined;
  }

  /** The matches in a line; undefined while nothing is searched for. */
  get matches(): ((text: string) => Iterable<FoundSpan>) | undefined {
    const search = this.#search;
    return search && ((text) => search.in(text));
  }

  /** Opens the bar, with the text that was searched for last. */
  open(reader: ConsoleReader): void {
    const { selectedText } = reader;
    if (selectedText !== "" && !selectedText.includes("\n")) this.#query = selectedText;
    this.#bar ??= new FindBar({ query: this.#query, replacing: false, newestFirst: true });
    this.#changed(reader);
  }

  /** Closes the bar. */
  close(): void {
    this.#query = this.#bar?.query ?? this.#query;
    this.#bar = undefined;
    this.#search = undefined;
  }

  draw(surface: Surface, focused: boolean): void {
    const search = this.#search;
    const count = search?.matches.length ?? 0;
    const result = search && { count, more: search.more, current: this.#current + 1 };
    this.#bar?.draw(surface, { focused, result });
  }

  /** Offers an event to the bar; true when it took it. */
  handle(event: InputEvent, reader: ConsoleReader): boolean {
    const intent = this.#bar?.handle(event);
    if (intent === undefined) return false;
    this.#do(intent, reader);
    return true;
  }

  #do(intent: FindIntent, reader: ConsoleReader): void {
    switch (intent) {
      case "close":
        return this.close();
      case "changed":
      case "options":
        return this.#changed(reader);
      case "next":
        return this.#step(reader, 1);
      case "previous":
        return this.#step(reader, -1);
      case "moved":
      case "replace":
      case "replace-all":
        return;
      default:
        intent satisfies never;
    }
  }

  /** Searches from where the reader is, older output first. */
  #changed(reader: ConsoleReader): void {
    const bar = this.#bar;
    if (!bar) return;
    const { query, matchCase, wholeWord } = bar;
    this.#current = -1;
    this.#search =
      query === ""
        ? undefined
        : new ConsoleSearch(reader.text, { text: query, matchCase: matchCase ? true : "smart", wholeWord });
    if (!this.#search) return;
    const { line, offset } = reader.selection?.to ?? reader.cursor;
    this.#select(reader, this.#search.nearest({ line, offset: offset + 1 }, -1));
  }

  #step(reader: ConsoleReader, direction: 1 | -1): void {
    const search = this.#search;
    if (!search || search.matches.length === 0) return;
    const before = this.#current;
    const at = reader.selection?.from ?? reader.cursor;
    const index = search.nearest(at, direction);
    if (direction === 1 ? index < before : index > before)
      this.#notices.show({
        kind: "info",
        text: direction === 1 ? "Continued from the oldest output." : "Continued from the newest output.",
      });
    this.#select(reader, index);
  }

  #select(reader: ConsoleReader, index: number): void {
    this.#current = index;
    const match = this.#search?.matches[index];
    if (match) reader.show(match.from, match.to);
  }
}

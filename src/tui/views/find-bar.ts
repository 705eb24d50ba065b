/** The find bar under the editor: one line to find, and a second one to replace. */
import { findBarKeys } from "../../commands/keys/find-bar-keys.ts";
import { stringWidth } from "../../base/width.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import { fitEnd } from "./fit.ts";
import { shortKey } from "./hint-line.ts";
import { bold, dim, error } from "./styles.ts";
import { TextField } from "./text-field.ts";

/** What the person wants. */
export type FindIntent = "changed" | "next" | "previous" | "replace" | "replace-all" | "close" | "options" | "moved";

/** What the bar shows beside its fields. */
export interface FindBarProps {
  readonly focused: boolean;
  /** The matches found so far; undefined while nothing is searched for. */
  readonly result: { readonly count: number; readonly more: boolean; readonly current: number } | undefined;
}

const labelWidth = 10;

/** The bar's fields and switches. */
export class FindBar {
  readonly #query: TextField;
  readonly #replacement = new TextField();
  #replacing: boolean;
  #onReplacement = false;
  #matchCase = false;
  #wholeWord = false;
  readonly #newestFirst: boolean;

  /** `newestFirst`: Enter goes up, where Up and Down go as elsewhere. */
  constructor(options: { readonly query: string; readonly replacing: boolean; readonly newestFirst?: boolean }) {
    this.#query = new TextField({ value: options.query });
    this.#replacing = options.replacing;
    this.#newestFirst = options.newestFirst ?? false;
  }

  /** Its height in rows. */
  get rows(): number {
    return this.#replacing ? 2 : 1;
  }

  /** The text to find. */
  get query(): string {
    return this.#query.value;
  }

  set query(text: string) {
    this.#query.value = text;
  }

  /** The text to replace it with. */
  get replacement(): string {
    return this.#replacement.value;
  }

  /** Whether capitals matter; false at first. */
  get matchCase(): boolean {
    return this.#matchCase;
  }

  /** Whether only whole words match; false at first. */
  get wholeWord(): boolean {
    return this.#wholeWord;
  }

  /** Shows the replacement's line too, or hides it. */
  show(replacing: boolean): void {
    this.#replacing ||= replacing;
    this.#onReplacement = false;
  }

  draw(surface: Surface, props: FindBarProps): void {
    const found = resultText(this.query, props.result, this.#newestFirst ? "older" : "next");
    const options = `${mark(this.#matchCase)} ${key("match-case")} case  ${mark(this.#wholeWord)} ${key("whole-word")} word`;
    const width = this.#fieldWidth(surface.width);
    surface.put(0, 1, "Find", bold);
    this.#query.draw(surface, { row: 0, column: labelWidth, width, focused: props.focused && !this.#onReplacement });
    const column = labelWidth + width + 2;
    const used = surface.put(0, column, fitEnd(found, surface.width - column), found === nothing ? error : dim);
    const optionsColumn = surface.width - stringWidth(options) - 1;
    if (optionsColumn > column + used + 2) surface.put(0, optionsColumn, options, dim);
    if (!this.#replacing) return;
    surface.put(1, 1, "Replace", bold);
    this.#replacement.draw(surface, {
      row: 1,
      column: labelWidth,
      width,
      focused: props.focused && this.#onReplacement,
    });
    surface.put(1, column, fitEnd(`${key("enter")} one  ${key("replace-all")} all`, surface.width - column), dim);
  }

  /** Handles an event; undefined for a key that is not the bar's. Mouse positions count from the bar's own top left. */
  handle(event: InputEvent): FindIntent | undefined {
    if (event.kind === "mouse") return this.#mouse(event);
    if (event.kind === "key") {
      const intent = this.#key(event.name);
      if (intent) return intent;
    }
    if (this.#onReplacement) return this.#replacement.handle(event) ? "moved" : undefined;
    const before = this.query;
    if (!this.#query.handle(event)) return undefined;
    return this.query === before ? "moved" : "changed";
  }

  #key(name: string): FindIntent | undefined {
    const command = findBarKeys.commandFor(name);
    switch (command) {
      case undefined:
        return undefined;
      case "enter":
        return this.#onReplacement ? "replace" : this.#newestFirst ? "previous" : "next";
      case "replace-all":
        return this.#replacing ? "replace-all" : undefined;
      case "match-case":
        this.#matchCase = !this.#matchCase;
        return "options";
      case "whole-word":
        this.#wholeWord = !this.#wholeWord;
        return "options";
      case "other-field":
        this.#onReplacement = this.#replacing && !this.#onReplacement;
        return "moved";
      case "close":
      case "next":
      case "previous":
        return command;
      default:
        return command satisfies never;
    }
  }

  #mouse(event: MouseEvent): FindIntent | undefined {
    if (event.action !== "press") return undefined;
    this.#onReplacement = this.#replacing && event.row === 1;
    return "moved";
  }

  #fieldWidth(width: number): number {
    return Math.max(10, Math.min(40, width - labelWidth - 24));
  }
}

const nothing = "not found";

function key(command: (typeof findBarKeys.bindings)[number]["command"]): string {
  return shortKey(findBarKeys.keyFor(command));
}

function resultText(query: string, result: FindBarProps["result"], enter: string): string {
  if (query === "" || !result) return `${key("enter")} ${enter}  ${key("close")} close`;
  if (result.count === 0) return nothing;
  const total = `${result.count}${result.more ? "+" : ""}`;
  return result.current > 0 ? `${result.current} of ${total}` : `${total} found`;
}

function mark(on: boolean): string {
  return on ? "●" : "○";
}

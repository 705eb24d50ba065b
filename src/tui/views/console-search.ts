/** A search in what a console has printed. Lines that no longer change are searched once, however much comes after them. */
import { maxCounted, patternOf, type SearchQuery } from "../../editor/search.ts";
import type { ConsolePlace, ConsoleText } from "../../session/console-text.ts";

/** A match in a line. */
export interface ConsoleMatch {
  readonly from: ConsolePlace;
  readonly to: ConsolePlace;
}

/** Part of a line's text. */
export interface FoundSpan {
  readonly from: number;
  readonly to: number;
}

/** A query and its matches. */
export class ConsoleSearch {
  readonly #text: ConsoleText;
  #pattern: RegExp | undefined;
  #matches: ConsoleMatch[] = [];
  /** The number of the line from which on nothing was searched, or which may have changed since. */
  #searched = 0;
  #version = -1;

  constructor(text: ConsoleText, query: SearchQuery) {
    this.#text = text;
    this.#pattern = patternOf(query);
    this.#searched = text.first;
  }

  /** The matches, in order: the newest `maxCounted`. */
  get matches(): readonly ConsoleMatch[] {
    const text = this.#text;
    if (!this.#pattern || this.#version === text.version) return this.#matches;
    this.#version = text.version;
    const from = Math.max(text.first, this.#searched);
    const kept = this.#matches.filter(({ from: { line } }) => line >= text.first && line < from);
    for (let line = from; line < text.end; line++) {
      for (const { from: start, to } of this.in(text.line(line).text)) {
        kept.push({ from: { line, offset: start }, to: { line, offset: to } });
        if (kept.length > 2 * maxCounted) kept.splice(0, maxCounted);
      }
    }
    this.#matches = kept.slice(-maxCounted);
    this.#searched = Math.min(text.settled, text.end);
    return this.#matches;
  }

  /** Whether there may be older matches than those of `matches`. */
  get more(): boolean {
    return this.#matches.length === maxCounted;
  }

  /** The matches in a line's text. */
  *in(text: string): Generator<FoundSpan> {
    const pattern = this.#pattern;
    if (!pattern) return;
    let at = 0;
    for (;;) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (!match) return;
      at = match.index + match[0].length;
      yield { from: match.index, to: at };
    }
  }

  /** The index of the nearest match after a place (1) or before it (-1), going on at the other end; -1 without any. */
  nearest(place: ConsolePlace, direction: 1 | -1): number {
    const { matches } = this;
    if (direction === 1) {
      const next = matches.findIndex(({ from }) => isAfter(from, place));
      return next < 0 && matches.length > 0 ? 0 : next;
    }
    const previous = matches.findLastIndex(({ from }) => isAfter(place, from));
    return previous < 0 ? matches.length - 1 : previous;
  }
}

function isAfter(a: ConsolePlace, b: ConsolePlace): boolean {
  return a.line > b.line || (a.line === b.line && a.offset > b.offset);
}

/** A scanner for one line of Python, in one pass. */

import { quoteOf, startState, StringState, styles } from "./lexer-state.ts";
import type { LexerState } from "./lexer-state.ts";
import { builtins, exceptionName, keywords, softKeywords, stringPrefixes } from "./python-words.ts";
import type { Style } from "./types.ts";

const namePattern = /[\p{XID_Start}_]\p{XID_Continue}*/uy;
const numberPattern =
  /(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?)/y;
const blanksPattern = /[ \t\f]+/y;
const operatorPattern = /(?:[-+*/%=<>&|^~@:]|!=|\\$)+/y;
const decoratorPattern = /@[ \t]*[\p{XID_Start}_][\p{XID_Continue}.]*/uy;

/** The result of a scan; see `LexedLine`. */
export interface Scanned {
  readonly end: LexerState;
  readonly open: LexerState;
  readonly comment: boolean;
  readonly marks: number[];
  readonly brackets: readonly number[];
}

/**
 * Most levels of f-strings in fields of f-strings, as in CPython (MAXFSTRINGLEVEL of its lexer). A deeper one is a
 * plain string.
 */
const maxNested = 150;

/** Instead of a count of open brackets: the field's format has begun. */
const inFormat = -1;

/** The kinds of tokens by their first character. */
const TokenStart = {
  other: 0,
  blank: 1,
  quote: 2,
  comment: 3,
  bracket: 4,
  separator: 5,
  dot: 6,
  at: 7,
  digit: 8,
} as const;

const startsByCharacter: Readonly<Record<keyof typeof TokenStart, string>> = {
  other: "",
  blank: " \t\f",
  quote: "\"'",
  comment: "#",
  bracket: "()[]{}",
  separator: ",;",
  dot: ".",
  at: "@",
  digit: "0123456789",
};

/** `TokenStart` of each character of ASCII. */
const starts = new Uint8Array(128);
for (const [start, characters] of Object.entries(startsByCharacter)) {
  for (const character of characters) starts[character.charCodeAt(0)] = TokenStart[start as keyof typeof TokenStart];
}

const styleIndex = Object.fromEntries(styles.map((style, index) => [style, index])) as Readonly<Record<Style, number>>;

/** A scanner for one line. */
export class PythonScanner {
  readonly #text: string;
  readonly #marks: number[] = [];
  readonly #brackets: number[] = [];
  #at = 0;
  #state: LexerState;
  #open: LexerState;
  #comment = false;
  /** The word before the current one, and whether a dot stands between. */
  #previousWord = "";
  #afterDot = false;
  /** Open fields, one inside another. */
  #fields = 0;

  constructor(text: string, start: LexerState) {
    this.#text = text;
    this.#state = start;
    this.#open = start;
  }

  /** Scans the line; called once. */
  scan(): Scanned {
    if (this.#state !== startState) this.#string(0);
    while (this.#at < this.#text.length) this.#token(false);
    return { end: this.#state, open: this.#open, comment: this.#comment, marks: this.#marks, brackets: this.#brackets };
  }

  /** Scans one token of code. Brackets in the braces of an f-string are not collected: they close inside. */
  #token(inFormat: boolean): void {
    switch (starts[this.#text.charCodeAt(this.#at)]) {
      case TokenStart.blank:
        return this.#take(blanksPattern, "text");
      case TokenStart.quote:
        return this.#quoted(this.#at, false);
      case TokenStart.comment:
        this.#comment = true;
        return this.#mark(this.#text.length, "comment");
      case TokenStart.bracket:
        if (!inFormat) this.#brackets.push(this.#at);
        return this.#punctuation();
      case TokenStart.separator:
        return this.#punctuation();
      case TokenStart.dot:
        return this.#dot();
      case TokenStart.at:
        return this.#atSign();
      case TokenStart.digit:
        return this.#number();
      default:
        return this.#nameOrOperator();
    }
  }

  #punctuation(): void {
    this.#afterDot = false;
    this.#mark(this.#at + 1, "text");
  }

  #dot(): void {
    const next = this.#text.charCodeAt(this.#at + 1);
    if (next >= 0x30 && next <= 0x39) return this.#number();
    this.#mark(this.#at + 1, "text");
    this.#afterDot = true;
  }

  #atSign(): void {
    if (this.#text.slice(0, this.#at).trim() === "" && this.#matches(decoratorPattern))
      return this.#take(decoratorPattern, "decorator");
    this.#take(operatorPattern, "operator");
  }

  #number(): void {
    const from = this.#at;
    this.#take(numberPattern, "number");
    this.#afterDot = false;
    // `1abc` is neither a number nor a name; seeing it red is better than a message about invalid syntax.
    if (
      this.#matches(namePattern) &&
      !/^(?:and|else|for|if|in|is|or)\b/.test(this.#text.slice(this.#at, this.#at + 5))
    ) {
      this.#take(namePattern, "error");
      this.#restyle(from, "error");
    }
  }

  #nameOrOperator(): void {
    if (this.#matches(namePattern)) return this.#name(namePattern.lastIndex);
    if (this.#matches(operatorPattern)) {
      this.#afterDot = false;
      return this.#take(operatorPattern, "operator");
    }
    // Typographic quotes, no-break spaces, `$`, `?`: Python accepts none of them outside strings.
    const width = (this.#text.codePointAt(this.#at) ?? 0) > 0xffff ? 2 : 1;
    this.#mark(this.#at + width, "error");
  }

  #name(end: number): void {
    const word = this.#text.slice(this.#at, end);
    const quote = this.#text.charCodeAt(end);
    if ((quote === 0x22 || quote === 0x27) && word.length <= 2 && stringPrefixes.has(word.toLowerCase())) {
      const from = this.#at;
      this.#at = end;
      return this.#quoted(from, word.toLowerCase().includes("f") && this.#fields < maxNested);
    }
    const style = this.#wordStyle(word, end);
    this.#mark(end, style);
    this.#previousWord = word;
    this.#afterDot = false;
  }

  #wordStyle(word: string, end: number): Style {
    if (this.#previousWord === "def") return "function";
    if (this.#previousWord === "class") return "type";
    if (this.#afterDot) return "text";
    if (keywords.has(word)) return "keyword";
    if (softKeywords.has(word) && this.#startsCompound(end)) return "keyword";
    if (word === "self" || word === "cls") return "variable";
    if (builtins.has(word)) return "builtin";
    return exceptionName.test(word) ? "type" : "text";
  }

  /** `match x:` and `case 1:`, but not `match = 3` or `match(x)`. */
  #startsCompound(end: number): boolean {
    if (this.#text.slice(0, this.#at).trim() !== "") return false;
    return /^[ \t]*[^\s=.,:)]/.test(this.#text.slice(end)) && /:[ \t]*(?:#.*)?$/.test(this.#text);
  }

  /** Scans a string with its first quote at the current position; `from` is the start of its prefix. */
  #quoted(from: number, format: boolean): void {
    const quoteAt = this.#at;
    const quote = this.#text.charAt(quoteAt);
    const triple = this.#text.startsWith(quote.repeat(3), quoteAt);
    this.#state =
      StringState.inside |
      (quote === '"' ? StringState.double : 0) |
      (triple ? StringState.triple : 0) |
      (format ? StringState.format : 0);
    this.#afterDot = false;
    this.#previousWord = "";
    this.#at = from;
    this.#mark(quoteAt + (triple ? 3 : 1), "string");
    this.#string(from);
  }

  /**
   * Scans the rest of a string that began at `from` or on an earlier line, up to its closing quote or the end of the
   * line.
   */
  #string(from: number): void {
    const state = this.#state;
    const quote = quoteOf(state);
    const delimiter = state & StringState.triple ? quote.repeat(3) : quote;
    let at = this.#at;
    while (at < this.#text.length) {
      const character = this.#text.charAt(at);
      if (character === "\\") {
        at += 2;
      } else if (character === quote && this.#text.startsWith(delimiter, at)) {
        this.#mark(at + delimiter.length, "string");
        this.#state = startState;
        this.#open = startState;
        return;
      } else if (character === "{" && state & StringState.format && this.#text.charAt(at + 1) !== "{") {
        this.#mark(at, "string");
        this.#field(quote);
        at = this.#at;
      } else {
        at += character === "{" && state & StringState.format ? 2 : 1;
      }
    }
    this.#mark(this.#text.length, "string");
    this.#open = state;
    if (state & StringState.triple || at > this.#text.length) return; // at > length: a backslash ends the line and the string goes on
    this.#restyle(from, "error");
    this.#state = startState;
  }

  /**
   * Scans `{expression!r:format}` in an f-string; the string's own quote ends it, as in Python before 3.12. Formats of
   * fields can contain fields, to any depth. So the open ones are counted in `depths` (the open brackets of each field;
   * `inFormat` after its format has begun), and not on the stack.
   */
  #field(quote: string): void {
    const depths: number[] = [];
    this.#fields++;
    do {
      const depth = depths.at(-1);
      if (depth === undefined || (depth === inFormat && this.#text.charAt(this.#at) === "{")) {
        this.#mark(this.#at + 1, "operator");
        depths.push(0);
      } else if (depth === inFormat ? this.#formatEnds(quote) : this.#expressionEnds(depths, quote)) depths.pop();
    } while (depths.length > 0);
    this.#fields--;
  }

  /** Scans one step of the innermost field's expression; true when the field is over. */
  #expressionEnds(depths: number[], quote: string): boolean {
    const depth = depths.at(-1) ?? 0;
    const character = this.#text.charAt(this.#at);
    if (character === "" || character === quote) return true;
    if (depth === 0 && character === "}") {
      this.#mark(this.#at + 1, "operator");
      return true;
    }
    if (depth === 0 && (character === ":" || (character === "!" && this.#text.charAt(this.#at + 1) !== "="))) {
      depths[depths.length - 1] = inFormat;
      return false;
    }
    depths[depths.length - 1] = depthAfter(depth, character);
    if (character === "'" || character === '"') this.#nestedString(character, quote);
    else if (character === "\\" || character === "#") return true; // neither may stand in a field
    else this.#token(true);
    return false;
  }

  /**
   * Scans what follows the colon or exclamation mark, up to a field in it (false) or to the end of the field (true).
   */
  #formatEnds(quote: string): boolean {
    let at = this.#at;
    while (at < this.#text.length && !"{}".includes(this.#text.charAt(at)) && this.#text.charAt(at) !== quote) at++;
    this.#mark(at, "string");
    const character = this.#text.charAt(at);
    if (character === "}") this.#mark(at + 1, "operator");
    return character !== "{";
  }

  /** Scans a string in a field, cut off at the outer string's quote. */
  #nestedString(inner: string, outer: string): void {
    let at = this.#at + 1;
    while (at < this.#text.length && this.#text.charAt(at) !== inner && this.#text.charAt(at) !== outer) at++;
    this.#mark(this.#text.charAt(at) === inner ? at + 1 : at, "string");
  }

  #matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text);
  }

  #take(pattern: RegExp, style: Style): void {
    this.#mark(this.#matches(pattern) ? pattern.lastIndex : this.#at + 1, style);
  }

  /** Gives everything up to `end` a style; joins the run before when that has the same. */
  #mark(end: number, style: Style): void {
    const to = Math.min(end, this.#text.length);
    if (to <= this.#at) return;
    const marks = this.#marks;
    const index = styleIndex[style];
    if (marks.length > 0 && marks[marks.length - 1] === index) marks[marks.length - 2] = to;
    else marks.push(to, index);
    this.#at = to;
  }

  /** Changes the style of everything from an offset to the current position. */
  #restyle(from: number, style: Style): void {
    const end = this.#at;
    const marks = this.#marks;
    let start = this.#at;
    while (marks.length > 0) {
      start = marks.length > 2 ? (marks[marks.length - 4] ?? 0) : 0;
      if (start < from) break;
      marks.length -= 2;
    }
    if (marks.length > 0) marks[marks.length - 2] = from;
    this.#at = from;
    this.#mark(end, style);
  }
}

/** The number of open brackets after a character. */
function depthAfter(depth: number, character: string): number {
  if ("([{".includes(character)) return depth + 1;
  return ")]}".includes(character) ? Math.max(0, depth - 1) : depth;
}

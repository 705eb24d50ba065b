/** Splits a command line into words by the quoting rules of a POSIX shell, and does nothing else that a shell does. */
import { UserError } from "../base/errors.ts";

/** Longest command line, in UTF-16 units. */
const maxLineLength = 16 * 1024;

/**
 * The words of a line. They are separated by blanks; '...' is literal, "..." takes \" \\ \$ \`, a backslash outside
 * quotes takes the next character (POSIX.1-2017, Shell Command Language 2.2). There are no variables, globs, pipes or
 * comments. Throws a UserError for an unclosed quote and for a line that is too long.
 */
export function splitWords(line: string): string[] {
  return shellWords(line).map(({ text }) => text);
}

/** A word of a line. */
export interface ShellWord {
  readonly text: string;
  /** The word as a pattern of names, if a wildcard (`*`, `?`, `[`) stands in it outside of quotes. */
  readonly pattern: string | undefined;
  /** Whether it begins with `~` outside of quotes, as the whole word or before a `/`: a shell puts the home there. */
  readonly inHome: boolean;
}

/** The words of a line, with what a shell would do with them next. Throws as `splitWords`. */
export function shellWords(line: string): ShellWord[] {
  if (line.length > maxLineLength) {
    throw new UserError(
      "usage",
      "this command is too long",
      `The limit is ${maxLineLength} characters; send longer input through standard input.`,
    );
  }
  const words: ShellWord[] = [];
  let pieces: Piece[] = [];
  for (let at = 0; at < line.length;) {
    const piece = pieceAt(line, at);
    if (piece.text !== undefined) pieces.push(piece);
    else if (pieces.length > 0) {
      words.push(wordOf(pieces));
      pieces = [];
    }
    at += piece.length;
  }
  if (pieces.length > 0) words.push(wordOf(pieces));
  return words;
}

function wordOf(pieces: readonly Piece[]): ShellWord {
  const text = pieces.map((piece) => piece.text).join("");
  const [first, second] = pieces;
  return {
    text,
    pattern: pieces.some(({ text: one = "", quoted }) => !quoted && /[*?[]/.test(one))
      ? pieces.map(({ text: one = "", quoted }) => (quoted ? one.replaceAll(/[*?[]/g, "[$&]") : one)).join("")
      : undefined,
    inHome: first?.text === "~" && !first.quoted && (second === undefined || (second.text ?? "").startsWith("/")),
  };
}

/** A part of a word, or a blank, which has no text, and the number of characters it takes in the line. */
interface Piece {
  readonly text: string | undefined;
  readonly length: number;
  readonly quoted: boolean;
}

function pieceAt(line: string, at: number): Piece {
  const character = line.charAt(at);
  if (character === "'" || character === '"') return quotedAt(line, at, character);
  if (character === "\\" && at + 1 < line.length) return { text: line.charAt(at + 1), length: 2, quoted: true };
  return { text: /\s/.test(character) ? undefined : character, length: 1, quoted: false };
}

function quotedAt(line: string, at: number, quote: "'" | '"'): Piece {
  let text = "";
  for (let end = at + 1; end < line.length; end++) {
    const character = line.charAt(end);
    if (character === quote) return { text, length: end + 1 - at, quoted: true };
    const isEscape =
      quote === '"' && character === "\\" && end + 1 < line.length && '"\\$`'.includes(line.charAt(end + 1));
    text += isEscape ? line.charAt(++end) : character;
  }
  throw new UserError("usage", `a ${quote} quote is not closed`, "Put a second one at the end of the text.");
}

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
  if (line.length > maxLineLength) {
    throw new UserError(
      "usage",
      "this command is too long",
      `The limit is ${maxLineLength} characters; send longer input through standard input.`,
    );
  }
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length;) {
    const piece = pieceAt(line, at);
    if (piece.text !== undefined) word = (word ?? "") + piece.text;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
    at += piece.length;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** A part of a word, or a blank, which has no text, and the number of characters it takes in the line. */
interface Piece {
  readonly text: string | undefined;
  readonly length: number;
}

function pieceAt(line: string, at: number): Piece {
  const character = line.charAt(at);
  if (character === "'" || character === '"') return quotedAt(line, at, character);
  if (character === "\\" && at + 1 < line.length) return { text: line.charAt(at + 1), length: 2 };
  return { text: /\s/.test(character) ? undefined : character, length: 1 };
}

function quotedAt(line: string, at: number, quote: "'" | '"'): Piece {
  let text = "";
  for (let end = at + 1; end < line.length; end++) {
    const character = line.charAt(end);
    if (character === quote) return { text, length: end + 1 - at };
    const isEscape =
      quote === '"' && character === "\\" && end + 1 < line.length && '"\\$`'.includes(line.charAt(end + 1));
    text += isEscape ? line.charAt(++end) : character;
  }
  throw new UserError("usage", `a ${quote} quote is not closed`, "Put a second one at the end of the text.");
}

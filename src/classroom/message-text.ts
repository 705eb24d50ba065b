/** Text that people write to each other, made fit to be stored and shown. */
import { UserError } from "../base/errors.ts";
import { replaceUnseenInText } from "../base/invisible.ts";

/** Longest message, in characters. */
export const maxMessage = 2000;
/** Longest note of a hand, in characters. */
export const maxNote = 200;
/** Most lines of a message: enough for a function, and few enough for the inbox of a small screen. */
export const maxMessageLines = 100;

/**
 * Removes what can't be read: escapes and other control characters, invisible characters, and those that change the
 * direction of writing. Line ends stay.
 */
function readableText(text: string): string {
  const clean = replaceUnseenInText(text, (character) => (character === "\n" ? character : ""));
  // PostgreSQL accepts no half characters.
  return Buffer.from(clean).toString();
}

/** Readable text on one line: line ends and tabs become blanks. */
export function readable(text: string): string {
  return readableText(text.replace(/[\s\u2028\u2029\u2800]+/g, " ")).trim();
}

/**
 * Readable text with the line ends and the indentation of code; a tab becomes four blanks. No blanks at the ends of
 * lines, no two empty lines in a row.
 */
function readableLines(text: string): string {
  const lines = readableText(
    text
      .replace(/\r\n|[\r\v\f\u0085\u2028\u2029]/g, "\n")
      .replaceAll("\t", "    ")
      .replace(/[^\S\n]|\u2800/g, " "),
  );
  const clean = lines
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^\n+/, "")
    .trimEnd();
  return clean.includes("\n") ? clean : clean.trimStart();
}

/** The text of a message as it is stored. Throws `usage` for an empty one, `too-large` for one that is too long. */
export function messageText(text: string): string {
  // A megabyte is not cleaned only to be refused.
  const clean = text.length > 4 * maxMessage ? text : readableLines(text);
  if (clean === "") throw new UserError("usage", "the message is empty", "Write the text after the name.");
  if (clean.split("\n").length > maxMessageLines)
    throw tooLarge(`the message is too long: the limit is ${maxMessageLines} lines`);
  return bounded(clean, maxMessage, "the message");
}

/** The note of a hand as it is stored; may be empty. Throws `too-large`. */
export function noteText(text: string): string {
  return bounded(text.length > 4 * maxNote ? text : readable(text), maxNote, "your question");
}

function bounded(text: string, maxLength: number, what: string): string {
  // Code points, as PostgreSQL counts.
  if (Array.from(text.slice(0, 2 * maxLength + 1)).length <= maxLength) return text;
  throw tooLarge(`${what} is too long: the limit is ${maxLength} characters`);
}

function tooLarge(problem: string): UserError {
  return new UserError("too-large", problem, "Shorten it, or put it in a file of the course.");
}

/** A number as "1st", "2nd" or "11th". */
export function ordinal(number: number): string {
  const teens = number % 100 > 10 && number % 100 < 14;
  return `${number}${teens ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th")}`;
}

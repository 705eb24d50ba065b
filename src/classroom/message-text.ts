/** What people write to each other, made fit to be stored and shown. */
import { UserError } from "../base/errors.ts";
import { replaceUnseenInText } from "../base/invisible.ts";

export const maxMessage = 2000;
export const maxNote = 200;
/** Lines of a message: enough for a function, and the inbox of a small screen can still be scrolled through. */
export const maxMessageLines = 100;

/** Only what can be read: no escapes or other control characters, nothing that can't be seen or turns the direction of writing around. Line ends stay. */
function readableText(text: string): string {
  const clean = replaceUnseenInText(text, (character) => (character === "\n" ? character : ""));
  // PostgreSQL takes no half characters.
  return Buffer.from(clean).toString();
}

/** Text of one line: line ends and tabs are blanks. */
export function readable(text: string): string {
  return readableText(text.replace(/[\s\u2028\u2029\u2800]+/g, " ")).trim();
}

/** Text with the line ends and the indentation of code; a tab is four blanks. No blanks at ends of lines, no two empty lines on end. */
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

/** A message's text. Throws `usage` for an empty one, `too-large` for one that is too long. */
export function messageText(text: string): string {
  // Nobody cleans a megabyte only to refuse it.
  const clean = text.length > 4 * maxMessage ? text : readableLines(text);
  if (clean === "") throw new UserError("usage", "the message is empty", "Write the text after the name.");
  if (clean.split("\n").length > maxMessageLines)
    throw tooLarge(`the message is too long: the limit is ${maxMessageLines} lines`);
  return bounded(clean, maxMessage, "the message");
}

/** The line beside a raised hand; may be empty. Throws `too-large`. */
export function noteText(text: string): string {
  return bounded(text.length > 4 * maxNote ? text : readable(text), maxNote, "your question");
}

function bounded(text: string, maxLength: number, what: string): string {
  // Code points, as PostgreSQL counts them.
  if (Array.from(text.slice(0, 2 * maxLength + 1)).length <= maxLength) return text;
  throw tooLarge(`${what} is too long: the limit is ${maxLength} characters`);
}

function tooLarge(problem: string): UserError {
  return new UserError("too-large", problem, "Shorten it, or put it in a file of the course.");
}

/** "1st", "2nd", "11th". */
export function ordinal(number: number): string {
  const teens = number % 100 > 10 && number % 100 < 14;
  return `${number}${teens ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th")}`;
}

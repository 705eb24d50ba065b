/** What people write to each other, made fit to be stored and shown. */
import { UserError } from "../base/errors.ts";
import { replaceUnseenInText } from "../base/invisible.ts";

export const longestMessage = 2000;
export const longestNote = 200;

/**
 * Only what can be read: no escapes or other control characters, nothing that can't be seen or turns the direction of writing around. Line ends and
 * tabs become blanks, since a message is one paragraph wherever it is shown.
 */
export function readable(text: string): string {
  const clean = replaceUnseenInText(text.replace(/[\s\u2028\u2029\u2800]+/g, " "), () => "");
  // PostgreSQL takes no half characters.
  return Buffer.from(clean.trim()).toString();
}

/** A message's text. Throws `usage` for an empty one, `too-large` for one that is too long. */
export function messageText(text: string): string {
  // Nobody cleans a megabyte only to refuse it.
  const clean = text.length > 4 * longestMessage ? text : readable(text);
  if (clean === "") throw new UserError("usage", "the message is empty", "Write what you want to say after the name.");
  return bounded(clean, longestMessage, "the message");
}

/** The line beside a raised hand; may be empty. Throws `too-large`. */
export function noteText(text: string): string {
  return bounded(text.length > 4 * longestNote ? text : readable(text), longestNote, "the line beside your hand");
}

function bounded(text: string, longest: number, what: string): string {
  // Code points, as PostgreSQL counts them.
  if (Array.from(text.slice(0, 2 * longest + 1)).length <= longest) return text;
  throw new UserError("too-large", `${what} is too long: at most ${longest} characters`, "Shorten it, or put it in a file of the course.");
}

/** "1st", "2nd", "11th". */
export function ordinal(number: number): string {
  const teens = number % 100 > 10 && number % 100 < 14;
  return `${number}${teens ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th")}`;
}

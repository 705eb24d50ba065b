/** Splits a command line into words by the quoting rules of a POSIX shell, and by nothing else of a shell. */
import { UserError } from "../base/errors.ts";

/** Longest command line that is looked at, in UTF-16 units. */
const longest = 16 * 1024;

/**
 * Words are separated by blanks; '...' is literal, "..." takes \" \\ \$ \`, a backslash outside quotes takes the next character
 * (POSIX.1-2017, Shell Command Language 2.2). There are no variables, globs, pipes or comments. Throws a UserError for a quote
 * that is not closed and for a line that is too long.
 */
export function splitWords(line: string): string[] {
  if (line.length > longest) {
    throw new UserError("usage", "this command is too long", `The limit is ${longest} characters; send longer input through standard input.`);
  }
  const words: string[] = [];
  let word: string | undefined;
  let quote: "'" | '"' | undefined;
  for (let i = 0; i < line.length; i++) {
    const character = line[i] ?? "";
    const next = line[i + 1];
    if (quote) {
      if (character === quote) quote = undefined;
      else if (quote === '"' && character === "\\" && next !== undefined && '"\\$`'.includes(next)) word += line[++i] ?? "";
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === "\\" && next !== undefined) {
      word = (word ?? "") + next;
      i++;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote) throw new UserError("usage", `a ${quote} quote is not closed`, "Put a second one at the end of the text.");
  if (word !== undefined) words.push(word);
  return words;
}

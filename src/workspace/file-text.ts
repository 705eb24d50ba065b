/** File content as text: strict UTF-8, nothing lost on the way from disk to the editor and back. */
import { isUtf8 } from "node:buffer";
import { UserError } from "../base/errors.ts";

export type LineEnding = "\n" | "\r\n";

/** The text of a file, with `\n` at line ends, and what is needed to write it back unchanged. */
export interface DecodedText {
  readonly text: string;
  readonly lineEnding: LineEnding;
  /** Whether the last line ends with a line break; true for an empty file. */
  readonly finalNewline: boolean;
  /** Whether the file begins with UTF-8's byte order mark, which Windows editors write; it is not part of `text`. */
  readonly byteOrderMark: boolean;
}

/** How a text is written. */
export interface TextFormat {
  readonly lineEnding?: LineEnding | undefined;
  readonly byteOrderMark?: boolean | undefined;
}

/** Bound of lines: a longer text is data rather than a program, and an editor needs memory and time for each line. */
export const maxFileLines = 200_000;

/** Bound of a line's UTF-16 units: a longer one is data too, and is laid out anew for every key while others wait. */
export const maxLineCharacters = 20_000;

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * The text of a file's bytes; `name` is for messages. Throws `not-text` for binary data and other encodings,
 * `too-large` for too many or too long lines.
 */
export function decodeText(bytes: Buffer, name: string): DecodedText {
  const marked = bytes.subarray(0, 3).equals(byteOrderMark);
  const content = marked ? bytes.subarray(3) : bytes;
  const problem = textProblem(content);
  if (problem) throw new UserError("not-text", `can't show ${name} as text: ${problem.what}`, problem.hint);
  const breaks = lineBreaks(content);
  if (breaks >= maxFileLines) {
    throw new UserError(
      "too-large",
      `can't show ${name}: it has more than ${maxFileLines.toLocaleString("en")} lines`,
      "A Python program can read it line by line.",
    );
  }
  const text = content.toString("utf8");
  const long = tooLongLine(text);
  if (long) {
    const sentence = `can't show ${name}: line ${long.number.toLocaleString("en")} has ${long.length.toLocaleString("en")} characters; the limit is ${maxLineCharacters.toLocaleString("en")}`;
    throw new UserError("too-large", sentence, "A Python program can read it.");
  }
  const windows = countOf(text, "\r\n");
  return {
    text: windows > 0 ? text.replaceAll("\r\n", "\n") : text,
    lineEnding: windows > breaks / 2 ? "\r\n" : "\n",
    finalNewline: text === "" || text.endsWith("\n"),
    byteOrderMark: marked,
  };
}

/** The bytes to write for a text. */
export function encodeText(text: string, format: TextFormat): Buffer {
  const content = Buffer.from(format.lineEnding === "\r\n" ? text.replaceAll("\n", "\r\n") : text, "utf8");
  return format.byteOrderMark ? Buffer.concat([byteOrderMark, content]) : content;
}

function textProblem(bytes: Buffer): { what: string; hint: string } | undefined {
  if (bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0))) {
    return { what: "it is saved as UTF-16", hint: "Save it again as UTF-8 in the program that made it." };
  }
  if (bytes.includes(0)) {
    return { what: "it contains binary data", hint: "A Python program can read it with open(name, 'rb')." };
  }
  if (isUtf8(bytes)) return undefined;
  return {
    what: `it is not UTF-8 (line ${firstBadLine(bytes)})`,
    hint: "Save it again as UTF-8 in the program that made it. A Python program can read it with open(name, encoding='latin-1').",
  };
}

/**
 * Number of the first line that is not UTF-8. Valid UTF-8 can be cut at line breaks, since no other character contains
 * 0x0a.
 */
function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(10, start);
    if (!isUtf8(bytes.subarray(start, end < 0 ? bytes.length : end)) || end < 0) return line;
    start = end + 1;
  }
  return line;
}

function lineBreaks(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 10) count++;
  return count;
}

/** The first line that is too long. */
function tooLongLine(text: string): { number: number; length: number } | undefined {
  for (let number = 1, start = 0; text.length - start > maxLineCharacters; number++) {
    const end = text.indexOf("\n", start);
    const length = (end < 0 ? text.length : end) - start;
    if (length > maxLineCharacters) return { number, length };
    start = end + 1;
  }
  return undefined;
}

function countOf(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

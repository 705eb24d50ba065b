/**
 * The lines of a console that name a file and a line, as those of a traceback do. Programs can print such lines too: a
 * link is only a wish, and whoever follows it opens nothing that the person may not open.
 */
import type { ConsoleText } from "./console-text.ts";

/** A file and a line that a console names. */
export interface TracebackLink {
  /** As the program names it. */
  readonly file: string;
  readonly line: number;
}

/** The console's text, as links need it. */
export type LinkedText = Pick<ConsoleText, "first" | "end" | "line">;

/** Longest line that is read. */
const maxText = 4096;
/** The text of a frame and the carets below it stand below the line that names it. */
const linesBelow = 2;
/** Lines and links that are looked through, from the newest back. */
const maxLines = 3000;
const maxLinks = 200;

/** The console's headline above each run; before it may stand a prompt, and what was typed there. */
const runBegins = /^(?:(?:>>>|\.\.\.) .*)?=== (?:RUN [^=]+|RESTART) ===$/;

/** Each takes steps in proportion to the text: a program may print what makes a pattern go back again and again. */
const patterns = [
  // The debugger's: > /home/ada/area.py(3)area()
  /^> (\/.+)\((\d{1,7})\)[^\s()]+\(\)/,
  // A warning: /home/ada/area.py:3: SyntaxWarning: ...
  /^(\/.+?\.py):(\d{1,7}): /,
] as const;

/** The link of a line of text. */
export function linkIn(text: string): TracebackLink | undefined {
  if (text.length > maxText) return undefined;
  const [file, line] =
    partsOfFrame(text) ?? patterns.map((pattern) => pattern.exec(text)?.slice(1)).find(Boolean) ?? [];
  if (file === undefined || file === "" || file.startsWith("<") || !(Number(line) > 0)) return undefined;
  return { file, line: Number(line) };
}

/** File and line of a traceback, also within a group of exceptions:   | File "/home/ada/area.py", line 3, in area */
function partsOfFrame(text: string): readonly string[] | undefined {
  const start = /^[ |+]*File "/.exec(text)?.[0].length;
  const end = text.lastIndexOf('", line ');
  if (start === undefined || end < start) return undefined;
  const [, line] = /^(\d{1,7})(?:, in .*)?$/.exec(text.slice(end + '", line '.length)) ?? [];
  return line === undefined ? undefined : [text.slice(start, end), line];
}

/** The link at a line of the console: on the one that names a file, and on the program's text below it. */
export function linkAt(text: LinkedText, number: number): TracebackLink | undefined {
  for (let line = number; line >= Math.max(text.first, number - linesBelow); line--) {
    const found = text.line(line).text;
    const link = linkIn(found);
    if (link) return link;
    if (!/^(?: *\| )? {4}/.test(found)) return undefined;
  }
  return undefined;
}

/** The links of the newest run that has any, the newest first; calls that repeat, as in a recursion, count once. */
export function linksOf(text: LinkedText): readonly TracebackLink[] {
  const found: TracebackLink[] = [];
  for (let line = text.end - 1; line >= Math.max(text.first, text.end - maxLines) && found.length < maxLinks; line--) {
    const shown = text.line(line).text;
    // What failed in an earlier run has been mended meanwhile, as a rule.
    if (found.length > 0 && runBegins.test(shown)) break;
    const link = linkIn(shown);
    if (link && !isSamePlace(link, found.at(-1))) found.push(link);
  }
  return found;
}

/** Whether both name the same line of the same file. */
export function isSamePlace(link: TracebackLink, other: TracebackLink | undefined): boolean {
  return link.file === other?.file && link.line === other.line;
}

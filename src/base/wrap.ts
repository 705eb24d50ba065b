/** Breaks text into lines as the terminal counts columns. */
import { charWidth, stringWidth } from "./width.ts";

/** As many whole characters of the start of `text` as fit `width` columns. */
export function takeColumns(text: string, width: number): string {
  let used = 0;
  let index = 0;
  for (const character of text) {
    used += charWidth(character.codePointAt(0) ?? 0);
    if (used > width) break;
    index += character.length;
  }
  return text.slice(0, index);
}

/** A sentence as whole lines of a terminal that has no screen of ours on it, broken at words. */
export function terminalLines(text: string, columns: number): string {
  return wrap(text, columns)
    .map((line) => `${line}\r\n`)
    .join("");
}

/** Breaks text at spaces into lines of at most `width` columns; longer words are cut apart, newlines and indentation are kept. */
export function wrap(text: string, width: number): string[] {
  const limit = Math.max(2, width);
  return text.split("\n").flatMap((paragraph) => wrapParagraph(paragraph, limit));
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  const indentation = /^ */.exec(paragraph)?.[0] ?? "";
  // What is indented so far that nothing would be left of the line begins at its start.
  const start = indentation.length > width / 2 ? "" : indentation;
  let current = "";
  for (const word of paragraph.slice(indentation.length).split(" ")) {
    const joined = current === "" ? start + word : `${current} ${word}`;
    if (stringWidth(joined) <= width) {
      current = joined;
      continue;
    }
    if (current !== "") lines.push(current);
    current = current === "" && lines.length === 0 ? joined : word;
    while (stringWidth(current) > width) {
      const head = takeColumns(current, width);
      lines.push(head);
      current = current.slice(head.length);
    }
  }
  lines.push(current);
  return lines;
}

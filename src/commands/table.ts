import { replaceUnseenInText, spellOut } from "../base/invisible.ts";
import { stringWidth } from "../base/width.ts";

/**
 * Rows under a header, with aligned columns two blanks apart, as PostgreSQL's and git's tools print them. Without rows,
 * `empty`.
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[], empty: string): string {
  if (rows.length === 0) return `${empty}\n`;
  const lines = [header, ...rows.map((row) => row.map(printable))];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => stringWidth(line[column] ?? ""))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - stringWidth(cell)))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** Aligned lines of `Name: value`. */
export function fields(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${printable(value)}\n`).join("");
}

/**
 * Text of people's, fit for a terminal: escape sequences must never reach it, and invisible characters are spelt out.
 */
export function printable(text: string): string {
  return replaceUnseenInText(text.replace(/[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/gu, "\ufffd"), spellOut);
}

/**
 * `ESC [ ... m`: colours and styles, reduced to those that the console shows. xterm.js keeps an object for each stretch
 * of underlined text and for each coloured underline, up to one for each cell (a screen with its past: 27 MB). A line
 * above a letter it keeps as one bit, and we show none: so what a program underlines has that bit instead
 * (`isUnderlined`), and the colour of underlines is left out.
 */
import type { IBufferCell } from "@xterm/headless";
import type { Priced, Prices } from "./output-prices.ts";

/** Most styles in one sequence, as in xterm.js. */
const maxStyles = 32;
const overline = "53";
const noOverline = "55";

/** Whether a cell of the console is underlined. */
export function isUnderlined(cell: IBufferCell): boolean {
  return cell.isOverline() !== 0 || cell.isUnderline() !== 0;
}

/** The parameters that are passed to the emulator, with their prices. */
export function acceptStyles(parameters: string, prices: Prices): readonly Priced[] {
  const given = parameters.split(";", maxStyles);
  const accepted: string[] = [];
  for (let i = 0; i < given.length;) {
    const style = given[i] ?? "";
    const length = argumentsOf(style, given, i);
    if (style.startsWith("38") || style.startsWith("48")) accepted.push(...given.slice(i, i + length));
    else accepted.push(...simple(style));
    i += length;
  }
  return accepted.length === 0
    ? []
    : [{ text: `\x1b[${accepted.join(";")}m`, steps: prices.sequence + 4 * accepted.length }];
}

/** A colour (of letters 38, of what is behind 48, of the underline 58) has its numbers behind semicolons or colons. */
function argumentsOf(style: string, given: readonly string[], at: number): number {
  if (!["38", "48", "58"].includes(style)) return 1;
  const mode = given[at + 1] ?? "";
  if (mode.includes(":")) return 2;
  if (mode === "5") return 3;
  return mode === "2" ? 5 : 6;
}

function simple(style: string): readonly string[] {
  if (style === "") return ["0"];
  if (style === "4:0" || style === "24") return [noOverline];
  if (style === "4" || style.startsWith("4:") || style === "21") return [overline];
  if (style === overline || style === noOverline || (style.startsWith("5") && style.length > 1)) return [];
  return /^\d{1,3}$/.test(style) ? [String(Number(style))] : [];
}

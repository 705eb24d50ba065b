/**
 * Positions in a line: clusters (what a person takes for one character), cells, and how a cluster is drawn.
 *
 * Offsets are UTF-16 units in the line's text; columns are terminal cells from 0. A cursor may stand only between two
 * clusters.
 */

import { findClusterBreak } from "@codemirror/state";
import { charWidth } from "../base/width.ts";

/** Cells to the next tab stop. This affects only drawing; a tab stays a tab in the text. */
export const tabCells = 4;

/** The first code that may combine: a pair of units below it is always two clusters. */
const firstCombining = 0x300;
const tabCode = 9;
const replacementSymbol = "\ufffd";
const combiningBase = "\u25cc";

/** The end of the cluster that starts at `offset`. */
export function clusterEnd(text: string, offset: number): number {
  if (offset >= text.length) return text.length;
  const next = offset + 1;
  if (next === text.length) return next;
  if (text.charCodeAt(offset) < firstCombining && text.charCodeAt(next) < firstCombining) return next;
  return findClusterBreak(text, offset, true);
}

/** The start of the cluster that ends at `offset`. */
export function clusterStart(text: string, offset: number): number {
  if (offset <= 1) return 0;
  if (text.charCodeAt(offset - 1) < firstCombining) return offset - 1;
  return findClusterBreak(text, offset, false);
}

/** The nearest offset, at or before `offset`, where a cursor may stand. */
export function snap(text: string, offset: number): number {
  if (offset <= 0) return 0;
  if (offset >= text.length) return text.length;
  if (text.charCodeAt(offset) < firstCombining) return offset;
  const start = clusterStart(text, offset);
  return clusterEnd(text, start) > offset ? start : offset;
}

/** The cells of the cluster `text[from..to]` when it is drawn at a column. */
export function clusterWidth(text: string, from: number, to: number, column: number): number {
  const code = text.charCodeAt(from);
  if (code === tabCode) return tabCells - (column % tabCells);
  if (to === from + 1 && code >= 0x20 && code < 0x7f) return 1;
  let width = 0;
  for (let at = from; at < to;) {
    const codePoint = text.codePointAt(at) ?? 0;
    width += isHidden(codePoint) ? 1 : charWidth(codePoint);
    at += codePoint > 0xffff ? 2 : 1;
  }
  return Math.max(width, 1);
}

/** The cluster as printable text of exactly `clusterWidth` cells. */
export function drawCluster(text: string, from: number, to: number, column: number): string {
  const code = text.charCodeAt(from);
  if (code === tabCode) return " ".repeat(tabCells - (column % tabCells));
  if (to === from + 1 && code >= 0x20 && code < 0x7f) return text.charAt(from);
  let drawn = "";
  let width = 0;
  for (let at = from; at < to;) {
    const codePoint = text.codePointAt(at) ?? 0;
    const hidden = isHidden(codePoint);
    width += hidden ? 1 : charWidth(codePoint);
    drawn += hidden ? visibleSymbol(codePoint) : String.fromCodePoint(codePoint);
    at += codePoint > 0xffff ? 2 : 1;
  }
  // A combining character without a base would join whatever stands left of the text on the screen.
  return width === 0 ? combiningBase + drawn : drawn;
}

/**
 * How many units of a text take one cell each: all of them in most lines, so that a line of megabytes is walked in
 * milliseconds.
 */
function plainUpTo(text: string, limit: number): number {
  for (let at = 0; at < limit; at++) {
    const code = text.charCodeAt(at);
    // What is not plain may join the character before it, which is therefore left to the clusters as well.
    if (code < 0x20 || code > 0x7e) return Math.max(0, at - 1);
  }
  return limit < text.length && text.charCodeAt(limit) > 0x7e ? Math.max(0, limit - 1) : limit;
}

/** The column at which `offset` is drawn. */
export function columnAt(text: string, offset: number): number {
  const end = Math.min(offset, text.length);
  let at = plainUpTo(text, end);
  let column = at;
  while (at < end) {
    const next = clusterEnd(text, at);
    if (next > end) break;
    column += clusterWidth(text, at, next, column);
    at = next;
  }
  return column;
}

/**
 * The cluster that covers a column: its offset, and the column where it starts. The line's end when the line is
 * shorter.
 */
export function clusterAtColumn(text: string, column: number): { readonly offset: number; readonly column: number } {
  let at = plainUpTo(text, Math.min(column, text.length));
  let reached = at;
  while (at < text.length) {
    const next = clusterEnd(text, at);
    const width = clusterWidth(text, at, next, reached);
    if (reached + width > column) break;
    reached += width;
    at = next;
  }
  return { offset: at, column: reached };
}

/** The offset of the cluster that covers a column. */
export function offsetAtColumn(text: string, column: number): number {
  return clusterAtColumn(text, column).offset;
}

/**
 * Whether a character must not reach a terminal as it is: control characters, halves of surrogate pairs, and what is
 * invisible or changes the direction of the text, since code would then look different from what Python runs
 * (CVE-2021-42574).
 */
function isHidden(codePoint: number): boolean {
  if (codePoint < 0x20) return true;
  if (codePoint < 0x7f) return false;
  if (codePoint < 0xa0) return true;
  if (codePoint < 0x61c) return codePoint === 0xad;
  if (codePoint < 0x200b) return codePoint === 0x61c;
  if (codePoint <= 0x2069) return isHiddenPunctuation(codePoint);
  return (
    (codePoint >= 0xd800 && codePoint <= 0xdfff) || codePoint === 0xfeff || (codePoint >= 0xfff9 && codePoint <= 0xfffb)
  );
}

/** The same for the characters from U+200B to U+2069. */
function isHiddenPunctuation(codePoint: number): boolean {
  if (codePoint === 0x200c || codePoint === 0x200d) return false; // they join the letters of scripts and emoji
  return codePoint <= 0x200f || (codePoint >= 0x2028 && codePoint <= 0x202e) || codePoint >= 0x2060;
}

/** The symbol for a hidden character, always one cell wide. */
function visibleSymbol(codePoint: number): string {
  if (codePoint < 0x20) return String.fromCodePoint(0x2400 + codePoint);
  return codePoint === 0x7f ? "\u2421" : replacementSymbol;
}

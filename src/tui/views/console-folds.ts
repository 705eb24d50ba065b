/**
 * Long outputs are folded where somebody reads back: what a program printed between two pauses (a prompt, a question, a
 * run), when that is more than `minLines`, shows its beginning and its end, and a marker between them. Output that still
 * goes on is never folded, nor is anything on the screen that the person did not scroll.
 */
import { counted } from "../../base/counted.ts";
import type { ConsoleText } from "../../session/console-text.ts";

/** Lines that one marker stands for. */
export interface Fold {
  readonly start: number;
  /** The number after the last line. */
  readonly end: number;
}

/** Outputs of fewer lines are shown whole. */
export const minLines = 300;
/** Lines that are shown before and after the marker. */
export const headLines = 30;
export const tailLines = 70;

/** The fold that a line is in; undefined for a line that is shown. */
export function foldOf(text: ConsoleText, line: number, opened: ReadonlySet<number>): Fold | undefined {
  const { pauses } = text;
  let low = 0;
  let high = pauses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pauses[middle] ?? 0) <= line) low = middle + 1;
    else high = middle;
  }
  const next = pauses[low];
  if (next === undefined) return undefined;
  const begin = Math.max(text.first, pauses[low - 1] ?? text.first);
  if (next - begin <= minLines) return undefined;
  const fold = { start: begin + headLines, end: next - tailLines };
  return line >= fold.start && line < fold.end && !opened.has(fold.end) ? fold : undefined;
}

/** What the marker says. */
export function foldLabel({ start, end }: Fold): string {
  return `… ${counted(end - start, "line")} …`;
}

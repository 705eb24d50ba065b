import type { Surface } from "../../terminal/draw/surface.ts";
import { stringWidth } from "../../base/width.ts";
import { bold, dim } from "./styles.ts";

/** A key that works here and now, as people write it ("F5", "^S"), and what it does in a word or two. */
export interface Hint {
  readonly key: string;
  readonly label: string;
}

/** Draws the bottom line: most useful first, whole entries only. */
export function drawHintLine(surface: Surface, hints: readonly Hint[]): void {
  let column = 1;
  for (const { key, label } of hints) {
    const width = stringWidth(key) + 1 + stringWidth(label);
    if (column + width > surface.width) break;
    column += surface.put(0, column, key, bold) + 1;
    column += surface.put(0, column, label, dim) + 2;
  }
}

/** The index of the hint under a column, for the mouse. */
export function hintAt(hints: readonly Hint[], width: number, column: number): number | undefined {
  let start = 1;
  for (const [index, { key, label }] of hints.entries()) {
    const end = start + stringWidth(key) + 1 + stringWidth(label);
    if (end > width) return undefined;
    if (column >= start && column < end) return index;
    start = end + 2;
  }
  return undefined;
}

/** How a canonical key name is written on the screen: "Ctrl-S" is "^S", "Ctrl-K Ctrl-R" is "^K ^R". */
export function shortKey(name: string): string {
  return name
    .split(" ")
    .map((part) => part.replace(/^Ctrl-(.)$/, (_, letter: string) => `^${letter.toUpperCase()}`))
    .join(" ");
}

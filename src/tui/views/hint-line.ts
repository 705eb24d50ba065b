import type { KeyContext } from "../../commands/keys/key-context.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { stringWidth } from "../../base/width.ts";
import { bold, dim } from "./styles.ts";

/** A key that works now, as people write it ("F5", "^S"), and what it does in a word or two. */
export interface Hint {
  readonly key: string;
  readonly label: string;
}

/** Draws the bottom line: the most useful hints, whole ones only. */
export function drawHintLine(surface: Surface, hints: readonly Hint[]): void {
  let column = 1;
  for (const { key, label } of hints) {
    const width = stringWidth(key) + 1 + stringWidth(label);
    if (column + width > surface.width) break;
    column += surface.put(0, column, key, bold) + 1;
    column += surface.put(0, column, label, dim) + 2;
  }
}

/** The index of the hint at a column, for the mouse; undefined when there is none. */
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

/**
 * The hint for a command of a context, or for a few that belong together. The label comes from the table unless one is
 * given.
 */
export function hintOf<Command extends string>(
  context: KeyContext<Command>,
  commands: Command | readonly Command[],
  label?: string,
): Hint {
  const all = typeof commands === "string" ? [commands] : commands;
  const [first] = all;
  return {
    key: all.map((command) => shortKey(context.keyFor(command))).join(" "),
    label: label ?? (first === undefined ? undefined : context.binding(first).hint) ?? "",
  };
}

/** Hints as a line of text, for the last line of a dialog. */
export function hintText(hints: readonly Hint[]): string {
  return hints.map(({ key, label }) => `${key} ${label}`).join("   ");
}

const shortNames: Readonly<Record<string, string>> = {
  Escape: "Esc",
  Up: "↑",
  Down: "↓",
  Left: "←",
  Right: "→",
  PageUp: "PgUp",
  PageDown: "PgDn",
};

/** A canonical key name as the screen shows it: "Ctrl-S" is "^S", "Ctrl-K Ctrl-R" is "^K ^R", "Escape" is "Esc". */
export function shortKey(name: string): string {
  return name
    .split(" ")
    .map((part) => shortNames[part] ?? part.replace(/^Ctrl-(.)$/, (_, letter: string) => `^${letter.toUpperCase()}`))
    .join(" ");
}

/** The difference between two versions of a text, line by line, for people to read. */
import { diffArrays } from "diff";

/**
 * A line of the file ("theirs"), of the editor ("mine"), or of both. Line numbers count from 1, and are undefined in a
 * version that lacks the line.
 */
export interface DifferenceLine {
  readonly kind: "same" | "theirs" | "mine";
  readonly text: string;
  readonly theirs: number | undefined;
  readonly mine: number | undefined;
}

/** The lines in order. A gap stands for equal lines far from any change. */
export type Difference = readonly (DifferenceLine | { readonly kind: "gap" })[];

/** Lines that are shown around each change. */
const context = 3;
/**
 * Bounds of a comparison: characters of both texts together, and lines added or removed. The work grows with the square
 * of the latter, and everybody waits for it. A bound in milliseconds would call a small file too different on a busy
 * machine.
 */
const maxCharacters = 2 ** 20;
const maxChangedLines = 1200;

/**
 * The difference from their text to mine; empty when both are equal, undefined when they are too large or too different
 * to compare.
 */
export function differenceOf(theirs: string, mine: string): Difference | undefined {
  if (theirs.length + mine.length > maxCharacters) return undefined;
  const changes = diffArrays(theirs.split("\n"), mine.split("\n"), { maxEditLength: maxChangedLines });
  if (!changes) return undefined;
  const lines: DifferenceLine[] = [];
  const last = { theirs: 0, mine: 0 };
  for (const { value, added, removed } of changes) {
    const kind = added ? "mine" : removed ? "theirs" : "same";
    for (const text of value) {
      const line = {
        kind,
        text,
        theirs: kind === "mine" ? undefined : (last.theirs += 1),
        mine: kind === "theirs" ? undefined : (last.mine += 1),
      } as const;
      lines.push(line);
    }
  }
  return aroundChanges(lines);
}

function aroundChanges(lines: readonly DifferenceLine[]): Difference {
  const shown: (DifferenceLine | { readonly kind: "gap" })[] = [];
  const near = nearChange(lines);
  if (!near.includes(true)) return shown;
  for (const [index, line] of lines.entries()) {
    if (near[index]) shown.push(line);
    else if (shown.at(-1)?.kind !== "gap") shown.push({ kind: "gap" });
  }
  return shown;
}

/** Whether each line is shown: forwards for the lines after a change, backwards for those before it. */
function nearChange(lines: readonly DifferenceLine[]): readonly boolean[] {
  const near = lines.map(() => false);
  const mark = (indexes: Iterable<number>): void => {
    let left = 0;
    for (const index of indexes) {
      left = lines[index]?.kind === "same" ? left - 1 : context + 1;
      if (left > 0) near[index] = true;
    }
  };
  mark(lines.keys());
  mark([...lines.keys()].toReversed());
  return near;
}

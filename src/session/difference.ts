/** What differs between two versions of a text, line by line, for people to read. */
import { diffArrays } from "diff";

/** A line of the file ("theirs"), of the editor ("mine"), or of both. Numbers count from 1. */
export interface DifferenceLine {
  readonly kind: "same" | "theirs" | "mine";
  readonly text: string;
  readonly theirs: number | undefined;
  readonly mine: number | undefined;
}

/** A gap stands for lines that both have, far from any change. */
export type Difference = readonly (DifferenceLine | { readonly kind: "gap" })[];

/** Lines that are shown around each change. */
const context = 3;
/**
 * Larger texts, in characters together, would keep everybody waiting, and so would texts with more lines added and removed than this: the
 * work grows with the square of that number. A bound by the clock instead called a small file too different on a busy machine.
 */
const maxCharacters = 2 ** 20;
const maxChangedLines = 1200;

/** From their text to mine; empty when both are the same. Undefined when the texts are too large or too different to compare. */
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

/** For each line whether it is to be shown: forwards for the lines after a change, backwards for those before. */
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

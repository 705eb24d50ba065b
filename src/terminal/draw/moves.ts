/**
 * What of a picture a terminal can move instead of having it written again: rows up or down (insert line, delete line in a scroll region),
 * the rest of a row left or right (insert character, delete character). Only characters are compared here: a guess that colours
 * spoil costs bytes, never a wrong picture, since whatever differs after the move is drawn.
 */
import { blank, continuation, type Grid } from "./grid.ts";

/** Rows `top` to `bottom` move down by `by`, or up when it is negative; what goes beyond is lost, what comes is blank. */
export interface RowMove {
  readonly top: number;
  readonly bottom: number;
  readonly by: number;
}

/** What follows `column` in the row moves right by `by`, or left when it is negative. */
export interface CellMove {
  readonly column: number;
  readonly by: number;
}

/** An Enter, and the lines of a turn of the wheel. The most likely one first: the first that helps is taken. */
const rowSteps = [1, -1, 3, -3, 2, -2] as const;
/** Characters that a move of rows must save: its sequences take about 25 bytes. */
const minRowGain = 40;
/** A letter, the spaces of an indentation. */
const maxCellStep = 4;
/** Characters that a move within a row must save: its sequence takes 3 or 4 bytes. */
const minCellGain = 6;

/** The move of rows between `first` and `last` that brings `front` nearest to `back`; undefined when none helps enough. */
export function findRowMove(back: Grid, front: Grid, first: number, last: number): RowMove | undefined {
  const stay = Array.from({ length: last - first + 1 }, (_, index) =>
    difference(back, first + index, front, first + index),
  );
  const blankDifference = (row: number): number => rowLength(back, row);
  for (const by of rowSteps) {
    let best: RowMove | undefined;
    let bestGain = minRowGain;
    let gain = 0;
    let from = first;
    for (let row = first; row <= last; row++) {
      const source = row - by;
      if (source < first || source > last) continue;
      if (gain <= 0) {
        gain = 0;
        from = row;
      }
      gain += (stay[row - first] ?? 0) - difference(back, row, front, source);
      if (gain <= bestGain) continue;
      bestGain = gain;
      best = by > 0 ? { top: from - by, bottom: row, by } : { top: from, bottom: row - by, by };
    }
    if (!best) continue;
    // The rows that come in are blank.
    const { top, bottom } = best;
    const fresh = Array.from({ length: Math.abs(by) }, (_, index) => (by > 0 ? top + index : bottom - index));
    for (const row of fresh) bestGain += (stay[row - first] ?? 0) - blankDifference(row);
    if (bestGain > minRowGain) return best;
  }
  return undefined;
}

/** The move of what begins in `column` of a row that saves most; undefined when none helps enough, or the widths of what would move are in doubt. */
export function findCellMove(back: Grid, front: Grid, row: number, column: number): CellMove | undefined {
  const { width } = back;
  const start = row * width;
  const end = start + width;
  const at = start + column;
  let stay = 0;
  for (let index = at; index < end; index++) if (back.characters[index] !== front.characters[index]) stay++;
  if (stay <= minCellGain || !isPlain(back, at, end) || !isPlain(front, at, end)) return undefined;
  let best: CellMove | undefined;
  let least = stay - minCellGain;
  for (let step = 1; step <= maxCellStep; step++) {
    let inserted = step;
    for (let index = at + step; index < end && inserted < least; index++)
      if (back.characters[index] !== front.characters[index - step]) inserted++;
    if (inserted < least) {
      least = inserted;
      best = { column, by: step };
    }
    let deleted = 0;
    for (let index = at; index < end && deleted < least; index++)
      if (back.characters[index] !== (index + step < end ? front.characters[index + step] : blank)) deleted++;
    if (deleted < least) {
      least = deleted;
      best = { column, by: -step };
    }
  }
  return best;
}

/** How many cells of a row show another character than those of a row of another grid of the same width. */
function difference(a: Grid, rowOfA: number, b: Grid, rowOfB: number): number {
  const { width } = a;
  const startOfA = rowOfA * width;
  const startOfB = rowOfB * width;
  let count = 0;
  for (let column = 0; column < width; column++)
    if (a.characters[startOfA + column] !== b.characters[startOfB + column]) count++;
  return count;
}

/** How many cells of a row are not blank. */
function rowLength(grid: Grid, row: number): number {
  const start = row * grid.width;
  let count = 0;
  for (let index = start; index < start + grid.width; index++) if (grid.characters[index] !== blank) count++;
  return count;
}

/** True when every terminal shows each of the cells as one column. */
function isPlain(grid: Grid, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const character = grid.characters[index] ?? continuation;
    if (character < blank || (character >= 0x300 && !isOurSign(character))) return false;
  }
  return true;
}

/** Lines and signs that our own screens are full of. */
function isOurSign(character: number): boolean {
  return (character >= 0x2010 && character <= 0x203a) || (character >= 0x2500 && character <= 0x257f);
}

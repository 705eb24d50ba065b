/**
 * What of a picture a terminal can move instead of having it written again: rows up or down (insert line, delete line
 * in a scroll region), the rest of a row left or right (insert character, delete character). Only characters are
 * compared here: a guess that colours spoil costs bytes, never a wrong picture, since whatever differs after the move
 * is drawn.
 */
import { blank, continuation, type Grid } from "./grid.ts";

/**
 * Rows `top` to `bottom` move down by `by`, or up when it is negative; what goes beyond is lost, what comes is blank.
 */
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
/** Bytes that a move of rows must save, its own sequences of about 25 included. */
const minRowGain = 40;
/** Rows that are tried before all of them. */
const maxSamples = 8;
/** Bytes that place the cursor, and cells in between that are not worth it. */
const placing = 7;
const maxGap = 3;
/** A letter, the spaces of an indentation; the most likely first. */
const cellSteps = [1, -1, 4, -4, 2, -2, 3, -3] as const;
/** Characters that a move within a row must save: its sequence takes 3 or 4 bytes. */
const minCellGain = 6;

/**
 * The move of rows between `first` and `last` that brings `front` nearest to `back`; undefined when none helps enough. A
 * few rows tell whether a step is worth a closer look: most changes of a large screen are no move, and all its rows
 * take a millisecond.
 */
export function findRowMove(back: Grid, front: Grid, first: number, last: number): RowMove | undefined {
  const stays = new Map<number, number>();
  const stay = (row: number): number => {
    const known = stays.get(row);
    if (known !== undefined) return known;
    const cost = costOf(back, row, front, row);
    stays.set(row, cost);
    return cost;
  };
  const samples = sampleRows(back, first, last);
  for (const by of rowSteps) {
    /** What a row saves that comes from `by` rows above; undefined when that row is not ours. */
    const gainOf = (row: number): number | undefined =>
      row - by < first || row - by > last ? undefined : stay(row) - costOf(back, row, front, row - by);
    if (!samples.some((row) => 2 * (gainOf(row) ?? 0) > stay(row))) continue;
    const run = bestRun(first, last, gainOf);
    if (!run) continue;
    const top = by > 0 ? run.from - by : run.from;
    const bottom = by > 0 ? run.to : run.to - by;
    let { gain } = run;
    // The rows that come in are blank.
    for (let row = by > 0 ? top : bottom + by + 1, end = row + Math.abs(by); row < end; row++)
      gain += stay(row) - lengthOf(back, row);
    if (gain > minRowGain) return { top, bottom, by };
  }
  return undefined;
}

/** Some rows that are not blank, far from each other. */
function sampleRows(grid: Grid, first: number, last: number): readonly number[] {
  const written = Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
    (row) => lengthOf(grid, row) > 0,
  );
  const step = Math.ceil(written.length / maxSamples);
  return written.filter((_, index) => index % step === 0);
}

/** Rows one after the other, and what they save together. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly gain: number;
}

/** The rows that save most together, if it is enough. A row of which `gainOf` knows nothing is passed over. */
function bestRun(first: number, last: number, gainOf: (row: number) => number | undefined): Run | undefined {
  let best: Run | undefined;
  let gain = 0;
  let from = first;
  for (let row = first; row <= last; row++) {
    const more = gainOf(row);
    if (more === undefined) continue;
    if (gain <= 0) {
      gain = 0;
      from = row;
    }
    gain += more;
    if (gain > (best?.gain ?? minRowGain)) best = { from, to: row, gain };
  }
  return best;
}

/**
 * The move of what begins in `column` of a row that saves most; undefined when none helps enough, or the widths of what
 * would move are in doubt.
 */
export function findCellMove(back: Grid, front: Grid, row: number, column: number): CellMove | undefined {
  const { width } = back;
  const start = row * width;
  const end = start + width;
  const at = start + column;
  const stay = differences({ back, front, from: at, end, by: 0 });
  if (stay <= minCellGain || !isPlain(back, at, end) || !isPlain(front, at, end)) return undefined;
  let best: CellMove | undefined;
  let least = stay - minCellGain;
  for (const by of cellSteps) {
    const left = differences({ back, front, from: at, end, by, enough: least });
    if (left >= least) continue;
    least = left;
    best = { column, by };
  }
  return best;
}

/** Cells of two grids of the same width, those of one moved right by `by`. */
interface Compared {
  readonly back: Grid;
  readonly front: Grid;
  /** Indices of cells. */
  readonly from: number;
  readonly end: number;
  readonly by: number;
  /** The number of differences after which nobody wants to know how many more there are. */
  readonly enough?: number;
}

/** How many cells differ after a move, those that come in included. */
function differences({ back, front, from, end, by, enough = end }: Compared): number {
  let count = Math.max(0, by);
  for (let index = from + count; index < end && count < enough; index++) {
    const source = index - by;
    if (back.characters[index] !== (source < end ? front.characters[source] : blank)) count++;
  }
  return count;
}

/** About how many bytes make a row of `front` look like one of `back`, of the same width. */
function costOf(back: Grid, row: number, front: Grid, frontRow: number): number {
  const start = row * back.width;
  const offset = frontRow * front.width - start;
  const end = start + lengthOf(back, row);
  let cost = lengthOf(front, frontRow) > end - start ? placing : 0; // erases what is beyond
  let last = start - maxGap - 2;
  for (let index = start; index < end; index++) {
    if (back.characters[index] === front.characters[index + offset]) continue;
    cost += index - last > maxGap + 1 ? placing + 1 : index - last;
    last = index;
  }
  return cost;
}

/** Cells of a row up to its last one that is not blank. */
function lengthOf(grid: Grid, row: number): number {
  const start = row * grid.width;
  let length = grid.width;
  while (length > 0 && grid.characters[start + length - 1] === blank) length--;
  return length;
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

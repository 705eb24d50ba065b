/** Turns a lexed line and its decorations into runs of cells. */

import { clusterEnd, clusterWidth, drawCluster, clusterAtColumn } from "./columns.ts";
import { styles } from "./lexer-state.ts";
import type { LexedLine } from "./lexer.ts";
import type { Style, TextRange } from "./types.ts";

/**
 * Adjacent cells of the same appearance. `text` can be written to a terminal unchanged: no tabs, no control characters.
 * `width` is in cells.
 */
export interface Segment {
  readonly text: string;
  readonly width: number;
  readonly style: Style;
  readonly selected: boolean;
  readonly match: boolean;
  readonly currentMatch: boolean;
  readonly bracket: boolean;
  /** Whether it is what failed when the program ran last. */
  readonly failed: boolean;
  /** Whether another participant has selected it. */
  readonly peerSelected: boolean;
  /** The colour of another participant with a cursor here; undefined for none. */
  readonly peerCursor: number | undefined;
}

/** What marks a part of a line, in offsets of the line. */
export interface Decoration extends TextRange {
  readonly kind: "selected" | "match" | "currentMatch" | "bracket" | "failed" | "peerSelected" | "peerCursor";
  /** The participant's colour, for a cursor. */
  readonly color?: number;
}

/** The visible columns; `left` is the first. */
export interface Window {
  readonly left: number;
  readonly width: number;
}

/** The visible part of a line. */
export interface WindowedLine {
  readonly segments: readonly Segment[];
  /** Whether the text continues right of the window. */
  readonly cutRight: boolean;
}

type Appearance = Omit<Segment, "text" | "width">;

const plainPattern = /^[\x20-\x7e]*$/;

/** The part of a line in a window. Wide characters that are cut by its edges become blanks. */
export function windowOf(line: LexedLine, decorations: readonly Decoration[], { left, width }: Window): WindowedLine {
  const builder = new SegmentBuilder(line.text, left, width);
  let index = markIndexAt(line.marks, builder.offset);
  while (builder.offset < line.text.length && !builder.full) {
    while ((line.marks[index] ?? line.text.length) <= builder.offset) index += 2;
    const style = styles[line.marks[index + 1] ?? 0] ?? "text";
    const end = Math.min(line.marks[index] ?? line.text.length, nextEdge(decorations, builder.offset));
    builder.add(Math.min(end, line.text.length), lookAt(decorations, builder.offset, style));
  }
  const cutRight = builder.offset < line.text.length;
  // A decoration beyond the text (a selected line end, another cursor there) takes one blank cell.
  if (!cutRight && decorations.some(({ to }) => to > line.text.length))
    builder.blank(lookAt(decorations, line.text.length, "text"));
  return { segments: builder.segments, cutRight };
}

class SegmentBuilder {
  readonly segments: Segment[] = [];
  readonly #text: string;
  readonly #end: number;
  /** The source of the next cell, as an offset and as a column of the line. */
  #offset: number;
  #column: number;

  constructor(text: string, left: number, width: number) {
    this.#text = text;
    this.#end = left + width;
    const start = left === 0 ? { offset: 0, column: 0 } : clusterAtColumn(text, left);
    this.#offset = start.offset;
    this.#column = start.column;
    if (start.column < left && start.offset < text.length) this.#skipCut(left);
    if (this.#column < left) this.#column = left; // the line ends left of the window
  }

  get offset(): number {
    return this.#offset;
  }

  get full(): boolean {
    return this.#column >= this.#end;
  }

  /** Adds the text up to an offset, in one appearance. */
  add(to: number, appearance: Appearance): void {
    const limit = Math.min(to, this.#offset + this.#end - this.#column);
    const slice = this.#text.slice(this.#offset, limit);
    // The last unit may begin a cluster with what follows it, unless that is plain as well.
    if (plainPattern.test(slice) && !(this.#text.charCodeAt(limit) >= 0x300)) {
      this.#offset = limit;
      return this.#push(slice, slice.length, appearance);
    }
    this.#addClusters(to, appearance);
  }

  /** Adds one empty cell after the text. */
  blank(appearance: Appearance): void {
    if (!this.full) this.#push(" ", 1, appearance);
  }

  #addClusters(to: number, appearance: Appearance): void {
    let text = "";
    let width = 0;
    while (this.#offset < to && this.#column + width < this.#end) {
      const next = clusterEnd(this.#text, this.#offset);
      const column = this.#column + width;
      const cells = clusterWidth(this.#text, this.#offset, next, column);
      if (column + cells > this.#end) {
        text += " ".repeat(this.#end - column);
        width = this.#end - this.#column;
        if (this.#text.charCodeAt(this.#offset) === 9) this.#offset = next; // a cut tab shows all that it is
        break;
      }
      text += drawCluster(this.#text, this.#offset, next, column);
      width += cells;
      this.#offset = next;
    }
    this.#push(text, width, appearance);
  }

  /** Adds blanks for the right part of a wide character or a tab that the window's left edge cuts. */
  #skipCut(left: number): void {
    const next = clusterEnd(this.#text, this.#offset);
    const end = this.#column + clusterWidth(this.#text, this.#offset, next, this.#column);
    const width = Math.min(end, this.#end) - left;
    this.#offset = next;
    this.#column = left;
    this.#push(" ".repeat(width), width, undecorated("text"));
  }

  #push(text: string, width: number, appearance: Appearance): void {
    if (width === 0) return;
    const { style, selected, match, currentMatch, bracket, failed, peerSelected, peerCursor } = appearance;
    this.segments.push({
      text,
      width,
      style,
      selected,
      match,
      currentMatch,
      bracket,
      failed,
      peerSelected,
      peerCursor,
    });
    this.#column += width;
  }
}

/** The index of the run that covers an offset. */
function markIndexAt(marks: readonly number[], offset: number): number {
  let index = 0;
  while (index < marks.length && (marks[index] ?? 0) <= offset) index += 2;
  return index;
}

/** The offset at which the next decoration starts or ends. */
function nextEdge(decorations: readonly Decoration[], offset: number): number {
  let edge = Number.MAX_SAFE_INTEGER;
  for (const { from, to } of decorations) {
    if (from > offset) edge = Math.min(edge, from);
    else if (to > offset) edge = Math.min(edge, to);
  }
  return edge;
}

function lookAt(decorations: readonly Decoration[], offset: number, style: Style): Appearance {
  if (decorations.length === 0) return undecorated(style);
  const at = (kind: Decoration["kind"]): Decoration | undefined =>
    decorations.find((each) => each.kind === kind && each.from <= offset && offset < each.to);
  const has = (kind: Decoration["kind"]): boolean => at(kind) !== undefined;
  return {
    style,
    selected: has("selected"),
    match: has("match"),
    currentMatch: has("currentMatch"),
    bracket: has("bracket"),
    failed: has("failed"),
    peerSelected: has("peerSelected"),
    peerCursor: at("peerCursor")?.color,
  };
}

function undecorated(style: Style): Appearance {
  return {
    style,
    selected: false,
    match: false,
    currentMatch: false,
    bracket: false,
    failed: false,
    peerSelected: false,
    peerCursor: undefined,
  };
}

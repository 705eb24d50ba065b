/**
 * Motions of the cursor: pure functions from a selection range to the next. CodeMirror's commands reach them through
 * `HeadlessView`.
 */

import { CharCategory, EditorSelection } from "@codemirror/state";
import type { EditorState, SelectionRange } from "@codemirror/state";
import { clusterEnd, clusterStart, columnAt, clusterAtColumn } from "./columns.ts";

/** Moves by a cluster, across line ends. */
export function moveByChar(state: EditorState, range: SelectionRange, forward: boolean): SelectionRange {
  return EditorSelection.cursor(nextPlace(state, range.head, forward), forward ? -1 : 1);
}

/** Moves over blanks, then over one word or one run of punctuation. A line end counts as a blank. */
export function moveByGroup(state: EditorState, range: SelectionRange, forward: boolean): SelectionRange {
  const categorize = state.charCategorizer(range.head);
  let at = range.head;
  let group = CharCategory.Space;
  for (;;) {
    const next = nextPlace(state, at, forward);
    if (next === at) break;
    const category = categorize(state.sliceDoc(Math.min(at, next), Math.max(at, next)));
    if (group === CharCategory.Space) group = category;
    else if (category !== group) break;
    at = next;
  }
  return EditorSelection.cursor(at, forward ? -1 : 1);
}

/**
 * Moves up or down by lines in the same column of cells. The range remembers the first column, so a short line on the
 * way does not lose it. Beyond the first or last line the cursor goes to its start or end.
 */
export function moveVertically(state: EditorState, range: SelectionRange, forward: boolean, lines = 1): SelectionRange {
  const line = state.doc.lineAt(range.head);
  const goal = range.goalColumn ?? columnAt(line.text, range.head - line.from);
  const wanted = line.number + (forward ? lines : -lines);
  if (wanted < 1 && line.number === 1) return EditorSelection.cursor(0, 1, undefined, goal);
  if (wanted > state.doc.lines && line.number === state.doc.lines)
    return EditorSelection.cursor(state.doc.length, 1, undefined, goal);
  const target = state.doc.line(Math.max(1, Math.min(wanted, state.doc.lines)));
  return EditorSelection.cursor(target.from + clusterAtColumn(target.text, goal).offset, 1, undefined, goal);
}

/** Moves to the start or end of the line. */
export function moveToLineBoundary(state: EditorState, range: SelectionRange, forward: boolean): SelectionRange {
  const line = state.doc.lineAt(range.head);
  return EditorSelection.cursor(forward ? line.to : line.from, forward ? -1 : 1);
}

function nextPlace(state: EditorState, offset: number, forward: boolean): number {
  const line = state.doc.lineAt(offset);
  const inside = offset - line.from;
  if (forward) {
    if (inside === line.length) return Math.min(offset + 1, state.doc.length);
    return line.from + clusterEnd(line.text, inside);
  }
  return inside === 0 ? Math.max(offset - 1, 0) : line.from + clusterStart(line.text, inside);
}

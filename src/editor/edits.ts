/** Editing commands that CodeMirror lacks in the form that Python and terminals need. */

import { deleteCharBackward, indentMore } from "@codemirror/commands";
import { indentUnit } from "@codemirror/language";
import { EditorSelection } from "@codemirror/state";
import type { EditorState, SelectionRange } from "@codemirror/state";
import { pairAt } from "./brackets.ts";
import { columnAt } from "./columns.ts";
import type { HeadlessView } from "./headless-view.ts";
import type { Highlighter } from "./highlight.ts";
import { newLineAt } from "./indent.ts";
import { moveVertically } from "./motion.ts";
import { insideEmptyPair } from "./pairs.ts";
import type { EditorContext, TextRange } from "./types.ts";

/** What a command works on. */
export interface CommandTarget {
  readonly view: HeadlessView;
  readonly highlighter: Highlighter;
  readonly context: EditorContext;
}

/**
 * Inserts a line break with the indentation that the code asks for. The blanks of an otherwise empty line are removed.
 */
export function newline({ view, highlighter }: CommandTarget): boolean {
  const { state } = view;
  if (state.readOnly) return false;
  const unit = state.facet(indentUnit);
  const changes = state.changeByRange((range) => {
    const line = state.doc.lineAt(range.from);
    const lastLine = range.to <= line.to ? line : state.doc.lineAt(range.to);
    const { indent, closing } = newLineAt(state.doc, highlighter, range.from, unit);
    const onlyBlanksBefore = line.text.slice(0, range.from - line.from).trim() === "";
    const from = onlyBlanksBefore ? line.from : range.from;
    const after = lastLine.text.slice(range.to - lastLine.from);
    const to = range.to + (after.length - after.trimStart().length);
    const insert = closing === undefined || !range.empty ? `\n${indent}` : `\n${indent}\n${closing}`;
    return { changes: { from, to, insert }, range: EditorSelection.cursor(from + 1 + indent.length) };
  });
  view.dispatch(state.update(changes, { userEvent: "input", scrollIntoView: true }));
  return true;
}

/** Deletes both halves of an empty pair, one unit of leading spaces, or one character. */
export function backspace({ view, highlighter }: CommandTarget): boolean {
  const { state } = view;
  if (state.readOnly) return false;
  const { ranges } = state.selection;
  if (!ranges.every((range) => range.empty && insideEmptyPair(state, highlighter, range.head)))
    return deleteCharBackward(view.forCodeMirror);
  const changes = state.changeByRange((range) => ({
    changes: { from: range.head - 1, to: range.head + 1 },
    range: EditorSelection.cursor(range.head - 1),
  }));
  view.dispatch(state.update(changes, { userEvent: "delete.backward", scrollIntoView: true }));
  return true;
}

/** Indents the selected lines, or fills up to the next multiple of the unit: Tab. */
export function indent({ view }: CommandTarget): boolean {
  const { state } = view;
  if (state.readOnly) return false;
  if (state.selection.ranges.some((range) => !range.empty)) return indentMore(view);
  const unit = state.facet(indentUnit);
  const changes = state.changeByRange((range) => {
    const line = state.doc.lineAt(range.head);
    const column = columnAt(line.text, range.head - line.from);
    const insert = unit === "\t" ? "\t" : " ".repeat(unit.length - (column % unit.length));
    return { changes: { from: range.head, insert }, range: EditorSelection.cursor(range.head + insert.length) };
  });
  view.dispatch(state.update(changes, { userEvent: "input.indent", scrollIntoView: true }));
  return true;
}

/** Duplicates the selection, or the line, and selects the copy. */
export function duplicate({ view }: CommandTarget): boolean {
  const { state } = view;
  if (state.readOnly) return false;
  const changes = state.changeByRange((range) => {
    const line = state.doc.lineAt(range.head);
    const text = range.empty ? `${line.text}\n` : state.sliceDoc(range.from, range.to);
    const at = range.empty ? line.from : range.to;
    return {
      changes: { from: at, insert: text },
      range: EditorSelection.range(range.anchor + text.length, range.head + text.length),
    };
  });
  view.dispatch(state.update(changes, { userEvent: "input.duplicate", scrollIntoView: true }));
  return true;
}

/** Moves by pages, of the height of the screen on which the key was pressed. */
export function byPage(forward: boolean, extend: boolean): (target: CommandTarget) => boolean {
  return ({ view, context }) =>
    select(view, extend, (state, range) => moveVertically(state, range, forward, Math.max(1, context.pageLines - 1)));
}

/** Moves to the partner of the bracket at the cursor. */
export function toMatchingBracket({ view, highlighter }: CommandTarget): boolean {
  return select(view, false, (state, range) => {
    const pair = pairAt(state.doc, highlighter, range.head);
    if (!pair) return range;
    const atOpen = range.head === pair.open || range.head === pair.open + 1;
    return EditorSelection.cursor(atOpen ? pair.close + 1 : pair.open);
  });
}

/** Moves every range; false when none moved. */
function select(
  view: HeadlessView,
  extend: boolean,
  move: (state: EditorState, range: SelectionRange) => SelectionRange,
): boolean {
  const { state } = view;
  const ranges = state.selection.ranges.map((range) => {
    const moved = move(state, range);
    return extend ? EditorSelection.range(range.anchor, moved.head, moved.goalColumn) : moved;
  });
  const selection = EditorSelection.create(ranges, state.selection.mainIndex);
  if (selection.eq(state.selection)) return false;
  view.dispatch({ selection, userEvent: "select", scrollIntoView: true });
  return true;
}

/** A range and the text that replaces it. */
export interface Replacement extends TextRange {
  readonly insert: string;
}

/** The change that turns one text into another, between their common start and end; undefined when they are equal. */
export function replacement(before: string, after: string): Replacement | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  )
    end++;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

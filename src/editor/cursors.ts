/** Where a cursor may stand: never inside a cluster of characters that are drawn as one. */

import { EditorSelection } from "@codemirror/state";
import type { SelectionRange, Text } from "@codemirror/state";
import { snap } from "./columns.ts";

/** The selection with each cursor moved to where it may stand: an edit can leave one before a combining character. */
export function snapSelection(doc: Text, selection: EditorSelection): EditorSelection {
  const settle = (offset: number): number => {
    const line = doc.lineAt(offset);
    return line.from + snap(line.text, offset - line.from);
  };
  const move = (range: SelectionRange): SelectionRange => {
    const anchor = settle(range.anchor);
    const head = range.empty ? anchor : settle(range.head);
    return anchor === range.anchor && head === range.head ? range : EditorSelection.range(anchor, head);
  };
  const ranges = selection.ranges.map(move);
  if (ranges.every((range, index) => range === selection.ranges[index])) return selection;
  return EditorSelection.create(ranges, selection.mainIndex);
}

/**
 * Marked text: `|` is a cursor, `<` and `>` are the ends of a selection with the cursor at its end (`>` comes last). A document's
 * text, cursor and selection are then one readable string.
 */

import assert from "node:assert/strict";
import { EditorSelection } from "@codemirror/state";
import { EditorDocument } from "../../src/editor/document.ts";
import type { DocumentOptions } from "../../src/editor/document.ts";
import type { DocumentView } from "../../src/editor/document-view.ts";

/** A window on a document as the marked text says. */
export function open(marked: string, options: Partial<DocumentOptions> = {}): DocumentView {
  let text = "";
  const ranges: ReturnType<typeof EditorSelection.range>[] = [];
  let anchor = 0;
  for (const character of marked) {
    if (character === "|") ranges.push(EditorSelection.range(text.length, text.length));
    else if (character === "<") anchor = text.length;
    else if (character === ">") ranges.push(EditorSelection.range(anchor, text.length));
    else text += character;
  }
  const document = new EditorDocument({ text, language: "python", ...options }).view;
  if (ranges.length > 0) document.dispatch({ selection: EditorSelection.create(ranges) });
  return document;
}

/** The document behind a window. */
export function documentOf({ document }: DocumentView): EditorDocument {
  assert.ok(document instanceof EditorDocument);
  return document;
}

/** The marked text of a document. */
export function marked(document: DocumentView): string {
  const { doc, selection } = document.state;
  const marks = selection.ranges.flatMap((range) =>
    range.empty
      ? [{ at: range.head, mark: "|" }]
      : [
          { at: range.from, mark: "<" },
          { at: range.to, mark: ">" },
        ],
  );
  let text = doc.toString();
  for (const { at, mark } of marks.toReversed()) text = text.slice(0, at) + mark + text.slice(at);
  return text;
}

/** Does something to a document given as marked text and compares what it becomes. */
export function check(
  before: string,
  act: (document: DocumentView) => unknown,
  after: string,
  options: Partial<DocumentOptions> = {},
): void {
  const document = open(before, options);
  act(document);
  assert.equal(marked(document), after);
}

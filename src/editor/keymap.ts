/**
 * Which key runs which editor command. Keys by their canonical names. Keys of actions (save, run, find, copy, undo) are in
 * commands/actions.ts, which refuses a key that is here as well; a terminal sends Ctrl-/ as Ctrl-_, and Ctrl-Backspace as Ctrl-H, which is taken.
 */

import type { EditorCommandName } from "./commands.ts";

const bindings: readonly (readonly [string, EditorCommandName])[] = [
  ["Left", "cursorLeft"], ["Right", "cursorRight"], ["Up", "cursorUp"], ["Down", "cursorDown"],
  ["Ctrl-Left", "cursorWordLeft"], ["Ctrl-Right", "cursorWordRight"],
  ["Alt-B", "cursorWordLeft"], ["Alt-F", "cursorWordRight"],
  ["Home", "cursorLineStart"], ["End", "cursorLineEnd"], ["Ctrl-Home", "cursorDocumentStart"], ["Ctrl-End", "cursorDocumentEnd"],
  ["PageUp", "cursorPageUp"], ["PageDown", "cursorPageDown"], ["Alt-]", "cursorMatchingBracket"],
  ["Shift-Left", "selectLeft"], ["Shift-Right", "selectRight"], ["Shift-Up", "selectUp"], ["Shift-Down", "selectDown"],
  ["Ctrl-Shift-Left", "selectWordLeft"], ["Ctrl-Shift-Right", "selectWordRight"],
  ["Shift-Home", "selectLineStart"], ["Shift-End", "selectLineEnd"],
  ["Ctrl-Shift-Home", "selectDocumentStart"], ["Ctrl-Shift-End", "selectDocumentEnd"],
  ["Shift-PageUp", "selectPageUp"], ["Shift-PageDown", "selectPageDown"],
  ["Escape", "singleCursor"],
  ["Enter", "newline"], ["Tab", "indent"], ["Shift-Tab", "dedent"], ["Backspace", "backspace"], ["Shift-Backspace", "backspace"], ["Delete", "delete"],
  ["Alt-Backspace", "deleteWordBackward"], ["Ctrl-Backspace", "deleteWordBackward"], ["Ctrl-Delete", "deleteWordForward"], ["Alt-Delete", "deleteWordForward"],
  ["Ctrl-U", "deleteToLineStart"], ["Ctrl-Shift-K", "deleteLine"], ["Alt-K", "deleteLine"],
  ["Alt-Shift-Up", "copyLineUp"], ["Alt-D", "duplicate"], ["Ctrl-_", "toggleComment"],
];

export const editorKeys: ReadonlyMap<string, EditorCommandName> = new Map(bindings);
if (editorKeys.size < bindings.length) throw new Error("a key of the editor is bound twice");

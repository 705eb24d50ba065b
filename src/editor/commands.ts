/**
 * All commands of the editor by name, with their text for the help screen. The keys are in
 * commands/keys/editor-keys.ts.
 */

import * as codemirror from "@codemirror/commands";
import { selectNextOccurrence } from "@codemirror/search";
import type { EditorState } from "@codemirror/state";
import { backspace, byPage, duplicate, indent, newline, toMatchingBracket } from "./edits.ts";
import type { CommandTarget } from "./edits.ts";

/** A command of the editor. */
export interface EditorCommand {
  /** One line for the help screen. */
  readonly doc: string;
  /** Runs it; false when there was nothing to do. */
  readonly run: (target: CommandTarget) => boolean;
}

/** All commands by name. */
export const editorCommands = {
  cursorLeft: command("Move left", codemirror.cursorCharLeft),
  cursorRight: command("Move right", codemirror.cursorCharRight),
  cursorUp: command("Move up", codemirror.cursorLineUp),
  cursorDown: command("Move down", codemirror.cursorLineDown),
  cursorWordLeft: command("Move to the start of the word", codemirror.cursorGroupLeft),
  cursorWordRight: command("Move to the end of the word", codemirror.cursorGroupRight),
  cursorLineStart: command("Move to the line's text, then to its start", codemirror.cursorLineBoundaryBackward),
  cursorLineEnd: command("Move to the end of the line", codemirror.cursorLineBoundaryForward),
  cursorPageUp: { doc: "Move up one page", run: byPage(false, false) },
  cursorPageDown: { doc: "Move down one page", run: byPage(true, false) },
  cursorDocumentStart: command("Move to the start of the file", codemirror.cursorDocStart),
  cursorDocumentEnd: command("Move to the end of the file", codemirror.cursorDocEnd),
  cursorMatchingBracket: { doc: "Move to the other bracket of the pair", run: toMatchingBracket },

  selectLeft: command("Select to the left", codemirror.selectCharLeft),
  selectRight: command("Select to the right", codemirror.selectCharRight),
  selectUp: command("Select upwards", codemirror.selectLineUp),
  selectDown: command("Select downwards", codemirror.selectLineDown),
  selectWordLeft: command("Select to the start of the word", codemirror.selectGroupLeft),
  selectWordRight: command("Select to the end of the word", codemirror.selectGroupRight),
  selectLineStart: command("Select to the start of the line", codemirror.selectLineBoundaryBackward),
  selectLineEnd: command("Select to the end of the line", codemirror.selectLineBoundaryForward),
  selectPageUp: { doc: "Select one page up", run: byPage(false, true) },
  selectPageDown: { doc: "Select one page down", run: byPage(true, true) },
  selectDocumentStart: command("Select to the start of the file", codemirror.selectDocStart),
  selectDocumentEnd: command("Select to the end of the file", codemirror.selectDocEnd),
  selectAll: command("Select everything", codemirror.selectAll),
  selectNextOccurrence: command("Select the word, then its next occurrence as well", selectNextOccurrence),
  singleCursor: command("Drop the selection and all cursors but one", codemirror.simplifySelection),

  newline: { doc: "Start a new line, indented as needed", run: newline },
  indent: bounded({ doc: "Indent the line or the selected lines", run: indent }),
  dedent: bounded(command("Unindent the line or the selected lines", codemirror.indentLess)),
  backspace: { doc: "Delete to the left", run: backspace },
  delete: command("Delete to the right", codemirror.deleteCharForward),
  deleteWordBackward: command("Delete to the start of the word", codemirror.deleteGroupBackward),
  deleteWordForward: command("Delete to the end of the word", codemirror.deleteGroupForward),
  deleteToLineStart: command("Delete to the start of the line", codemirror.deleteToLineStart),
  deleteLine: command("Delete the line", codemirror.deleteLine),
  duplicate: { doc: "Duplicate the line or the selection", run: duplicate },
  moveLineUp: command("Move the line up", codemirror.moveLineUp),
  moveLineDown: command("Move the line down", codemirror.moveLineDown),
  copyLineUp: command("Copy the line upwards", codemirror.copyLineUp),
  copyLineDown: command("Copy the line downwards", codemirror.copyLineDown),
  toggleComment: bounded(command("Turn the lines into comments, or back", codemirror.toggleLineComment)),
  undo: command("Undo", codemirror.undo),
  redo: command("Redo", codemirror.redo),
} as const satisfies Readonly<Record<string, EditorCommand>>;

/** The name of a command. */
export type EditorCommandName = keyof typeof editorCommands;

/** A command of CodeMirror's: those for a view and those for a state take the same object. */
function command(doc: string, run: (view: CommandTarget["view"]["forCodeMirror"]) => boolean): EditorCommand {
  return { doc, run: ({ view }) => run(view.forCodeMirror) };
}

/**
 * Most lines changed at once: CodeMirror makes a change for each, and 370,000 of them made everybody wait for two
 * seconds.
 */
const maxLinesAtOnce = 20_000;

function bounded({ doc, run }: EditorCommand): EditorCommand {
  return { doc, run: (target) => selectedLines(target.view.state) <= maxLinesAtOnce && run(target) };
}

function selectedLines({ doc, selection }: EditorState): number {
  return selection.ranges.reduce((sum, { from, to }) => sum + doc.lineAt(to).number - doc.lineAt(from).number + 1, 0);
}

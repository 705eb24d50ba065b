/**
 * The editor's keys for moving, selecting and typing. Commands with a name in the palette (save, undo, cut) are
 * actions: see actions.ts.
 */
import { editorCommands, type EditorCommandName } from "../../editor/commands.ts";
import { KeyContext } from "./key-context.ts";

const keys: readonly (readonly [command: EditorCommandName, ...keys: string[]])[] = [
  ["cursorLeft", "Left"],
  ["cursorRight", "Right"],
  ["cursorUp", "Up"],
  ["cursorDown", "Down"],
  ["cursorWordLeft", "Ctrl-Left", "Alt-B"],
  ["cursorWordRight", "Ctrl-Right", "Alt-F"],
  ["cursorLineStart", "Home"],
  ["cursorLineEnd", "End"],
  ["cursorDocumentStart", "Ctrl-Home"],
  ["cursorDocumentEnd", "Ctrl-End"],
  ["cursorPageUp", "PageUp"],
  ["cursorPageDown", "PageDown"],
  ["cursorMatchingBracket", "Alt-]"],
  ["selectLeft", "Shift-Left"],
  ["selectRight", "Shift-Right"],
  ["selectUp", "Shift-Up"],
  ["selectDown", "Shift-Down"],
  ["selectWordLeft", "Ctrl-Shift-Left"],
  ["selectWordRight", "Ctrl-Shift-Right"],
  ["selectLineStart", "Shift-Home"],
  ["selectLineEnd", "Shift-End"],
  ["selectDocumentStart", "Ctrl-Shift-Home"],
  ["selectDocumentEnd", "Ctrl-Shift-End"],
  ["selectPageUp", "Shift-PageUp"],
  ["selectPageDown", "Shift-PageDown"],
  ["singleCursor", "Escape"],
  ["newline", "Enter"],
  ["indent", "Tab"],
  ["dedent", "Shift-Tab"],
  ["backspace", "Backspace", "Shift-Backspace"],
  ["delete", "Delete"],
  ["deleteWordBackward", "Alt-Backspace", "Ctrl-Backspace"],
  ["deleteWordForward", "Ctrl-Delete", "Alt-Delete"],
  ["deleteToLineStart", "Ctrl-U"],
];

/** The keys of the editor. */
export const editorKeys = new KeyContext<EditorCommandName>({
  name: "the editor",
  bindings: keys.map(([command, ...bound]) => ({ command, keys: bound, does: editorCommands[command].doc })),
});

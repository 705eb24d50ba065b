/** Keys for editing one or several lines of text: in dialogs, the palette, the find bar, the password form. */
import { KeyContext } from "./key-context.ts";

/** The keys of a text field. */
export const fieldKeys = new KeyContext({
  name: "text fields",
  bindings: [
    { command: "left", keys: ["Left"], does: "Move by one character" },
    { command: "right", keys: ["Right"], does: "Move by one character" },
    { command: "word-left", keys: ["Ctrl-Left"], does: "Move by one word" },
    { command: "word-right", keys: ["Ctrl-Right"], does: "Move by one word" },
    { command: "line-start", keys: ["Home", "Ctrl-A"], does: "Move to the start of the line" },
    { command: "line-end", keys: ["End", "Ctrl-E"], does: "Move to the end of the line" },
    { command: "delete-left", keys: ["Backspace"], does: "Delete to the left" },
    { command: "delete-right", keys: ["Delete"], does: "Delete to the right" },
    { command: "delete-word-left", keys: ["Ctrl-W", "Ctrl-Backspace"], does: "Delete the word to the left" },
    { command: "delete-to-start", keys: ["Ctrl-U"], does: "Delete everything to the left" },
  ],
});

/** The commands of a text field. */
export type FieldCommand = (typeof fieldKeys.bindings)[number]["command"];

/** Keys besides those of a field, for text of several lines. */
export const textAreaKeys = new KeyContext({
  name: "text fields with several lines",
  bindings: [
    {
      command: "new-line",
      keys: ["Alt-Enter", "Shift-Enter", "Ctrl-Enter"],
      does: "Begin a new line",
      hint: "New line",
    },
    { command: "indent", keys: ["Tab"], does: "Insert four spaces" },
    { command: "line-up", keys: ["Up"], does: "Move up or down one line" },
    { command: "line-down", keys: ["Down"], does: "Move up or down one line" },
  ],
  beside: [fieldKeys],
});

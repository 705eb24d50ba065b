/** Keys for moving in lists and pages of text: the file tree, the palette, the class view, the help screen. */
import { KeyContext } from "./key-context.ts";

/** Keys for moving by lines. */
export const lineKeys = new KeyContext({
  name: "lists",
  bindings: [
    { command: "up", keys: ["Up"], does: "Move up or down one line", hint: "Choose" },
    { command: "down", keys: ["Down"], does: "Move up or down one line", hint: "Choose" },
  ],
});

/** Keys for moving by pages. */
export const pageKeys = new KeyContext({
  name: "lists",
  bindings: [
    { command: "page-up", keys: ["PageUp"], does: "Move up or down one page" },
    { command: "page-down", keys: ["PageDown"], does: "Move up or down one page" },
  ],
});

/** Keys for the ends of a list, where no text field needs them. */
export const endKeys = new KeyContext({
  name: "lists",
  bindings: [
    { command: "first", keys: ["Home"], does: "Go to the first or the last line" },
    { command: "last", keys: ["End"], does: "Go to the first or the last line" },
  ],
});

/** All keys, for lists without a text field. */
export const listKeys = new KeyContext({
  name: "lists",
  bindings: [...lineKeys.bindings, ...pageKeys.bindings, ...endKeys.bindings],
});

/** The commands of a list. */
export type ListCommand = (typeof listKeys.bindings)[number]["command"];

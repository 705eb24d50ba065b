/** Moving in lists and pages of text: the list of files, the palette, the class view, the help screen. */
import { KeyContext } from "./key-context.ts";

export const lineKeys = new KeyContext({
  name: "lists",
  bindings: [
    { command: "up", keys: ["Up"], does: "Move up or down one line", hint: "Choose" },
    { command: "down", keys: ["Down"], does: "Move up or down one line", hint: "Choose" },
  ],
});

export const pageKeys = new KeyContext({
  name: "lists",
  bindings: [
    { command: "page-up", keys: ["PageUp"], does: "Move up or down one page" },
    { command: "page-down", keys: ["PageDown"], does: "Move up or down one page" },
  ],
});

/** Not where a text field needs them. */
export const endKeys = new KeyContext({
  name: "lists",
  bindings: [
    { command: "first", keys: ["Home"], does: "Go to the first or the last line" },
    { command: "last", keys: ["End"], does: "Go to the first or the last line" },
  ],
});

/** All of them, for lists without a text field. */
export const listKeys = new KeyContext({
  name: "lists",
  bindings: [...lineKeys.bindings, ...pageKeys.bindings, ...endKeys.bindings],
});

/** What the keys of a list do. */
export type ListCommand = (typeof listKeys.bindings)[number]["command"];

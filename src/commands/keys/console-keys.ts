/** The console's keys. All keys that are neither here nor an action's go to the program. */
import { KeyContext } from "./key-context.ts";

/** What moves somebody who reads the output; those that begin with "select-" also select. */
const moves = [
  ["up", ["Up"], "Move through the output"],
  ["down", ["Down"], "Move through the output"],
  ["left", ["Left"], "Move through the output"],
  ["right", ["Right"], "Move through the output"],
  ["line-start", ["Home"], "Go to the start or the end of the line"],
  ["line-end", ["End"], "Go to the start or the end of the line"],
  ["first", ["Ctrl-Home"], "Oldest, newest output"],
  ["last", ["Ctrl-End"], "Oldest, newest output"],
  ["select-left", ["Shift-Left"], "Select by letters"],
  ["select-right", ["Shift-Right"], "Select by letters"],
  ["select-line-start", ["Shift-Home"], "Select to the ends of the line"],
  ["select-line-end", ["Shift-End"], "Select to the ends of the line"],
  ["select-first", ["Ctrl-Shift-Home"], "Select to the oldest, to the newest"],
  ["select-last", ["Ctrl-Shift-End"], "Select to the oldest, to the newest"],
] as const;

/** Where the cursor of somebody who reads the output goes. */
export type ReadingCommand =
  | (typeof moves)[number][0]
  | "page-up"
  | "page-down"
  | "select-up"
  | "select-down"
  | "select-page-up"
  | "select-page-down";

/** Keys for the IDE, except while a program draws a screen of its own, which gets these keys too. */
export const consoleKeys = new KeyContext({
  name: "the console",
  bindings: [
    { command: "scroll-up", keys: ["PageUp", "Shift-PageUp", "Ctrl-PageUp", "Alt-PageUp"], does: "Scroll the output" },
    {
      command: "scroll-down",
      keys: ["PageDown", "Shift-PageDown", "Ctrl-PageDown", "Alt-PageDown"],
      does: "Scroll the output",
    },
    {
      command: "select-up",
      keys: ["Shift-Up"],
      does: "Begin to select output",
    },
    {
      command: "select-down",
      keys: ["Shift-Down"],
      does: "Begin to select output",
    },
    { command: "clear-screen", keys: ["Ctrl-L"], does: "Clear the screen (Page Up shows it)" },
  ],
});

/** Keys while somebody reads back, and not the newest output. Whatever is typed otherwise goes to the program again. */
export const readingKeys = new KeyContext<(typeof moves)[number][0] | "copy" | "open" | "find" | "leave">({
  name: "the console while you read back",
  bindings: [
    { command: "leave", keys: ["Escape"], does: "Back to the newest output", hint: "Newest" },
    { command: "copy", keys: ["Ctrl-C"], does: "Copy what is selected", hint: "Copy" },
    { command: "find", keys: ["/"], does: "Find in the output", hint: "Find" },
    {
      command: "open",
      keys: ["Enter"],
      does: "Follow the line, or go to the end",
      hint: "Open",
    },
    ...moves.map(([command, keys, does]) => ({ command, keys, does })),
  ],
  beside: [consoleKeys],
});

/**
 * Python's own keys, as far as they are worth knowing. They are in the table so that no action takes one of them away.
 */
export const pythonKeys = new KeyContext({
  name: "the console",
  bindings: [
    { command: "interrupt", keys: ["Ctrl-C"], does: "Stop the program", hint: "Stop" },
    { command: "complete", keys: ["Tab"], does: "Complete a name", hint: "Complete" },
    { command: "earlier-line", keys: ["Up"], does: "Bring back what you typed before" },
    { command: "later-line", keys: ["Down"], does: "Bring back what you typed before" },
    { command: "search-history", keys: ["Ctrl-R"], does: "Search in what you typed before" },
    { command: "end", keys: ["Ctrl-D"], does: "End Python" },
    { command: "close", keys: ["Escape"], does: "Close what lies over it; at >>> nothing" },
  ],
  beside: [consoleKeys],
});

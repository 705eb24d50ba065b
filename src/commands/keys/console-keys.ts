/** The console's keys. All keys that are neither here nor an action's go to the program. */
import { KeyContext } from "./key-context.ts";

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
  ],
});

/**
 * Python's own keys, as far as they are worth knowing. They are in the table so that no action takes one of them away.
 */
export const pythonKeys = new KeyContext({
  name: "the console",
  bindings: [
    { command: "interrupt", keys: ["Ctrl-C"], does: "Stop the program", hint: "Stop" },
    { command: "complete", keys: ["Tab"], does: "Complete a name", hint: "Complete" },
    { command: "earlier-line", keys: ["Up"], does: "Bring back lines that you typed before" },
    { command: "later-line", keys: ["Down"], does: "Bring back lines that you typed before" },
    { command: "end", keys: ["Ctrl-D"], does: "End Python" },
  ],
  beside: [consoleKeys],
});

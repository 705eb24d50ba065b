/** The console's keys. All that are neither here nor an action's go to the program that runs there. */
import { KeyContext } from "./key-context.ts";

/** What the IDE does, except in a program that draws its own screen: that one gets these keys too. */
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

/** What Python does with the keys that it gets: the ones worth knowing. The table holds them so that no action takes one away. */
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

/** The keys of the variables, besides those of actions. */
import { KeyContext } from "./key-context.ts";
import { listKeys } from "./list-keys.ts";

/** The keys of the list of variables. */
export const variablesKeys = new KeyContext({
  name: "the variables",
  bindings: [
    { command: "open", keys: ["Enter", "Space"], does: "Show the variable in full", hint: "Show in full" },
    { command: "leave", keys: ["Escape"], does: "Back to the editor or the console", hint: "Back" },
  ],
  beside: [listKeys],
});

/** The keys of one value in full. */
export const valueKeys = new KeyContext({
  name: "a value in full",
  bindings: [
    { command: "left", keys: ["Left"], does: "Scroll sideways", hint: "sideways" },
    { command: "right", keys: ["Right"], does: "Scroll sideways", hint: "sideways" },
    { command: "close", keys: ["Escape", "q", "Enter", "Ctrl-C"], does: "Close", hint: "close" },
  ],
  beside: [listKeys],
});

/** The keys of the screens that report: what students did, and how the server is doing. */
import { KeyContext, type KeyBinding } from "./key-context.ts";
import { listKeys } from "./list-keys.ts";

const leaving: readonly KeyBinding<"help" | "back" | "escape" | "log-out">[] = [
  { command: "help", keys: ["?", "F1", "Ctrl-G"], does: "Help: all keys", hint: "Help" },
  { command: "back", keys: ["q"], does: "Back", hint: "Back" },
  { command: "escape", keys: ["Escape"], does: "Back" },
  { command: "log-out", keys: ["Ctrl-Q"], does: "Log out" },
];

/** The keys of the screen with the use of the class. */
export const usageKeys = new KeyContext({
  name: "the use of the class",
  bindings: [
    {
      command: "measure",
      keys: ["Tab", "m"],
      does: "Show another measure: hours, runs, errors, students",
      hint: "Measure",
    },
    { command: "days", keys: ["d"], does: "Show 7, 30 or 120 days", hint: "Days" },
    { command: "section", keys: ["s"], does: "Show the next section, or all", hint: "Section" },
    ...leaving,
  ],
  beside: [listKeys],
});

/** The keys of the screen with the state of the server. */
export const serverStatusKeys = new KeyContext({
  name: "the state of the server",
  bindings: leaving,
  beside: [listKeys],
});

/** What every report does with a key that is not its own. */
export type LeavingCommand = (typeof leaving)[number]["command"];

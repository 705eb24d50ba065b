/** The keys of the class view. */
import { fieldKeys } from "./field-keys.ts";
import { KeyContext } from "./key-context.ts";
import { lineKeys, listKeys, pageKeys } from "./list-keys.ts";

const choosing = "The class";
const helping = "Helping";
const leaving = "Leaving";

/** The keys of the class view, in the order of the help screen. */
export const classKeys = new KeyContext({
  name: "the class view",
  bindings: [
    {
      command: "watch",
      keys: ["Enter"],
      does: "Watch the screen (or double-click)",
      hint: "Watch",
      section: choosing,
    },
    {
      command: "next",
      keys: ["Tab"],
      does: "The next or previous one who needs help",
      hint: "Next",
      section: choosing,
    },
    { command: "previous", keys: ["Shift-Tab"], does: "The next or previous one who needs help", section: choosing },
    { command: "left", keys: ["Left"], does: "Go to the other half of a wide screen", section: choosing },
    { command: "right", keys: ["Right"], does: "Go to the other half of a wide screen", section: choosing },
    {
      command: "find",
      keys: ["/", "Ctrl-F"],
      does: "Find by name, section, state (hand, error)",
      hint: "Find",
      section: choosing,
    },
    {
      command: "group",
      keys: ["g"],
      does: "Put those with the same error together",
      hint: "Same errors",
      section: choosing,
    },
    {
      command: "offline",
      keys: ["o"],
      does: "Also show students who are not here",
      hint: "Offline",
      section: choosing,
    },
    {
      command: "claim",
      keys: ["c"],
      does: "Go to a raised hand; your name shows there",
      hint: "Coming",
      section: helping,
    },
    { command: "answered", keys: ["x"], does: "Answered: the hand goes down", hint: "Answered", section: helping },
    { command: "message", keys: ["m"], does: "Write to the student", hint: "Message", section: helping },
    {
      command: "broadcast",
      keys: ["b"],
      does: "Write to all of yours, or to a section",
      hint: "Broadcast",
      section: helping,
    },
    { command: "inbox", keys: ["i", "F12"], does: "Your messages", hint: "Inbox", section: helping },
    {
      command: "usage",
      keys: ["u"],
      does: "What they did: hours, runs, errors by day",
      hint: "Usage",
      section: leaving,
    },
    {
      command: "server-status",
      keys: ["s"],
      does: "How the server is doing (admins)",
      hint: "Server",
      section: leaving,
    },
    { command: "help", keys: ["?", "F1", "Ctrl-G"], does: "Help: all keys", hint: "Help", section: leaving },
    { command: "back", keys: ["q"], does: "Back", hint: "Back", section: leaving },
    { command: "escape", keys: ["Escape"], does: "End a search, hide a message, or go back", section: leaving },
    { command: "log-out", keys: ["Ctrl-Q"], does: "Log out", section: leaving },
  ],
  beside: [listKeys],
});

/** The commands of the class view. */
export type ClassCommand = (typeof classKeys.bindings)[number]["command"];

/**
 * The keys while the person types a name to find. Keys that type nothing and are not listed here act as in the class
 * view.
 */
export const classFindKeys = new KeyContext({
  name: "the search of the class view",
  bindings: [
    { command: "keep", keys: ["Enter"], does: "Keep those who were found", hint: "Keep" },
    { command: "cancel", keys: ["Escape", "Ctrl-C"], does: "Show everybody again", hint: "Everybody" },
  ],
  beside: [lineKeys, pageKeys, fieldKeys],
});

/** The keys of the class view, for its help screen. */
import type { HelpSection } from "../views/help-screen.ts";

export const classHelp: readonly HelpSection[] = [
  {
    title: "The class",
    entries: [
      { keys: "Up Down PageUp PageDown", doc: "Choose a student; also wheel and click" },
      { keys: "Enter", doc: "Watch the screen; also a double click" },
      { keys: "Tab, Shift-Tab", doc: "The next, the previous who needs help" },
      { keys: "/ or Ctrl-F", doc: "Find by name, section, state (hand, error)" },
      { keys: "g", doc: "Those with the same error together" },
      { keys: "o", doc: "Show also students who are not here" },
    ],
  },
  {
    title: "Helping",
    entries: [
      { keys: "c", doc: "Go to a raised hand; your name shows there" },
      { keys: "x", doc: "It is answered: the hand goes down" },
      { keys: "m", doc: "Write to the student" },
      { keys: "b", doc: "Write to all of yours, or to a section" },
      { keys: "i or F12", doc: "The messages that you got; r answers" },
    ],
  },
  {
    title: "Who is at the top",
    entries: [
      { keys: "▲ hand", doc: "Who waits longest comes first" },
      { keys: "✗ error ×3", doc: "The same error again and again" },
      { keys: "✗ error", doc: "No key for a minute after an error" },
      { keys: "▶ running", doc: "Runs for long, or waits for input" },
    ],
  },
  { title: "Leaving", entries: [{ keys: "q or Escape", doc: "Back" }, { keys: "Ctrl-Q", doc: "Log out" }] },
];

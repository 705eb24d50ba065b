/** The keys of the class view, for its help screen. */
import type { HelpSection } from "../views/help-screen.ts";

export const classHelp: readonly HelpSection[] = [
  {
    title: "The class",
    entries: [
      { keys: "Up Down PageUp PageDown", doc: "Choose a student; the wheel and a click as well" },
      { keys: "Enter", doc: "Watch the student's screen; a double click as well" },
      { keys: "Tab, Shift-Tab", doc: "The next, the previous one who needs help" },
      { keys: "/ or Ctrl-F", doc: "Find by name, section or state: hand, error, running ..." },
      { keys: "o", doc: "Show also students who are not here" },
    ],
  },
  {
    title: "Helping",
    entries: [
      { keys: "c", doc: "Say that you go to a raised hand; the student and the others see it" },
      { keys: "x", doc: "The question is answered: the hand goes down" },
      { keys: "m", doc: "Write to the student" },
      { keys: "b", doc: "Write to all that you teach, or to a section" },
    ],
  },
  {
    title: "Who is at the top",
    entries: [
      { keys: "▲ hand", doc: "Raised hands, the one that waits longest first" },
      { keys: "✗ error ×3", doc: "The same error again and again" },
      { keys: "✗ error", doc: "No key for a minute after an error" },
      { keys: "▶ running", doc: "A program that runs for long, or waits for input" },
    ],
  },
  { title: "Leaving", entries: [{ keys: "q or Escape", doc: "Back" }, { keys: "Ctrl-Q", doc: "Log out" }] },
];

/** The keys of questions and of the windows that lie over a screen. */
import { fieldKeys, textAreaKeys } from "./field-keys.ts";
import { KeyContext } from "./key-context.ts";
import { endKeys, lineKeys, listKeys, pageKeys } from "./list-keys.ts";

/** The keys of a question with buttons. The buttons' letters: see `answerKeys`. */
export const confirmKeys = new KeyContext({
  name: "questions",
  bindings: [
    { command: "choose", keys: ["Enter"], does: "Choose the marked answer" },
    { command: "next", keys: ["Right", "Tab", "Down"], does: "Mark the next answer" },
    { command: "previous", keys: ["Left", "Shift-Tab", "Up"], does: "Mark the previous answer" },
    { command: "cancel", keys: ["Escape", "Ctrl-C"], does: "Cancel" },
  ],
});

/**
 * The letters that choose an answer; the command is the answer's index. Throws when a letter stands for two answers.
 */
export function answerKeys(
  question: string,
  answers: readonly { readonly label: string; readonly letter: string }[],
): KeyContext {
  const bindings = answers.map(({ label, letter }, index) => ({
    command: String(index),
    keys: [letter.toLowerCase()],
    does: label,
  }));
  return new KeyContext({ name: `the question "${question}"`, bindings, beside: [confirmKeys] });
}

/** The keys of a question for a line of text. */
export const promptKeys = new KeyContext({
  name: "questions for a text",
  bindings: [
    { command: "accept", keys: ["Enter"], does: "OK", hint: "OK" },
    { command: "cancel", keys: ["Escape", "Ctrl-C"], does: "Cancel", hint: "Cancel" },
  ],
  beside: [fieldKeys],
});

/** The keys of a message of several lines. */
export const messageKeys = new KeyContext({
  name: "messages",
  bindings: [
    { command: "accept", keys: ["Enter"], does: "Send", hint: "Send" },
    { command: "cancel", keys: ["Escape", "Ctrl-C"], does: "Cancel", hint: "Cancel" },
  ],
  beside: [textAreaKeys],
});

/** The keys of a list to choose from by typing. */
export const paletteKeys = new KeyContext({
  name: "the palette",
  bindings: [
    { command: "choose", keys: ["Enter"], does: "Choose the marked line" },
    { command: "cancel", keys: ["Escape", "Ctrl-C"], does: "Cancel" },
  ],
  beside: [lineKeys, pageKeys, fieldKeys],
});

/** The keys of the form for a new password. */
export const passwordKeys = new KeyContext({
  name: "the password form",
  bindings: [
    { command: "accept", keys: ["Enter"], does: "Go to the next field; in the last one, OK", hint: "next" },
    { command: "next-field", keys: ["Tab", "Down"], does: "Go to the next field", hint: "other field" },
    { command: "previous-field", keys: ["Shift-Tab", "Up"], does: "Go to the previous field" },
    { command: "cancel", keys: ["Escape", "Ctrl-C", "Ctrl-Q"], does: "Cancel", hint: "cancel" },
  ],
  beside: [fieldKeys],
});

/** The keys of the help screen. */
export const helpKeys = new KeyContext({
  name: "the help screen",
  bindings: [
    { command: "close", keys: ["Escape", "q", "Enter", "F1", "Ctrl-G", "Ctrl-C"], does: "Close", hint: "close" },
  ],
  beside: [listKeys],
});

/** The keys of an explanation. */
export const explanationKeys = new KeyContext({
  name: "an explanation",
  bindings: [
    { command: "close", keys: ["Escape", "q", "Shift-F1", "Ctrl-C"], does: "Close", hint: "close" },
    { command: "go", keys: ["Enter"], does: "Go to the line", hint: "go to the line" },
  ],
  beside: [listKeys],
});

/** The keys of the comparison of two versions of a file. */
export const differenceKeys = new KeyContext({
  name: "the differences",
  bindings: [
    { command: "left", keys: ["Left"], does: "Scroll sideways", hint: "sideways" },
    { command: "right", keys: ["Right"], does: "Scroll sideways", hint: "sideways" },
    { command: "close", keys: ["Escape", "q", "Enter", "Ctrl-C"], does: "Go back to the question", hint: "back" },
  ],
  beside: [listKeys],
});

/** The keys of the inbox. */
export const inboxKeys = new KeyContext({
  name: "the inbox",
  bindings: [
    { command: "reply", keys: ["r", "Enter"], does: "Reply", hint: "Reply" },
    { command: "scroll-up", keys: ["PageUp"], does: "Scroll the message", hint: "Scroll" },
    { command: "scroll-down", keys: ["PageDown"], does: "Scroll the message", hint: "Scroll" },
    { command: "close", keys: ["Escape", "q", "Ctrl-C", "Ctrl-Q"], does: "Close", hint: "Close" },
  ],
  beside: [lineKeys, endKeys],
});

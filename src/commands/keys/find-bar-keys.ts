/** The find bar's keys. A key that is not listed here acts as in the editor below. */
import { fieldKeys } from "./field-keys.ts";
import { KeyContext } from "./key-context.ts";

/** The keys of the find bar. */
export const findBarKeys = new KeyContext({
  name: "the find bar",
  bindings: [
    { command: "enter", keys: ["Enter"], does: "Go to the next match, or replace this one", hint: "Next" },
    { command: "next", keys: ["Down"], does: "Go to the next match" },
    { command: "previous", keys: ["Up", "Shift-Enter"], does: "Go to the previous match", hint: "Previous" },
    { command: "match-case", keys: ["Alt-C"], does: "Match capital letters exactly, or not", hint: "Capitals" },
    { command: "whole-word", keys: ["Alt-W"], does: "Find whole words only, or not", hint: "Whole words" },
    { command: "replace-all", keys: ["Alt-A"], does: "Replace all matches", hint: "Replace all" },
    { command: "other-field", keys: ["Tab", "Shift-Tab"], does: "Go to the other line", hint: "Other field" },
    { command: "close", keys: ["Escape"], does: "Close the find bar", hint: "Close" },
  ],
  beside: [fieldKeys],
});

/** Keys that count before a pane gets them, because of what is going on. */
import { KeyContext } from "./key-context.ts";
import { paneKeys } from "./pane-keys.ts";

/** After the first key of a chord. */
export const chordKeys = new KeyContext({
  name: "a chord",
  bindings: [{ command: "cancel", keys: ["Escape"], does: "Forget the first key" }],
});

/** While a message from the class is shown at the top. The key goes on to the pane as well. */
export const messageBarKeys = new KeyContext({
  name: "a new message",
  bindings: [{ command: "hide", keys: ["Escape"], does: "Put the message away" }],
});

/** While a student's files are copied, for a run of theirs. */
export const copyingKeys = new KeyContext({
  name: "copying",
  bindings: [{ command: "stop", keys: ["Ctrl-C"], does: "Stop copying" }],
});

/** The one action that a window which is too small offers, and that waits for nothing that is under way. */
export const leaveKeys = new KeyContext({
  name: "a window that is too small",
  bindings: [{ command: "leave", keys: paneKeys.editor.binding("quit").keys, does: "Leave" }],
});

/** Keys that come before the panes, depending on what is in progress. */
import { KeyContext } from "./key-context.ts";
import { paneKeys } from "./pane-keys.ts";

/** The keys after the first key of a chord. */
export const chordKeys = new KeyContext({
  name: "a chord",
  bindings: [{ command: "cancel", keys: ["Escape"], does: "Forget the first key" }],
});

/** The key while a new message is shown at the top. The pane gets it as well. */
export const messageBarKeys = new KeyContext({
  name: "a new message",
  bindings: [{ command: "hide", keys: ["Escape"], does: "Put the message away" }],
});

/** The key while a student's files are copied, for a run of theirs. */
export const copyingKeys = new KeyContext({
  name: "copying",
  bindings: [{ command: "stop", keys: ["Ctrl-C"], does: "Stop copying" }],
});

/** The key while a program runs in the console: in the other panes, unless text is selected there, which it copies. */
export const stopKeys = new KeyContext({
  name: "a running program",
  bindings: [{ command: "stop", keys: ["Ctrl-C"], does: "Stop the program; with text selected, copy it" }],
});

/** The only action in a window that is too small; it waits for nothing. */
export const leaveKeys = new KeyContext({
  name: "a window that is too small",
  bindings: [{ command: "leave", keys: paneKeys.editor.binding("quit").keys, does: "Leave" }],
});

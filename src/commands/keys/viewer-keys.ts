/** The keys of whoever sees somebody else's session, and the one that the person there has against it. They come before all others. */
import { viewModes, type ViewMode } from "../../auth/attaching.ts";
import { KeyContext, type KeyBinding } from "./key-context.ts";

/** What a viewer's key does. */
export type ViewerCommand = "next-mode" | ViewMode | "leave";

const everywhere: readonly KeyBinding<ViewerCommand>[] = [
  { command: "next-mode", keys: ["F9", "Ctrl-B"], does: "The next mode: watch, look around, help, drive" },
  { command: "leave", keys: ["Ctrl-Q"], does: "Leave", hint: "Leave" },
];

/** Whoever only watches types nothing, so that letters are free. */
const watching: readonly KeyBinding<ViewerCommand>[] = [
  { command: "look", keys: ["l"], does: "Look around", hint: "Look around" },
  { command: "help", keys: ["h"], does: "Help", hint: "Help" },
  { command: "drive", keys: ["d"], does: "Drive", hint: "Drive" },
  { command: "next-mode", keys: ["F9", "Ctrl-B"], does: "The next mode: watch, look around, help, drive" },
  { command: "leave", keys: ["Escape", "q", "Ctrl-Q"], does: "Leave", hint: "Leave" },
];

const names: Readonly<Record<ViewMode, string>> = {
  watch: "watching",
  look: "looking around",
  help: "helping",
  drive: "driving",
};

/** In each mode. A key that is not here is the session's, or nobody's. */
export const viewerKeys = Object.fromEntries(
  viewModes.map((mode) => [
    mode,
    new KeyContext<ViewerCommand>({ name: names[mode], bindings: mode === "watch" ? watching : everywhere }),
  ]),
) as Readonly<Record<ViewMode, KeyContext<ViewerCommand>>>;

/** For the person for whom somebody types. */
export const drivenKeys = new KeyContext({
  name: "a session that somebody drives",
  bindings: [{ command: "take-back", keys: ["F9", "Ctrl-B"], does: "Take back control" }],
});

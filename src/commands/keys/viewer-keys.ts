/** The keys of viewers, and the one that the owner has against a driver. They come before all others. */
import { viewModes, type ViewMode } from "../../auth/attaching.ts";
import { KeyContext, type KeyBinding } from "./key-context.ts";

/** The commands of a viewer. */
export type ViewerCommand = "next-mode" | ViewMode | "leave";

const everywhere: readonly KeyBinding<ViewerCommand>[] = [
  { command: "next-mode", keys: ["F9", "Ctrl-B"], does: "The next mode: watch, look around, help, drive" },
  { command: "leave", keys: ["Ctrl-Q"], does: "Leave", hint: "Leave" },
];

/** A viewer who only watches types nothing, so letters can be keys. */
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

/** The keys in each mode. Any other key goes to the session, or nowhere. */
export const viewerKeys = Object.fromEntries(
  viewModes.map((mode) => [
    mode,
    new KeyContext<ViewerCommand>({ name: names[mode], bindings: mode === "watch" ? watching : everywhere }),
  ]),
) as Readonly<Record<ViewMode, KeyContext<ViewerCommand>>>;

/** The key of an owner for whom somebody types. */
export const drivenKeys = new KeyContext({
  name: "a session that somebody drives",
  bindings: [{ command: "take-back", keys: ["F9", "Ctrl-B"], does: "Take back control" }],
});

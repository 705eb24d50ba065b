/** A viewer's own keys, as data: they are looked up before anything else, and nothing of them reaches the session. docs/keys.md lists them. */
import type { ViewMode } from "../../auth/attaching.ts";
import type { InputEvent } from "../../terminal/input/event.ts";

/** What a viewer's key does. */
export type ViewerAction = "next-mode" | ViewMode | "leave";

export interface ViewerKey {
  readonly does: ViewerAction;
  readonly title: string;
  readonly keys: readonly string[];
  /** The modes in which it works. In the others the key is the session's, or nobody's. */
  readonly modes: readonly ViewMode[];
}

const all = ["watch", "look", "help", "drive"] as const;
const watching = ["watch"] as const;

export const viewerKeys: readonly ViewerKey[] = [
  { does: "next-mode", title: "The next mode: watch, look around, help, drive", keys: ["F9", "Ctrl-B"], modes: all },
  { does: "leave", title: "Leave", keys: ["Ctrl-Q"], modes: all },
  { does: "leave", title: "Leave", keys: ["Escape", "q"], modes: watching },
  { does: "look", title: "Look around", keys: ["l"], modes: watching },
  { does: "help", title: "Help", keys: ["h"], modes: watching },
  { does: "drive", title: "Drive", keys: ["d"], modes: watching },
];

/** With these the person takes back from whoever drives. */
export const takeBackKeys: readonly string[] = ["F9", "Ctrl-B"];

/** What a viewer's event means in a mode; undefined: it is none of the viewer's keys. */
export function viewerAction(event: InputEvent, mode: ViewMode): ViewerAction | undefined {
  const key = event.kind === "key" ? event.name : event.kind === "text" ? event.text : undefined;
  if (key === undefined) return undefined;
  return viewerKeys.find(({ keys, modes }) => keys.includes(key) && modes.includes(mode))?.does;
}

export function takesBack(event: InputEvent): boolean {
  return event.kind === "key" && takeBackKeys.includes(event.name);
}

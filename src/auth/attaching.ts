/** Who may attach to whom, and how. */
import { may } from "./roles.ts";
import { teaches, type Observed, type Observer } from "./teaching.ts";

/**
 * How a viewer takes part: sees the screen, looks around on their own screen, also edits there, or types instead of the
 * person.
 */
export const viewModes = ["watch", "look", "help", "drive"] as const;

/** A mode of `viewModes`. */
export type ViewMode = (typeof viewModes)[number];

/** Whether a text names a mode. */
export function isViewMode(text: string): text is ViewMode {
  return (viewModes as readonly string[]).includes(text);
}

/**
 * Whether `viewer` may attach in this mode. Whoever teaches somebody may do everything. Professors may see each other's
 * work, and admins each other's, but not change it: whoever types for an admin is one. Students attach to nobody.
 */
export function mayAttach(viewer: Observer, person: Observed, mode: ViewMode): boolean {
  if (!may(viewer.role, "attach")) return false;
  if (teaches(viewer, person)) return true;
  const areColleagues =
    viewer.role === person.role && may(viewer.role, "user.read") && viewer.username !== person.username;
  return areColleagues && (mode === "watch" || mode === "look");
}

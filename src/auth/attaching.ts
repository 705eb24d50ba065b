/** Who may attach to whom, and how. */
import { may } from "./roles.ts";
import { teaches, type Observed, type Observer } from "./teaching.ts";

/** How somebody who attaches takes part: sees the screen, looks around on a screen of one's own, edits too, types instead of the person. */
export const viewModes = ["watch", "look", "help", "drive"] as const;

export type ViewMode = (typeof viewModes)[number];

export function isViewMode(text: string): text is ViewMode {
  return (viewModes as readonly string[]).includes(text);
}

/**
 * Whoever teaches somebody may do everything there. Colleagues who are both professors, or both admins, may see each other's work but
 * not change it: whoever types for an admin is one. Students attach to nobody.
 */
export function mayAttach(viewer: Observer, person: Observed, mode: ViewMode): boolean {
  if (!may(viewer.role, "attach")) return false;
  if (teaches(viewer, person)) return true;
  const areColleagues =
    viewer.role === person.role && may(viewer.role, "user.read") && viewer.username !== person.username;
  return areColleagues && (mode === "watch" || mode === "look");
}

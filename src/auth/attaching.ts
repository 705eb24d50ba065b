/** Who may attach to whom, and how. */
import { may } from "./roles.ts";
import { teaches, type Viewed, type Viewer } from "./teaching.ts";

/**
 * Whoever teaches somebody may do everything there; of colleagues with the same role, professors and admins may see each other's
 * work, not change it: whoever types for an admin is one. Students attach to nobody.
 */
export function mayAttach(viewer: Viewer, person: Viewed, mode: "watch" | "look" | "help" | "drive"): boolean {
  if (!may(viewer.role, "attach")) return false;
  if (teaches(viewer, person)) return true;
  const colleagues = viewer.role === person.role && viewer.role !== "ta" && viewer.username !== person.username;
  return colleagues && (mode === "watch" || mode === "look");
}

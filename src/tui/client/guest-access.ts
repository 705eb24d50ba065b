/**
 * What a guest may do in somebody else's session, checked where input becomes an action. A guest who looks around only
 * moves; a guest who helps also edits and saves open files. Only the owner runs, closes, renames and deletes.
 */
import { isFor, type Action } from "../../commands/actions.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { TreeIntent } from "../views/file-tree-view.ts";
import type { StatusNotice } from "../views/status-line.ts";

/** Whether the action is available in this view now; a guest's rights may change at any time. */
export function mayRun(action: Action, view: WorkbenchView): boolean {
  if (view.isOwn) return true;
  return action.guests === "look" || (action.guests === "help" && view.participant.mayEdit);
}

/**
 * Whether the action is available in this view at all: by the role of the session's owner, and for a guest by `guests`.
 */
export function hasAction(action: Action, view: WorkbenchView): boolean {
  return isFor(action, view.workbench.person.role) && mayRun(action, view);
}

/** The notice for a guest who tried what only the owner may do. */
export function ownerOnly({ workbench }: WorkbenchView): StatusNotice {
  return { kind: "warning", text: `Only ${workbench.owner.name} can do that.` };
}

/** Whether an intent in the file tree is available in this view. */
export function mayDo({ kind }: TreeIntent, view: WorkbenchView): boolean {
  switch (kind) {
    case "moved":
    case "leave":
    case "open":
    case "toggle":
    case "refresh":
      return true;
    case "new-file":
    case "new-folder":
    case "rename":
    case "delete":
      return view.isOwn;
    default:
      return kind satisfies never;
  }
}

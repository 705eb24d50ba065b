/**
 * What a guest may do in somebody else's session, decided where input becomes an action. Whoever looks around moves about; whoever helps
 * also edits and saves what is open. Nobody but the person runs, closes, renames or deletes.
 */
import { isFor, type Action } from "../../commands/actions.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { TreeIntent } from "../views/file-tree-view.ts";
import type { StatusLineMessage } from "../views/status-line.ts";

/** Whether whoever looks through this view has the action. */
export function mayRun(action: Action, view: WorkbenchView): boolean {
  if (view.isOwn) return true;
  return action.guests === "look" || (action.guests === "help" && view.participant.mayEdit);
}

/** Whether whoever looks through this view has the action at all: by the role of the session's person, and as a guest. */
export function hasAction(action: Action, view: WorkbenchView): boolean {
  return isFor(action, view.workbench.person.role) && mayRun(action, view);
}

/** What a guest reads who tried what is the owner's alone. */
export function ownerOnly({ workbench }: WorkbenchView): StatusLineMessage {
  return { kind: "warning", text: `Only ${workbench.owner.name} can do that.` };
}

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

import type { OpenDocument } from "../../session/open-document.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";

/** Why the active document can't be changed, and what to do about it; undefined when no document is open. */
export function readOnlySentence({ active, participant, workbench, isOwn }: WorkbenchView): string | undefined {
  if (!active) return undefined;
  if (!isOwn && participant.mayEdit && active.fileReadOnly)
    return `${workbench.owner.name} does not have ${active.name} open, so you can only look at it.`;
  return participant.mayEdit
    ? readOnlyReason(active)
    : `You are only watching. In help mode you can type in ${workbench.owner.name}'s files.`;
}

function readOnlyReason({ name, editing }: OpenDocument): string {
  if (editing.kind === "theirs") return `${editing.name} is editing ${name}. Enter asks for it.`;
  return `${name} is read-only. F10 copies it to your own files.`;
}

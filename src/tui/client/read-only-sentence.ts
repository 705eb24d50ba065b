import type { OpenDocument } from "../../session/open-document.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";

/** Why the document before the person can't be changed, and what leads on; undefined where none is. */
export function readOnlySentence({ active, participant, workbench, isOwn }: WorkbenchView): string | undefined {
  if (!active) return undefined;
  if (!isOwn && participant.mayEdit && active.fileReadOnly) return `${active.name} is not open at ${workbench.owner.name}'s: you can only look at it.`;
  return participant.mayEdit ? readOnlyReason(active) : `You look on. Only in help mode can you type in ${workbench.owner.name}'s files.`;
}

function readOnlyReason({ name, editing }: OpenDocument): string {
  if (editing.kind === "theirs") return `${editing.name} edits ${name} now. Enter asks to take over.`;
  return `${name} is read-only. F10 copies it to your own files.`;
}

/** What the status line and the header say. */
import type { Pane } from "../../commands/pane.ts";
import type { DocumentView } from "../../editor/document-view.ts";
import type { OpenDocument } from "../../session/open-document.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { StatusProps } from "../views/status-line.ts";
import { timeOfDay } from "../parts/times.ts";
import type { Tab } from "../views/tab-bar.ts";

/** Facts about what has the focus. */
export function statusFacts(view: WorkbenchView, pane: Pane): Pick<StatusProps, "left" | "right"> {
  const { workbench, active: document, editor } = view;
  if (pane === "files")
    return { left: [`${workbench.documents.list.length} open`, ...savedFacts(document)].filter(nonEmpty), right: [] };
  if (pane === "console") return { left: [consoleFact(workbench)], right: [] };
  if (!document || !editor) return { left: ["No file is open"], right: [] };
  const { line, column } = editor.cursor;
  const language = editor.language === "python" ? "Python" : "Text";
  const ending = document.content.lineEnding === "\r\n" ? "CRLF" : "";
  return {
    left: [`Ln ${line}, Col ${column}`, selectionFact(editor), ...savedFacts(document), language].filter(nonEmpty),
    right: [peersFact(editor), ending, "UTF-8"].filter(nonEmpty),
  };
}

/** "ada@classh: welcome.py". */
export function windowTitle({ workbench, active }: WorkbenchView): string {
  const who = `${workbench.person.username}@classh`;
  return active ? `${who}: ${active.name}` : who;
}

export function tabOf(document: OpenDocument): Tab {
  const { name, modified, readOnly, disk } = document;
  return { name, modified, readOnly, conflict: disk !== "same" };
}

/** Who edits has a fact of its own: it fits also where the key that asks does not. */
function savedFacts(document: OpenDocument | undefined): readonly string[] {
  if (document?.editing.kind !== "theirs" || document.fileReadOnly) return [savedFact(document)];
  const { name, since } = document.editing;
  return [`${name} has been editing this since ${timeOfDay(since)}`, "Enter asks for it"];
}

function savedFact(document: OpenDocument | undefined): string {
  if (!document) return "";
  const { editing } = document;
  if (document.fileReadOnly) return "read-only · F10 copies it to your files";
  if (editing.kind === "suspended") return "! can't be saved right now; your text is kept";
  if (document.disk === "removed") return "! deleted on disk · Ctrl-S saves it again";
  if (document.disk === "changed") return "! changed on disk";
  if (document.modified) return "● not saved";
  return document.savedAt === undefined ? "" : `saved ${timeOfDay(document.savedAt)}`;
}

function selectionFact({ selection }: DocumentView): string {
  return selection ? `${selection.to - selection.from} selected` : "";
}

/** Who else is where: their cursors may be out of sight. */
function peersFact(editor: DocumentView): string {
  const peers = editor.peers();
  const { doc } = editor.document;
  const told = peers
    .slice(0, maxPeersTold)
    .map(({ participant, selection }) => `${participant.name} at line ${doc.lineAt(selection.main.head).number}`);
  return [...told, peers.length > maxPeersTold ? `${peers.length - maxPeersTold} more` : ""]
    .filter(nonEmpty)
    .join(", ");
}

const maxPeersTold = 2;

function consoleFact(workbench: Workbench): string {
  switch (workbench.console.activity) {
    case "starting":
      return "Python is starting";
    case "running":
      return "A program is running";
    case "prompt":
      return "Python is ready";
    case "ended":
    case "off":
      return "Python has ended · Enter starts it again";
    default:
      return workbench.console.activity satisfies never;
  }
}

function nonEmpty(text: string): boolean {
  return text !== "";
}

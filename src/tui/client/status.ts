/** The texts of the status line, the header and the tabs. */
import { counted } from "../../base/counted.ts";
import type { Pane } from "../../commands/pane.ts";
import type { LineEnding } from "../../editor/types.ts";
import type { OpenDocument } from "../../session/open-document.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import { fitEnd } from "../views/fit.ts";
import type { StatusFact, StatusProps } from "../views/status-line.ts";
import { timeOfDay } from "../../base/time-text.ts";
import type { Tab } from "../views/tab-bar.ts";

/** The facts about the pane in focus. */
export function statusFacts(view: WorkbenchView, pane: Pane): Pick<StatusProps, "left" | "right"> {
  const { workbench, active: document, editor } = view;
  if (pane === "files") {
    const saved = document ? savedFacts(document) : [];
    return { left: [`${workbench.documents.list.length} open`, ...saved].filter(isSaid), right: [] };
  }
  if (pane === "variables") return { left: [variablesFact(workbench)], right: [] };
  if (pane === "console") return { left: [consoleFact(workbench)], right: [] };
  if (!document || !editor) return { left: ["No file is open"], right: [] };
  const { doc } = editor.document;
  return editorFacts({
    ...editor.cursor,
    selected: editor.selection ? editor.selection.to - editor.selection.from : 0,
    document,
    language: editor.language === "python" ? "Python" : "Text",
    lineEnding: document.content.lineEnding,
    peers: editor.peers().map(({ participant, selection }) => ({
      name: participant.name,
      line: doc.lineAt(selection.main.head).number,
    })),
  });
}

/** The state of a document as the status line needs it. */
export type SavedState = Pick<OpenDocument, "disk" | "editing" | "fileReadOnly" | "modified" | "savedAt">;

/** What the status line needs to know about the document in focus. */
export interface EditorStatus {
  readonly line: number;
  readonly column: number;
  /** The number of selected characters. */
  readonly selected: number;
  readonly document: SavedState;
  readonly language: string;
  readonly lineEnding: LineEnding;
  /** The other participants: their cursors may be out of sight. */
  readonly peers: readonly { readonly name: string; readonly line: number }[];
}

/** The facts about the document in focus. */
export function editorFacts(state: EditorStatus): Pick<StatusProps, "left" | "right"> {
  const { line, column, selected, document, language, lineEnding, peers } = state;
  const selection = selected > 0 ? `${selected} selected` : "";
  const ending = lineEnding === "\r\n" ? "CRLF" : "";
  return {
    left: [`Ln ${line}, Col ${column}`, selection, ...savedFacts(document), { text: language, short: "" }].filter(
      isSaid,
    ),
    right: [peersFact(peers), ending, { text: "UTF-8", short: "" }].filter(isSaid),
  };
}

/** The window's title: "ada@classh: welcome.py". */
export function windowTitle({ workbench, active }: WorkbenchView): string {
  const who = `${workbench.person.username}@classh`;
  return active ? `${who}: ${active.name}` : who;
}

/** The tab of a document. */
export function tabOf(document: OpenDocument): Tab {
  const { name, modified, readOnly, disk } = document;
  return { name, modified, readOnly, conflict: disk !== "same" };
}

/** The facts about saving. Who is editing the file, and the key that asks for it, are facts of their own. */
function savedFacts(document: SavedState): readonly StatusFact[] {
  if (document.editing.kind !== "theirs" || document.fileReadOnly) return [savedFact(document)];
  const { name, since } = document.editing;
  return [
    {
      text: `${name} has been editing this since ${timeOfDay(since)}`,
      short: `${fitEnd(name, maxNameColumns)} is editing this`,
    },
    { text: "Enter asks for it", short: "Enter asks" },
  ];
}

function savedFact(document: SavedState): StatusFact {
  const { disk, editing, fileReadOnly, modified, savedAt } = document;
  if (fileReadOnly) return { text: "read-only · F10 copies it to your files", short: "read-only · F10 copies it" };
  if (editing.kind === "suspended")
    return { text: "! can't be saved right now; your text is kept", short: "! can't be saved right now" };
  if (disk === "removed")
    return { text: "! deleted on disk · Ctrl-S saves it again", short: "! deleted · Ctrl-S saves it" };
  if (disk === "changed")
    return { text: "! changed on disk · Ctrl-S asks which text to keep", short: "! changed on disk · Ctrl-S" };
  if (modified) return "● not saved";
  return savedAt === undefined ? "" : `saved ${timeOfDay(savedAt)}`;
}

function peersFact(peers: EditorStatus["peers"]): StatusFact {
  const [first] = peers;
  if (!first) return "";
  const told = peers.slice(0, maxPeersTold).map(({ name, line }) => `${name} at line ${line}`);
  const more = peers.length > maxPeersTold ? [`${peers.length - maxPeersTold} more`] : [];
  return {
    text: [...told, ...more].join(", "),
    short:
      peers.length > 1 ? `${peers.length} others here` : `${fitEnd(first.name, maxNameColumns)} at line ${first.line}`,
  };
}

const maxPeersTold = 2;
/** Columns of a name where there is little room. */
const maxNameColumns = 16;

function variablesFact({ console: { variables, stepping } }: Workbench): string {
  if (stepping.active) return counted(stepping.state?.variables.length ?? 0, "variable");
  const count = variables.latest?.list.filter(({ group }) => group === "variable").length ?? 0;
  return variables.latest ? counted(count, "variable") : "Variables are shown when Python is at its prompt";
}

function consoleFact(workbench: Workbench): string {
  switch (workbench.console.activity) {
    case "starting":
      return "Python is starting";
    case "running":
      return "A program is running";
    case "prompt":
      return "Python is ready";
    case "failed":
      return "The program has ended · Enter opens its prompt";
    case "ended":
    case "off":
      return "Python has ended · Enter starts it again";
    default:
      return workbench.console.activity satisfies never;
  }
}

function isSaid(fact: StatusFact): boolean {
  return fact !== "";
}

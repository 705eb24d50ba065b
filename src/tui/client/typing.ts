/** What is typed into a pane, after chords, actions and the find bar had their turn. */
import type { Pane } from "../../commands/ide.ts";
import { editorKeys } from "../../editor/keymap.ts";
import type { OpenDocument } from "../../session/open-document.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { InputEvent, KeyEvent } from "../../terminal/input/event.ts";
import type { FileTreeView, TreeIntent } from "../views/file-tree.ts";
import type { Message } from "../views/status-line.ts";
import { consoleBytes } from "./console-keys.ts";
import type { Editing } from "./editing.ts";

export interface TypingOptions {
  readonly view: WorkbenchView;
  readonly editing: Editing;
  readonly tree: FileTreeView;
  readonly onTree: (intent: TreeIntent) => void;
  /** The cursor may have moved without a change of text, which the workbench does not tell. */
  readonly edited: () => void;
  readonly show: (message: Message) => void;
  /** Somebody else edits this file, and the person wants to. */
  readonly takeOver: () => void;
}

function readOnlyReason({ name, editing }: OpenDocument): string {
  if (editing.kind === "theirs") return `${editing.name} edits ${name} now. Enter asks to take over.`;
  return `${name} is read-only. F10 copies it to your own files.`;
}

export class Typing {
  readonly #options: TypingOptions;

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  pass(event: InputEvent, pane: Pane): void {
    switch (pane) {
      case "files":
        return this.#toFiles(event);
      case "editor":
        return this.#toEditor(event);
      case "console":
        return this.#toConsole(event);
      default:
        pane satisfies never;
    }
  }

  tellReadOnly(): void {
    const { active, participant, workbench, isOwn } = this.#options.view;
    if (!active) return;
    if (!isOwn && participant.mayEdit && active.fileReadOnly) return this.#options.show({ kind: "warning", text: `${active.name} is not open at ${workbench.owner.name}'s: you can only look at it.` });
    const text = participant.mayEdit ? readOnlyReason(active) : `You look on. Only in help mode can you type in ${workbench.owner.name}'s files.`;
    this.#options.show({ kind: "warning", text });
  }

  #toFiles(event: InputEvent): void {
    const intent = this.#options.tree.handle(event, this.#options.view.tree.rows);
    if (intent) this.#options.onTree(intent);
  }

  #toEditor(event: InputEvent): void {
    const { editing, show, edited, takeOver } = this.#options;
    const { active } = this.#options.view;
    // Just lost, it still takes what was on its way: then Enter is a line break.
    if (event.kind === "key" && event.name === "Enter" && active?.editing.kind === "theirs" && active.readOnly) return takeOver();
    if (event.kind === "text" && !editing.type(event.text)) this.tellReadOnly();
    if (event.kind === "paste") {
      if (!editing.insert(event.text)) this.tellReadOnly();
      if (event.truncated) show({ kind: "warning", text: "That was too much to paste at once: the end is missing." });
    }
    const command = event.kind === "key" ? editorKeys.get(event.name) : undefined;
    if (command) editing.run(command);
    edited();
  }

  #toConsole(event: InputEvent): void {
    const { workbench, isOwn } = this.#options.view;
    const { console } = workbench;
    if (!isOwn) return this.#options.show({ kind: "warning", text: `Only ${workbench.owner.name} types in this console, or who drives.` });
    if (event.kind === "text") console.type(event.text);
    else if (event.kind === "paste") console.paste(event.text);
    else if (event.kind === "key" && !this.#scrollConsole(event)) {
      console.type(consoleBytes(event, console.emulator.modes.applicationCursorKeysMode));
    }
  }

  /** Paging looks back through the output, except in a program that draws its own screen. */
  #scrollConsole(event: KeyEvent): boolean {
    const { console } = this.#options.view.workbench;
    const direction = event.name.endsWith("PageUp") ? -1 : event.name.endsWith("PageDown") ? 1 : 0;
    if (direction === 0 || console.emulator.buffer.active.type === "alternate") return false;
    console.scroll(direction * Math.max(1, console.size.rows - 1));
    return true;
  }
}

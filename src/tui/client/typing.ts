/** What is typed into a pane, after chords, actions and the find bar. */
import { editorKeys } from "../../commands/keys/editor-keys.ts";
import type { Pane } from "../../commands/pane.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import type { Notices } from "../parts/notices.ts";
import type { FileTreeView } from "../views/file-tree-view.ts";
import { consoleBytes } from "./console-bytes.ts";
import type { ConsolePane } from "./console-pane.ts";
import type { Editing } from "./editing.ts";
import type { Files } from "./files.ts";
import type { FileHandover } from "./file-handover.ts";
import type { VariablesPane } from "./variables-pane.ts";

/** Where typed input goes. */
export interface TypingOptions {
  readonly view: WorkbenchView;
  readonly editing: Editing;
  readonly tree: FileTreeView;
  readonly files: Files;
  readonly variables: VariablesPane;
  readonly handover: FileHandover;
  /** Gets what somebody needs who reads the console's output. */
  readonly consolePane: ConsolePane;
  readonly notices: Notices;
  readonly actionRunner: ActionRunner;
}

/** Input for the pane in focus. */
export class Typing {
  readonly #options: TypingOptions;

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  /** Passes an event to a pane. */
  pass(event: InputEvent, pane: Pane): void {
    switch (pane) {
      case "files":
        return this.#toFiles(event);
      case "editor":
        return this.#toEditor(event);
      case "console":
        return this.#toConsole(event);
      case "variables":
        return this.#options.variables.handle(event);
      default:
        pane satisfies never;
    }
  }

  #toFiles(event: InputEvent): void {
    const intent = this.#options.tree.handle(event, this.#options.view.tree.rows);
    if (intent) this.#options.files.handle(intent);
  }

  #toEditor(event: InputEvent): void {
    const { editing, notices, actionRunner, handover } = this.#options;
    const { active } = this.#options.view;
    const command = event.kind === "key" ? editorKeys.commandFor(event.name) : undefined;
    // A document that has just been lost still takes keys that were on their way, and then Enter is a line break.
    if (command === "newline" && active?.editing.kind === "theirs" && active.readOnly)
      return actionRunner.run("take-over", () => handover.askForIt());
    if (event.kind === "text") editing.type(event.text);
    if (event.kind === "paste") {
      editing.insert(event.text);
      if (event.truncated)
        notices.show({ kind: "warning", text: "That was too much to paste at once, so its end is missing." });
    }
    if (command) editing.run(command);
  }

  #toConsole(event: InputEvent): void {
    const { workbench, isOwn } = this.#options.view;
    const { console } = workbench;
    if (this.#options.consolePane.take(event)) return;
    if (!isOwn)
      return this.#options.notices.show({
        kind: "warning",
        text: `Only ${workbench.owner.name}, or somebody who drives, can type in this console.`,
      });
    if (event.kind === "text") console.type(event.text);
    else if (event.kind === "paste") console.paste(event.text);
    else if (event.kind === "key") console.type(consoleBytes(event, console.emulator.modes.applicationCursorKeysMode));
  }
}

import type { DocumentView } from "../../editor/document-view.ts";
import type { EditorCommandName } from "../../editor/commands.ts";
import type { Clip } from "../../editor/types.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import type { Notices } from "../parts/notices.ts";
import { askLine } from "./ask-line.ts";
import type { ClientEvents, CursorChange } from "./client-events.ts";
import type { Questions } from "./questions.ts";
import { readOnlySentence } from "./read-only-sentence.ts";

export interface EditingOptions {
  readonly view: WorkbenchView;
  readonly screen: Canvas;
  readonly questions: Questions;
  readonly notices: Notices;
  readonly actionRunner: ActionRunner;
  readonly events: ClientEvents;
}

/** What the person does to the document before them: typing, the clipboard, commands. It says so where nothing can be changed. */
export class Editing {
  readonly #options: EditingOptions;

  constructor(options: EditingOptions) {
    this.#options = options;
  }

  /** Runs a command on the active document and keeps the cursor in sight. */
  run(command: EditorCommandName): void {
    this.#change((editor) => editor.run(command, { pageLines: editor.viewport.height }));
  }

  type(text: string): void {
    if (!this.#change((editor) => editor.type(text))) this.#tellReadOnly();
  }

  /** Text from the person's own machine. */
  insert(text: string): void {
    if (!this.#change((editor) => editor.paste(text))) this.#tellReadOnly();
  }

  /** Also onto the clipboard of the person's own machine. */
  copy(): void {
    const { view, events } = this.#options;
    if (view.editor) this.#keep(view.editor.copy());
    events.cursor.emit("moved");
  }

  cut(): void {
    this.#change((editor) => this.#keep(editor.cut()));
  }

  paste(): void {
    const { text, wholeLine } = this.#options.view.clipboard;
    if (text !== "" && !this.#change((editor) => editor.paste(text, wholeLine))) this.#tellReadOnly();
  }

  goToLine(line: number): void {
    this.#change((editor) => editor.setCursor(editor.offsetAt(line, 1)), "set");
  }

  askGoToLine(): void {
    const { view, questions, actionRunner } = this.#options;
    const ask = async (): Promise<void> => {
      const { editor } = view;
      const line = editor && (await askLine(questions.dialogs, editor.lineCount));
      if (line !== undefined) this.goToLine(line);
    };
    actionRunner.run("ask-go-to-line", () => questions.holding(ask));
  }

  /** The result is what `work` returned, true when that is nothing. */
  #change(work: (editor: DocumentView) => boolean | void, change: CursorChange = "moved"): boolean {
    const { editor } = this.#options.view;
    if (!editor) return true;
    const done = work(editor) ?? true;
    editor.viewport.reveal(editor);
    this.#options.events.cursor.emit(change);
    return done;
  }

  #keep(clip: Clip): void {
    if (clip.text === "") return;
    this.#options.view.clipboard = clip;
    this.#options.screen.copy(clip.text);
  }

  #tellReadOnly(): void {
    const text = readOnlySentence(this.#options.view);
    if (text !== undefined) this.#options.notices.show({ kind: "warning", text });
  }
}

import type { DocumentView } from "../../editor/document-view.ts";
import type { EditorCommandName } from "../../editor/commands.ts";
import { unitsOf } from "../../editor/viewport.ts";
import type { Clip } from "../../editor/types.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import type { Notices } from "../parts/notices.ts";
import { askLine } from "./ask-line.ts";
import type { ClientEvents, CursorChange } from "./client-events.ts";
import type { Questions } from "./questions.ts";
import { readOnlySentence } from "./read-only-sentence.ts";

/** What editing needs of its client. */
export interface EditingOptions {
  readonly view: WorkbenchView;
  readonly screen: Canvas;
  readonly questions: Questions;
  readonly notices: Notices;
  readonly actionRunner: ActionRunner;
  readonly events: ClientEvents;
}

/**
 * Changes to the active document: typing, the clipboard, commands. Where nothing may be changed, the person is told.
 */
export class Editing {
  readonly #options: EditingOptions;

  constructor(options: EditingOptions) {
    this.#options = options;
  }

  /** Runs an editor command on the active document and scrolls the cursor into view. */
  run(command: EditorCommandName): void {
    this.#change((editor) => editor.run(command, { pageLines: editor.viewport.height }));
  }

  /** Types text at the cursor, with automatic pairs and indentation. */
  type(text: string): void {
    if (!this.#change((editor) => editor.type(text))) this.#tellReadOnly();
  }

  /** Inserts text that was pasted from the person's own machine. */
  insert(text: string): void {
    if (!this.#change((editor) => editor.paste(text))) this.#tellReadOnly();
  }

  /** Copies the selection, also to the clipboard of the person's own machine. */
  copy(): void {
    const { view, events } = this.#options;
    if (view.editor) this.#keep(view.editor.copy());
    events.cursor.emit("moved");
  }

  /** Copies the selection and deletes it. */
  cut(): void {
    this.#change((editor) => this.#keep(editor.cut()));
  }

  /** Inserts what was copied last in this session. */
  paste(): void {
    const { text, wholeLine } = this.#options.view.clipboard;
    if (text !== "" && !this.#change((editor) => editor.paste(text, wholeLine))) this.#tellReadOnly();
  }

  /** Moves the cursor to the start of a line, counted from 1. */
  goToLine(line: number): void {
    this.#change((editor) => editor.setCursor(editor.offsetAt(line, 1)), "set");
  }

  /** Moves the cursor to a character of a line, both counted from 1. */
  goToCharacter(line: number, character: number): void {
    this.#change((editor) => {
      const { from, text } = editor.state.doc.line(Math.max(1, Math.min(line, editor.lineCount)));
      editor.setCursor(from + unitsOf(text, character - 1));
    }, "set");
  }

  /** Asks for a line and moves the cursor there. */
  askGoToLine(): void {
    const { view, questions, actionRunner } = this.#options;
    const ask = async (): Promise<void> => {
      const { editor } = view;
      const line = editor && (await askLine(questions.dialogs, editor.lineCount));
      if (line !== undefined) this.goToLine(line);
    };
    actionRunner.run("ask-go-to-line", () => questions.holding(ask));
  }

  /** Runs a change. Returns what `work` returned; true when that is nothing, or when no document is open. */
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

/**
 * One who writes in a document, in however many windows: CodeMirror's state with the steps of undo of this person alone. The edits of
 * others go through it without becoming steps, so that undo takes back one's own edits wherever others have moved them.
 */

import { EditorState, Transaction } from "@codemirror/state";
import type { ChangeSet, EditorSelection, Extension, StateEffect, Text } from "@codemirror/state";
import { snapSelection } from "./cursors.ts";
import type { Participant } from "./participant.ts";
import { UndoHistory } from "./undo-history.ts";

/** A step that undo knows nothing of. */
const unrecorded = Transaction.addToHistory.of(false);

export interface AuthorOptions {
  readonly participant: Participant;
  readonly doc: Text;
  /** What all states of the document have in common. */
  readonly extensions: Extension;
}

/** `Window` is whatever this person writes through: one is told from another, and nothing more is asked of it. */
export class Author<Window> {
  readonly participant: Participant;
  /** The window used last; the state's selection is its selection. Undefined until one was used. */
  current: Window | undefined;
  readonly #undo = new UndoHistory();
  #state: EditorState;

  constructor({ participant, doc, extensions }: AuthorOptions) {
    this.participant = participant;
    this.#state = EditorState.create({ doc, extensions: [this.#undo.extension, extensions] });
  }

  get state(): EditorState {
    return this.#state;
  }

  /** Another window of this person is used now. */
  enter(window: Window, selection: EditorSelection): void {
    this.current = window;
    this.select(selection);
  }

  /** This person's own step. */
  did(transaction: Transaction): void {
    this.#state = this.#undo.after(transaction);
    this.select(snapSelection(this.#state.doc, this.#state.selection));
  }

  /** Somebody else's change of the text; cursors stay where they are in it. */
  follow(changes: ChangeSet): void {
    this.did(this.#state.update({ changes, annotations: [unrecorded, Transaction.remote.of(true)] }));
  }

  reconfigure(effects: StateEffect<unknown>): void {
    this.#state = this.#state.update({ effects }).state;
  }

  /** The state with another selection. */
  with(selection: EditorSelection): EditorState {
    return this.#state.update({ selection, annotations: unrecorded }).state;
  }

  /** Puts the cursor elsewhere, unnoticed by undo. */
  select(selection: EditorSelection): void {
    if (selection !== this.#state.selection && !selection.eq(this.#state.selection, true))
      this.#state = this.with(selection);
  }
}

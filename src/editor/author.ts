/**
 * Somebody who edits a document, in any number of windows: CodeMirror's state, with this person's own steps of undo.
 * The edits of others go through it without becoming steps, so undo takes back a person's own edits, wherever others
 * have moved them.
 */

import { EditorState, Transaction } from "@codemirror/state";
import type { ChangeSet, EditorSelection, Extension, StateEffect, Text } from "@codemirror/state";
import { snapSelection } from "./cursors.ts";
import type { Participant } from "./participant.ts";
import { UndoHistory } from "./undo-history.ts";

/** Marks a step that undo ignores. */
const unrecorded = Transaction.addToHistory.of(false);

/** What an author is made from. */
export interface AuthorOptions {
  readonly participant: Participant;
  readonly doc: Text;
  /** The extensions that all states of the document share. */
  readonly extensions: Extension;
}

/** An author. `Window` is the type of the windows, which are only compared with each other. */
export class Author<Window> {
  readonly participant: Participant;
  /** The window used last, which has the state's selection; undefined until one is used. */
  current: Window | undefined;
  readonly #undo = new UndoHistory();
  #state: EditorState;

  constructor({ participant, doc, extensions }: AuthorOptions) {
    this.participant = participant;
    this.#state = EditorState.create({ doc, extensions: [this.#undo.extension, extensions] });
  }

  /** The present state. */
  get state(): EditorState {
    return this.#state;
  }

  /** Makes another window the current one. */
  enter(window: Window, selection: EditorSelection): void {
    this.current = window;
    this.select(selection);
  }

  /** Applies a step of this person's own. */
  did(transaction: Transaction): void {
    this.#state = this.#undo.after(transaction);
    this.select(snapSelection(this.#state.doc, this.#state.selection));
  }

  /** Applies somebody else's change of the text; cursors stay where they are in it. */
  follow(changes: ChangeSet): void {
    this.did(this.#state.update({ changes, annotations: [unrecorded, Transaction.remote.of(true)] }));
  }

  /** Changes the configuration of the state. */
  reconfigure(effects: StateEffect<unknown>): void {
    this.#state = this.#state.update({ effects }).state;
  }

  /** The state with another selection; the author's own does not change. */
  with(selection: EditorSelection): EditorState {
    return this.#state.update({ selection, annotations: unrecorded }).state;
  }

  /** Sets the selection without a step of undo. */
  select(selection: EditorSelection): void {
    if (selection !== this.#state.selection && !selection.eq(this.#state.selection, true))
      this.#state = this.with(selection);
  }
}

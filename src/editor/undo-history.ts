/** The steps of undo of one document, bounded in number and in what they hold: select all and paste, held down, would fill the memory. */

import { history } from "@codemirror/commands";
import { Compartment } from "@codemirror/state";
import type { ChangeSet, EditorState, Extension, Transaction } from "@codemirror/state";

/** Steps that are kept at least. */
const STEPS = 300;
/** Keystrokes closer together than this are undone together, up to a space. */
const PAUSE_MS = 700;
/** Characters put in and taken out since the first step; beyond this the history begins anew. */
const MOST_CHARACTERS = 64 * 2 ** 20;

export class UndoHistory {
  readonly #setting = new Compartment();
  #characters = 0;

  get extension(): Extension {
    return this.#setting.of(steps());
  }

  /** The state after a transaction, without its history when that would hold too much. */
  after({ state, changes, docChanged }: Transaction): EditorState {
    if (docChanged) this.#characters += touched(changes);
    if (this.#characters <= MOST_CHARACTERS) return state;
    this.#characters = 0;
    const without = state.update({ effects: this.#setting.reconfigure([]) }).state;
    return without.update({ effects: this.#setting.reconfigure(steps()) }).state;
  }
}

function steps(): Extension {
  return history({ minDepth: STEPS, newGroupDelay: PAUSE_MS });
}

function touched(changes: ChangeSet): number {
  let count = 0;
  changes.iterChangedRanges((fromA, toA, fromB, toB) => void (count += toA - fromA + toB - fromB));
  return count;
}

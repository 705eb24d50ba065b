/**
 * The steps of undo of one author, bounded in number and in what they hold: select all and paste, held down, would fill the memory, and
 * steps that lie below thousands of other people's edits all over the text would have to be mapped through each of them.
 */

import { history } from "@codemirror/commands";
import { Compartment, Transaction } from "@codemirror/state";
import type { ChangeSet, EditorState, Extension } from "@codemirror/state";

/** Steps that are kept at least. */
const STEPS = 300;
/** Keystrokes closer together than this are undone together, up to a space. */
const PAUSE_MS = 700;
/** Characters put in and taken out since the first step; beyond this the history begins anew. */
const MOST_CHARACTERS = 64 * 2 ** 20;
/** Places where others have edited since the first step; beyond this the history begins anew. Typing on counts once. Measured: 4000 make an edit 0.2 ms slower. */
const MOST_PLACES = 4000;

export class UndoHistory {
  readonly #setting = new Compartment();
  #characters = 0;
  #places = 0;
  /** Where the last edit of somebody else ended. */
  #lastPlace = -1;

  get extension(): Extension {
    return this.#setting.of(steps());
  }

  /** The state after a transaction, without its history when that would hold too much. */
  after(transaction: Transaction): EditorState {
    const { state, changes, docChanged } = transaction;
    if (docChanged) this.#characters += touched(changes);
    if (docChanged && transaction.annotation(Transaction.remote)) this.#count(changes);
    if (this.#characters <= MOST_CHARACTERS && this.#places <= MOST_PLACES) return state;
    this.#characters = 0;
    this.#places = 0;
    const without = state.update({ effects: this.#setting.reconfigure([]) }).state;
    return without.update({ effects: this.#setting.reconfigure(steps()) }).state;
  }

  #count(changes: ChangeSet): void {
    changes.iterChangedRanges((fromA, toA, _fromB, toB) => {
      if (fromA !== this.#lastPlace && toA !== this.#lastPlace) this.#places++;
      this.#lastPlace = toB;
    });
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

/**
 * The steps of undo of one author, bounded in number and in size: select all and paste, held down, would fill the
 * memory, and steps below thousands of other people's edits all over the text would have to be mapped through each of
 * them.
 */

import { history } from "@codemirror/commands";
import { Compartment, Transaction } from "@codemirror/state";
import type { ChangeSet, EditorState, Extension } from "@codemirror/state";

/** Least steps kept. */
const minSteps = 300;
/** Milliseconds within which keystrokes are undone together, up to a space. */
const groupingMs = 700;
/** Characters inserted and deleted since the first step, above which the history begins anew. */
const maxCharacters = 64 * 2 ** 20;
/**
 * Positions where others have edited since the first step, above which the history begins anew. Continued typing counts
 * once. 4000 make an edit 0.2 ms slower.
 */
const maxPositions = 4000;

/** The undo history of one author. */
export class UndoHistory {
  readonly #setting = new Compartment();
  #characters = 0;
  #positions = 0;
  /** The offset at which the last edit of somebody else ended. */
  #lastPosition = -1;

  /** The extension that a state with this history needs. */
  get extension(): Extension {
    return this.#setting.of(steps());
  }

  /** The state after a transaction, without its history when that has become too large. */
  after(transaction: Transaction): EditorState {
    const { state, changes, docChanged } = transaction;
    if (docChanged) this.#characters += touched(changes);
    if (docChanged && transaction.annotation(Transaction.remote)) this.#count(changes);
    if (this.#characters <= maxCharacters && this.#positions <= maxPositions) return state;
    this.#characters = 0;
    this.#positions = 0;
    const without = state.update({ effects: this.#setting.reconfigure([]) }).state;
    return without.update({ effects: this.#setting.reconfigure(steps()) }).state;
  }

  #count(changes: ChangeSet): void {
    changes.iterChangedRanges((fromA, toA, _fromB, toB) => {
      if (fromA !== this.#lastPosition && toA !== this.#lastPosition) this.#positions++;
      this.#lastPosition = toB;
    });
  }
}

function steps(): Extension {
  return history({ minDepth: minSteps, newGroupDelay: groupingMs });
}

function touched(changes: ChangeSet): number {
  let count = 0;
  changes.iterChangedRanges((fromA, toA, fromB, toB) => void (count += toA - fromA + toB - fromB));
  return count;
}

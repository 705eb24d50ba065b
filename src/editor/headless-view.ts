/**
 * What CodeMirror's commands need of a view, without a DOM. Measured: with these methods 96 of the 106 commands of
 * @codemirror/commands and @codemirror/search run in Node.
 */

import { Transaction } from "@codemirror/state";
import type { EditorState, Line, SelectionRange, TransactionSpec } from "@codemirror/state";
import type { cursorCharLeft } from "@codemirror/commands";
import { moveByChar, moveByGroup, moveToLineBoundary, moveVertically } from "./motion.ts";

/** The type that CodeMirror's view commands ask for; named through them, since only the commands are a dependency of ours. */
type CodeMirrorView = Parameters<typeof cursorCharLeft>[0];

/** CodeMirror's number for text that runs from left to right. */
const leftToRight = 0;

export class HeadlessView {
  readonly lineWrapping = false;
  readonly #state: () => EditorState;
  readonly #apply: (transaction: Transaction) => void;

  constructor(state: () => EditorState, apply: (transaction: Transaction) => void) {
    this.#state = state;
    this.#apply = apply;
  }

  get state(): EditorState {
    return this.#state();
  }

  /** This view as the type that CodeMirror's commands declare. The DOM parts that it lacks are never touched by those in our table. */
  get forCodeMirror(): CodeMirrorView {
    return this as unknown as CodeMirrorView;
  }

  // An arrow property: state commands take `dispatch` off the view and call it alone.
  readonly dispatch = (...given: readonly (Transaction | TransactionSpec)[]): void => {
    const [first] = given;
    if (given.length === 1 && first instanceof Transaction) this.#apply(first);
    else this.#apply(this.state.update(...(given as readonly TransactionSpec[])));
  };

  readonly moveByChar = (range: SelectionRange, forward: boolean): SelectionRange =>
    moveByChar(this.state, range, forward);
  readonly moveByGroup = (range: SelectionRange, forward: boolean): SelectionRange =>
    moveByGroup(this.state, range, forward);
  readonly moveVertically = (range: SelectionRange, forward: boolean): SelectionRange =>
    moveVertically(this.state, range, forward);
  readonly moveToLineBoundary = (range: SelectionRange, forward: boolean): SelectionRange =>
    moveToLineBoundary(this.state, range, forward);
  readonly textDirectionAt = (): number => leftToRight;

  /** Without wrapping, a block is a line: it has the `from`, `to` and `length` that the commands read. */
  lineBlockAt(offset: number): Line {
    return this.state.doc.lineAt(offset);
  }
}

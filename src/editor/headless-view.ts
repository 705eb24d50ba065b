/**
 * What CodeMirror's commands need of a view, without a DOM. With these methods 96 of the 106 commands of
 * @codemirror/commands and @codemirror/search run in Node.
 */

import { Transaction } from "@codemirror/state";
import type { EditorState, Line, SelectionRange, TransactionSpec } from "@codemirror/state";
import type { cursorCharLeft } from "@codemirror/commands";
import { moveByChar, moveByGroup, moveToLineBoundary, moveVertically } from "./motion.ts";

/** The view type of CodeMirror's commands; derived from a command, because only the commands are a dependency. */
type CodeMirrorView = Parameters<typeof cursorCharLeft>[0];

/** CodeMirror's number for left to right. */
const leftToRight = 0;

/** A view without a DOM. */
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

  /**
   * This view as the type that CodeMirror's commands declare. The commands in our table never touch the missing DOM
   * parts.
   */
  get forCodeMirror(): CodeMirrorView {
    return this as unknown as CodeMirrorView;
  }

  // An arrow property, because state commands take `dispatch` off the view and call it alone.
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

  /**
   * The block at an offset. Without wrapping it is a line: it has the `from`, `to` and `length` that the commands read.
   */
  lineBlockAt(offset: number): Line {
    return this.state.doc.lineAt(offset);
  }
}

/** A text as one window shows it: what drawing and searching need, whoever owns the window. */
import type { EditorSelection, EditorState, TransactionSpec } from "@codemirror/state";
import type { BracketPair } from "./brackets.ts";
import type { Highlighter } from "./highlight.ts";
import type { Participant } from "./participant.ts";
import type { CursorPosition } from "./types.ts";

/** The cursor of another participant. */
export interface OtherCursor {
  readonly participant: Participant;
  readonly selection: EditorSelection;
}

/** A window on a text. */
export interface TextWindow {
  /** The text, and the selection of this window. */
  readonly state: EditorState;
  /** The cursor's offset. */
  readonly head: number;
  readonly cursor: CursorPosition;
  readonly lineCount: number;
  readonly readOnly: boolean;
  readonly highlighter: Highlighter;
  /** The cursors of the other participants who may edit here. */
  peers(): readonly OtherCursor[];
  /** The matching brackets at the cursor; undefined when there are none. */
  bracketPair(): BracketPair | undefined;
  /** The offset of a line and a column of cells (both from 1, both clamped). */
  offsetAt(line: number, column: number): number;
  setCursor(offset: number): void;
  dispatch(...specs: readonly TransactionSpec[]): void;
}

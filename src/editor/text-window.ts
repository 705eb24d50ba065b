/** A text as one window shows it: what drawing it and finding in it need, whoever has the window. */
import type { EditorSelection, EditorState, TransactionSpec } from "@codemirror/state";
import type { BracketPair } from "./brackets.ts";
import type { Highlighter } from "./highlight.ts";
import type { Participant } from "./participant.ts";
import type { CursorPosition } from "./types.ts";

/** Where somebody else is in the text. */
export interface OtherCursor {
  readonly participant: Participant;
  readonly selection: EditorSelection;
}

export interface TextWindow {
  /** The text, and the selection of this window. */
  readonly state: EditorState;
  /** The cursor's offset. */
  readonly head: number;
  readonly cursor: CursorPosition;
  readonly lineCount: number;
  readonly readOnly: boolean;
  readonly highlighter: Highlighter;
  /** The others who may write here, where they are. */
  peers(): readonly OtherCursor[];
  /** The brackets at the cursor that belong together. */
  bracketPair(): BracketPair | undefined;
  /** The offset of a line and a column of cells (both from 1, both clamped). */
  offsetAt(line: number, column: number): number;
  setCursor(offset: number): void;
  dispatch(...specs: readonly TransactionSpec[]): void;
}

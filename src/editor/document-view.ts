/**
 * A window on a document, with its cursors, its scroll position and one participant. What is typed here goes to the
 * document, and from there to all its windows. Close it when nobody uses it any more.
 */

import { isolateHistory } from "@codemirror/commands";
import { EditorSelection, Transaction } from "@codemirror/state";
import type { ChangeSet, EditorState, Text, TransactionSpec } from "@codemirror/state";
import type { Author } from "./author.ts";
import { pairAt } from "./brackets.ts";
import type { BracketPair } from "./brackets.ts";
import { columnAt, offsetAtColumn } from "./columns.ts";
import { editorCommands } from "./commands.ts";
import type { EditorCommandName } from "./commands.ts";
import { snapSelection } from "./cursors.ts";
import { HeadlessView } from "./headless-view.ts";
import type { Highlighter } from "./highlight.ts";
import { clauseIndent, leadingBlanks } from "./indent.ts";
import { pairCharacters, typePair } from "./pairs.ts";
import type { Participant } from "./participant.ts";
import type { OtherCursor, TextWindow } from "./text-window.ts";
import type { Clip, EditorContext, CursorPosition, Language, TextRange } from "./types.ts";
import { Viewport } from "./viewport.ts";

/** Longest typed text; a longer one is a paste from a terminal that doesn't mark pastes, and taken literally. */
const maxTyped = 200;
/** Splits typed text so that each character with a meaning of its own stands alone. */
const typedParts = /[()[\]{}"':]|[^()[\]{}"':]+/g;
/** Lines of a page when the height of the screen is not known. */
const defaultPageLines = 20;
/** The size until a screen sets it. */
const defaultSize = { width: 80, height: 10 };

/** An author who uses windows like these. */
export type Writer = Author<DocumentView>;

/** What a window needs of its document. */
export interface ViewedDocument {
  readonly language: Language;
  readonly highlighter: Highlighter;
  /** The present text, immutable. */
  readonly doc: Text;
  readonly readOnly: boolean;
  readonly modified: boolean;
  readonly length: number;
  readonly lineCount: number;
  /** The text as it is to be saved. */
  text(): string;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** The cursors of the other participants who may edit here and have the document shown; one for each. */
  peers(of: DocumentView): readonly OtherCursor[];
  /** The author with this person's steps of undo; the owner's for a person who may not edit. */
  authorFor(participant: Participant): Writer;
  /** Notes that this window is used now. */
  used(view: DocumentView): void;
  /** Nobody looks through it any more. */
  closed(view: DocumentView): void;
  /** Applies a step of somebody, who needs an author when it changes the text. False when it is refused. */
  apply(view: DocumentView, author: Writer, transaction: Transaction): boolean;
}

/** A window on a document. */
export class DocumentView implements TextWindow {
  readonly document: ViewedDocument;
  /** The participant who uses this window. */
  readonly participant: Participant;
  /** The part of the text that this window shows. */
  readonly viewport: Viewport;
  /** Whether the document is shown, and not hidden behind another one: others see this person's cursor then. */
  shown = false;
  readonly #headless = new HeadlessView(
    () => this.#enter(),
    (transaction) => this.#apply(transaction),
  );
  /** The author with the state of this window: this person's own, or the owner's until this person has edited. */
  #author: Writer;
  /** The selection while the author's state has another window's. */
  #selection: EditorSelection;
  /** The author's state with this window's selection. */
  #derived: EditorState | undefined;
  #derivedFrom: EditorState | undefined;
  /** Cached, because a frame asks for it several times. */
  #position: CursorPosition = { line: 1, column: 1 };
  #positionOf: EditorState | undefined;

  /** Made by `EditorDocument.open`. A new window begins where `before` is. */
  constructor(document: ViewedDocument, participant: Participant, before?: DocumentView) {
    this.document = document;
    this.participant = participant;
    this.#author = document.authorFor(participant);
    this.#selection = before?.selections ?? EditorSelection.single(0);
    this.viewport = new Viewport(defaultSize);
    if (before) this.viewport.scrollAs(before.viewport);
  }

  /** CodeMirror's immutable state: the text, and the selection of this window. */
  get state(): EditorState {
    const { current, state } = this.#author;
    if (current === this) return state;
    if (this.#derivedFrom !== state || !this.#derived) {
      this.#derived = this.#author.with(this.#selection);
      this.#derivedFrom = state;
    }
    return this.#derived;
  }

  /** All cursors and selections. */
  get selections(): EditorSelection {
    return this.#author.current === this ? this.#author.state.selection : this.#selection;
  }

  get language(): Language {
    return this.document.language;
  }

  get highlighter(): Highlighter {
    return this.document.highlighter;
  }

  /** Whether nothing can be typed here, because nobody may edit the document or this person may not. */
  get readOnly(): boolean {
    return this.document.readOnly || !this.participant.mayEdit;
  }

  /** See EditorDocument. */
  get modified(): boolean {
    return this.document.modified;
  }

  get length(): number {
    return this.document.length;
  }

  get lineCount(): number {
    return this.document.lineCount;
  }

  /** The text as it is to be saved. */
  text(): string {
    return this.document.text();
  }

  /** The cursors of the other participants who may edit here. */
  peers(): readonly OtherCursor[] {
    return this.document.peers(this);
  }

  /** Closes the window. */
  close(): void {
    this.shown = false;
    this.document.closed(this);
  }

  /**
   * Types characters: closes brackets and quotes, steps over closers, moves `else:` back to its `if`. False when the
   * document is read-only.
   */
  type(text: string): boolean {
    if (this.readOnly) return false;
    if (this.language === "plain" || text.length > maxTyped || text.includes("\n")) this.#typePlain(text);
    else for (const part of text.match(typedParts) ?? []) this.#typePart(part);
    return true;
  }

  /** Pastes text literally, as one step of undo. `wholeLine` puts it above the cursor's line. False when read-only. */
  paste(text: string, wholeLine = false): boolean {
    if (this.readOnly) return false;
    const state = this.#enter();
    const above = wholeLine && state.selection.ranges.every((range) => range.empty);
    const insert = state.toText(above && !text.endsWith("\n") ? `${text}\n` : text);
    const spec = above ? aboveLines(state, insert) : state.replaceSelection(insert);
    this.dispatch(spec, { annotations: isolateHistory.of("full"), userEvent: "input.paste", scrollIntoView: true });
    return true;
  }

  /** Runs a command; false when there was nothing to do. */
  run(name: EditorCommandName, context: Partial<EditorContext> = {}): boolean {
    return editorCommands[name].run({
      view: this.#headless,
      highlighter: this.highlighter,
      context: { pageLines: context.pageLines ?? defaultPageLines },
    });
  }

  /** The cursor's offset. */
  get head(): number {
    return this.selections.main.head;
  }

  /** The main selection; undefined when it is empty. */
  get selection(): TextRange | undefined {
    const { empty, from, to } = this.selections.main;
    return empty ? undefined : { from, to };
  }

  /** The cursor's line and column. */
  get cursor(): CursorPosition {
    const { state } = this;
    if (this.#positionOf !== state) {
      const line = state.doc.lineAt(this.head);
      this.#position = { line: line.number, column: columnAt(line.text, this.head - line.from) + 1 };
      this.#positionOf = state;
    }
    return this.#position;
  }

  /** The selected text; of several selections, one a line. */
  selectedText(): string {
    const { from, to } = this.selections.main;
    return this.state.sliceDoc(from, to);
  }

  /** Moves the cursor to an offset, clamped to the text, and drops the selection. */
  setCursor(offset: number): void {
    this.select(offset, offset);
  }

  /** Moves the cursor and keeps the anchor: a mouse drag, Shift-click. */
  selectTo(offset: number): void {
    this.select(this.selections.main.anchor, offset);
  }

  /** Selects between two offsets; both are clamped to the text and to where a cursor may stand. */
  select(anchor: number, head: number): void {
    const selection = EditorSelection.range(this.#clamp(anchor), this.#clamp(head));
    this.dispatch({ selection: EditorSelection.create([selection]), userEvent: "select.pointer" });
  }

  /** Selects the word at an offset, or one character when there is no word: a double click. */
  selectWord(offset: number): void {
    const at = this.#clamp(offset);
    const word = this.state.wordAt(at);
    this.select(word?.from ?? at, word?.to ?? at);
  }

  /** Selects the line at an offset with its line end: a triple click. */
  selectLine(offset: number): void {
    const line = this.state.doc.lineAt(this.#clamp(offset));
    this.select(line.from, Math.min(line.to + 1, this.length));
  }

  /** The offset of a line and a column of cells (both from 1, both clamped). */
  offsetAt(line: number, column: number): number {
    const { from, text } = this.state.doc.line(Math.max(1, Math.min(Math.trunc(line) || 1, this.lineCount)));
    return from + offsetAtColumn(text, Math.max(0, column - 1));
  }

  /** The matching brackets at the cursor; undefined when there are none. */
  bracketPair(): BracketPair | undefined {
    return this.selections.main.empty ? pairAt(this.state.doc, this.highlighter, this.head) : undefined;
  }

  /** The selected text, or the cursor's whole lines. */
  copy(): Clip {
    const { doc, selection } = this.state;
    const selected = selection.ranges.filter((range) => !range.empty);
    if (selected.length > 0)
      return { text: selected.map((range) => doc.sliceString(range.from, range.to)).join("\n"), wholeLine: false };
    const lines = lineStarts(this.state).map((from) => `${doc.lineAt(from).text}\n`);
    return { text: lines.join(""), wholeLine: true };
  }

  /** Like `copy`, and deletes it unless the text is read-only. */
  cut(): Clip {
    const clip = this.copy();
    if (this.readOnly) return clip;
    if (clip.wholeLine) this.run("deleteLine");
    else
      this.dispatch(this.state.replaceSelection(""), {
        userEvent: "delete.cut",
        annotations: isolateHistory.of("full"),
        scrollIntoView: true,
      });
    return clip;
  }

  /** Applies transactions of CodeMirror's, for search and co-editing. */
  readonly dispatch = (...specs: readonly TransactionSpec[]): void => this.#headless.dispatch(...specs);

  #typePart(part: string): void {
    if (pairCharacters.test(part)) this.dispatch(typePair(this.#enter(), this.highlighter, part), this.#typedAs(part));
    else this.#typePlain(part);
    if (part === ":") this.#dedentClause();
  }

  #typePlain(text: string): void {
    this.dispatch(this.#enter().replaceSelection(text), this.#typedAs(text));
  }

  /** A space begins a new step of undo, so that a line typed at once is undone word by word. */
  #typedAs(text: string): TransactionSpec {
    const time = Transaction.time.of(this.document.now());
    return {
      userEvent: "input.type",
      scrollIntoView: true,
      annotations: text.startsWith(" ") ? [time, isolateHistory.of("before")] : time,
    };
  }

  /** Moves a clause such as `else:` back to its statement after its colon, as a step of undo of its own. */
  #dedentClause(): void {
    const { doc, selection } = this.state;
    const line = doc.lineAt(selection.main.head);
    if (selection.ranges.length > 1 || selection.main.head !== line.to) return;
    const insert = clauseIndent(doc, this.highlighter, line);
    if (insert === undefined) return;
    this.dispatch({
      changes: { from: line.from, to: line.from + leadingBlanks(line.text).length, insert },
      userEvent: "input.indent",
    });
  }

  /** Applies a change by somebody else, or another window; called by the document. */
  follow(changes: ChangeSet, before: Text): void {
    this.viewport.follow(changes, before, this.document.doc);
    if (this.#author.current !== this) this.#selection = snapSelection(this.document.doc, this.#selection.map(changes));
  }

  /** Moves the cursor of a window that is not its author's current one; called by the document. */
  moveTo(selection: EditorSelection): void {
    this.#selection = snapSelection(this.document.doc, selection);
    this.#derivedFrom = undefined;
  }

  /** The state to work on: a person who edits has their author's state, with this window's selection. */
  #enter(): EditorState {
    const { participant } = this;
    if (participant.mayEdit && this.#author.participant !== participant)
      this.#author = this.document.authorFor(participant);
    if (this.#author.participant !== participant) return this.state;
    const { current } = this.#author;
    if (current !== this) {
      current?.leave();
      this.#author.enter(this, this.#selection);
      this.document.used(this);
    }
    return this.#author.state;
  }

  /** Keeps this window's selection, because another window of the same person is used now. */
  leave(): void {
    this.#selection = this.#author.state.selection;
    this.#derivedFrom = undefined;
  }

  #apply(transaction: Transaction): void {
    this.document.apply(this, this.#author, transaction);
  }

  #clamp(offset: number): number {
    return Math.max(0, Math.min(Math.trunc(offset) || 0, this.length));
  }
}

/** The start of each line with a cursor or a selection's head, each once. */
function lineStarts(state: EditorState): readonly number[] {
  return [...new Set(state.selection.ranges.map((range) => state.doc.lineAt(range.head).from))];
}

/** Inserts whole lines above the cursor's line; the cursor stays in its own. */
function aboveLines(state: EditorState, insert: Text): TransactionSpec {
  const changes = state.changes(lineStarts(state).map((from) => ({ from, insert })));
  return { changes, selection: state.selection.map(changes, 1) };
}

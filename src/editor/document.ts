/**
 * One open text: CodeMirror's state, its history, its colours. Pure: it reads and writes no file and sets no timer; whoever holds
 * one needs to release nothing.
 */

import { isolateHistory } from "@codemirror/commands";
import { indentUnit } from "@codemirror/language";
import { Annotation, Compartment, EditorSelection, EditorState, Text, Transaction } from "@codemirror/state";
import type { ChangeSet, Extension, SelectionRange, TransactionSpec } from "@codemirror/state";
import { pairAt } from "./brackets.ts";
import type { BracketPair } from "./brackets.ts";
import { columnAt, offsetAtColumn, snap, TAB_CELLS } from "./columns.ts";
import { editorCommands } from "./commands.ts";
import type { EditorCommandName } from "./commands.ts";
import { replacement } from "./edits.ts";
import { HeadlessView } from "./headless-view.ts";
import { Highlighter } from "./highlight.ts";
import { clauseIndent, detectIndentUnit, leadingBlanks } from "./indent.ts";
import { lineEndingOf, textOf } from "./line-ending.ts";
import { pairCharacters, typePair } from "./pairs.ts";
import type { Clip, CommandContext, CursorPosition, DocumentSize, Language, LineEnding, TextRange } from "./types.ts";
import { UndoHistory } from "./undo-history.ts";

export interface DocumentOptions {
  readonly text: string;
  readonly language: Language;
  readonly readOnly?: boolean;
  /** Without it the text's own line ending is kept: the more frequent one at its beginning. */
  readonly lineEnding?: LineEnding;
  /** The time in milliseconds; decides which keystrokes are undone together. */
  readonly now?: () => number;
  /** Asked before an edit makes the text larger; throws to refuse it, and whoever edits gets what it throws. */
  readonly admit?: (size: DocumentSize) => void;
}

/** One step of a document: text, selection or both. */
export interface DocumentChange {
  readonly document: EditorDocument;
  readonly textChanged: boolean;
  readonly selectionChanged: boolean;
  /** What happened to the text; empty when only the selection moved. */
  readonly changes: ChangeSet;
  readonly transaction: Transaction;
}

/** A longer run of typed text is a paste from a terminal that doesn't mark pastes: taken literally. */
const LONGEST_TYPED = 200;
/** Typed text cut so that each character with a meaning of its own stands alone. */
const TYPED_PARTS = /[()[\]{}"':]|[^()[\]{}"':]+/g;
/** A page when nobody says how tall the screen is. */
const DEFAULT_PAGE = 20;

/** A change that comes from the file, not from the person: allowed though the document is read-only. */
const fromFile = Annotation.define<boolean>();

export class EditorDocument {
  readonly language: Language;
  readonly highlighter: Highlighter;
  readonly #view = new HeadlessView(() => this.#state, (transaction) => this.#apply(transaction));
  readonly #readOnlySetting = new Compartment();
  readonly #undo = new UndoHistory();
  readonly #listeners = new Set<(change: DocumentChange) => void>();
  readonly #now: () => number;
  readonly #admit: (size: DocumentSize) => void;
  #state: EditorState;
  #lineEnding: LineEnding;
  #revision = 0;
  #saved: Text;
  /** The last text that was compared with the saved one, and the answer. */
  #compared: Text;
  #modified = false;
  /** Asked for several times a frame. */
  #position: CursorPosition = { line: 1, column: 1 };
  #positionOf: EditorState | undefined;

  constructor({ text, language, readOnly = false, lineEnding = lineEndingOf(text), now = Date.now, admit = () => undefined }: DocumentOptions) {
    this.language = language;
    this.#lineEnding = lineEnding;
    this.highlighter = new Highlighter(language);
    this.#now = now;
    this.#admit = admit;
    const doc = textOf(text);
    this.#state = EditorState.create({ doc, extensions: this.#extensions(doc, readOnly) });
    this.#saved = this.#state.doc;
    this.#compared = this.#state.doc;
  }

  /** CodeMirror's immutable state. */
  get state(): EditorState {
    return this.#state;
  }

  /** How the file ends its lines. */
  get lineEnding(): LineEnding {
    return this.#lineEnding;
  }

  /** Counts changes of the text. */
  get revision(): number {
    return this.#revision;
  }

  get readOnly(): boolean {
    return this.#state.readOnly;
  }

  /** Whether the text differs from what was last saved; undoing all changes makes it unmodified again. */
  get modified(): boolean {
    const { doc } = this.#state;
    if (doc !== this.#compared) {
      this.#compared = doc;
      this.#modified = !doc.eq(this.#saved); // cheap: both share what is the same, and mostly differ in length
    }
    return this.#modified;
  }

  get length(): number {
    return this.#state.doc.length;
  }

  get lineCount(): number {
    return this.#state.doc.lines;
  }

  /** Registers a listener; the returned function takes it out again. */
  onChange(listener: (change: DocumentChange) => void): () => void {
    // A wrapper, so that the same function registered twice is called (and taken out) twice.
    const entry = (change: DocumentChange): void => listener(change);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** The text as it is to be saved: with the file's own line endings. */
  text(): string {
    return this.#state.doc.sliceString(0, undefined, this.lineEnding);
  }

  /** What was saved: the text of now, or of a state that was held while the file was written. */
  markSaved(savedState: EditorState = this.#state): void {
    this.#saved = savedState.doc;
    this.#compared = savedState.doc;
    this.#modified = false;
  }

  setReadOnly(readOnly: boolean): void {
    if (readOnly !== this.readOnly) this.dispatch({ effects: this.#readOnlySetting.reconfigure(EditorState.readOnly.of(readOnly)) });
  }

  /** The file's text again: one step of undo that touches only what differs, so that the cursor stays. Counts as saved. */
  reload(text: string): void {
    const changes = replacement(this.#state.doc.toString(), text.includes("\r") ? textOf(text).toString() : text);
    const { head, cursor } = this;
    this.#lineEnding = text.includes("\n") ? lineEndingOf(text) : this.#lineEnding;
    if (changes) this.dispatch({ changes, annotations: [isolateHistory.of("full"), fromFile.of(true)], userEvent: "reload" });
    if (changes && head > changes.from && head < changes.to) this.setCursor(this.offsetAt(cursor.line, cursor.column));
    this.markSaved();
  }

  /**
   * Typed characters: closes brackets and quotes, steps over closers, takes `else:` back to its `if`. False when the document is
   * read-only.
   */
  type(text: string): boolean {
    if (this.readOnly) return false;
    if (this.language === "plain" || text.length > LONGEST_TYPED || text.includes("\n")) this.#typePlain(text);
    else for (const part of text.match(TYPED_PARTS) ?? []) this.#typePart(part);
    return true;
  }

  /** Pasted text, literally, as one step of undo. A clip of whole lines goes above the cursor's line. False when read-only. */
  paste(text: string, wholeLine = false): boolean {
    if (this.readOnly) return false;
    const { state } = this.#view;
    const above = wholeLine && state.selection.ranges.every((range) => range.empty);
    const insert = state.toText(above && !text.endsWith("\n") ? `${text}\n` : text);
    const spec = above ? aboveLines(state, insert) : state.replaceSelection(insert);
    this.dispatch(spec, { annotations: isolateHistory.of("full"), userEvent: "input.paste", scrollIntoView: true });
    return true;
  }

  /** Runs a command; false when there was nothing to do. */
  run(name: EditorCommandName, context: Partial<CommandContext> = {}): boolean {
    return editorCommands[name].run({ view: this.#view, highlighter: this.highlighter, context: { pageLines: context.pageLines ?? DEFAULT_PAGE } });
  }

  /** The cursor's offset. */
  get head(): number {
    return this.#state.selection.main.head;
  }

  /** The ends of the main selection, or undefined when it is empty. */
  get selection(): TextRange | undefined {
    const { empty, from, to } = this.#state.selection.main;
    return empty ? undefined : { from, to };
  }

  get cursor(): CursorPosition {
    if (this.#positionOf !== this.#state) {
      const line = this.#state.doc.lineAt(this.head);
      this.#position = { line: line.number, column: columnAt(line.text, this.head - line.from) + 1 };
      this.#positionOf = this.#state;
    }
    return this.#position;
  }

  selectedText(): string {
    const { from, to } = this.#state.selection.main;
    return this.#state.sliceDoc(from, to);
  }

  setCursor(offset: number): void {
    this.select(offset, offset);
  }

  /** Keeps the anchor and moves the cursor: a mouse drag, Shift-click. */
  selectTo(offset: number): void {
    this.select(this.#state.selection.main.anchor, offset);
  }

  /** Selects between two offsets; both are clamped to the text and to where a cursor may stand. */
  select(anchor: number, head: number): void {
    const selection = EditorSelection.range(this.#clamp(anchor), this.#clamp(head));
    this.dispatch({ selection: EditorSelection.create([selection]), userEvent: "select.pointer" });
  }

  /** A double click: the word at an offset, or one character when there is no word. */
  selectWord(offset: number): void {
    const at = this.#clamp(offset);
    const word = this.#state.wordAt(at);
    this.select(word?.from ?? at, word?.to ?? at);
  }

  /** A triple click: the line at an offset with its line end. */
  selectLine(offset: number): void {
    const line = this.#state.doc.lineAt(this.#clamp(offset));
    this.select(line.from, Math.min(line.to + 1, this.length));
  }

  /** The offset of a line and a column of cells (both from 1, both clamped). */
  offsetAt(line: number, column: number): number {
    const { from, text } = this.#state.doc.line(Math.max(1, Math.min(Math.trunc(line) || 1, this.lineCount)));
    return from + offsetAtColumn(text, Math.max(0, column - 1));
  }

  /** The brackets at the cursor that belong together. */
  bracketPair(): BracketPair | undefined {
    return this.#state.selection.main.empty ? pairAt(this.#state.doc, this.highlighter, this.head) : undefined;
  }

  /** What is selected, or the cursor's whole lines. */
  copy(): Clip {
    const { doc, selection } = this.#state;
    const selected = selection.ranges.filter((range) => !range.empty);
    if (selected.length > 0) return { text: selected.map((range) => doc.sliceString(range.from, range.to)).join("\n"), wholeLine: false };
    const lines = lineStarts(this.#state).map((from) => `${doc.lineAt(from).text}\n`);
    return { text: lines.join(""), wholeLine: true };
  }

  /** Like copy, and takes it out of the text unless that is read-only. */
  cut(): Clip {
    const clip = this.copy();
    if (this.readOnly) return clip;
    if (clip.wholeLine) this.run("deleteLine");
    else this.dispatch(this.#state.replaceSelection(""), { userEvent: "delete.cut", annotations: isolateHistory.of("full"), scrollIntoView: true });
    return clip;
  }

  /** Changes by CodeMirror's own words; for search and co-editing. */
  readonly dispatch = (...specs: readonly TransactionSpec[]): void => this.#view.dispatch(...specs);

  #extensions(doc: Text, readOnly: boolean): Extension {
    return [
      this.#undo.extension,
      EditorState.allowMultipleSelections.of(true),
      EditorState.tabSize.of(TAB_CELLS),
      indentUnit.of(detectIndentUnit(doc, this.language)),
      this.language === "python" ? EditorState.languageData.of(() => [{ commentTokens: { line: "#" } }]) : [],
      this.#readOnlySetting.of(EditorState.readOnly.of(readOnly)),
    ];
  }

  #typePart(part: string): void {
    if (pairCharacters.test(part)) this.dispatch(typePair(this.#state, this.highlighter, part), this.#typedAs(part));
    else this.#typePlain(part);
    if (part === ":") this.#settleClause();
  }

  #typePlain(text: string): void {
    this.dispatch(this.#state.replaceSelection(text), this.#typedAs(text));
  }

  /** A space begins a new step of undo, so that a line typed in one go comes back word by word. */
  #typedAs(text: string): TransactionSpec {
    const time = Transaction.time.of(this.#now());
    return { userEvent: "input.type", scrollIntoView: true, annotations: text.startsWith(" ") ? [time, isolateHistory.of("before")] : time };
  }

  /** After the colon of `else:` and its like: back to the depth of what it belongs to, as a step of undo of its own. */
  #settleClause(): void {
    const { doc, selection } = this.#state;
    const line = doc.lineAt(selection.main.head);
    if (selection.ranges.length > 1 || selection.main.head !== line.to) return;
    const insert = clauseIndent(doc, this.highlighter, line);
    if (insert === undefined) return;
    this.dispatch({ changes: { from: line.from, to: line.from + leadingBlanks(line.text).length, insert }, userEvent: "input.indent" });
  }

  #apply(transaction: Transaction): void {
    if (transaction.docChanged && this.readOnly && !transaction.annotation(fromFile)) return;
    const before = this.#state;
    const { length, lines } = transaction.newDoc;
    if (length > before.doc.length && !transaction.annotation(fromFile)) this.#admit({ characters: length, lines });
    this.#state = this.#undo.after(transaction);
    if (transaction.docChanged) {
      this.#revision++;
      this.highlighter.changed(this.#state.doc.lineAt(firstChange(transaction.changes)).number);
    }
    this.#settleCursors();
    this.#emit({
      document: this,
      textChanged: transaction.docChanged,
      selectionChanged: !before.selection.eq(this.#state.selection),
      changes: transaction.changes,
      transaction,
    });
  }

  /** An edit can leave a cursor before a combining character, which then joins what is left of it. */
  #settleCursors(): void {
    const { doc, selection } = this.#state;
    const settle = (offset: number): number => {
      const line = doc.lineAt(offset);
      return line.from + snap(line.text, offset - line.from);
    };
    const move = (range: SelectionRange): SelectionRange => {
      const anchor = settle(range.anchor);
      const head = range.empty ? anchor : settle(range.head);
      return anchor === range.anchor && head === range.head ? range : EditorSelection.range(anchor, head);
    };
    const ranges = selection.ranges.map(move);
    if (ranges.every((range, index) => range === selection.ranges[index])) return;
    const settled = EditorSelection.create(ranges, selection.mainIndex);
    this.#state = this.#state.update({ selection: settled, annotations: Transaction.addToHistory.of(false) }).state;
  }

  /** Every listener is called though one throws; what they threw comes after. */
  #emit(change: DocumentChange): void {
    const errors: unknown[] = [];
    const listeners = [...this.#listeners]; // a listener may register or take out others
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "several listeners failed");
  }

  #clamp(offset: number): number {
    return Math.max(0, Math.min(Math.trunc(offset) || 0, this.length));
  }
}

/** The start of every line that has a cursor or a selection's head, each once. */
function lineStarts(state: EditorState): readonly number[] {
  return [...new Set(state.selection.ranges.map((range) => state.doc.lineAt(range.head).from))];
}

/** Whole lines above the cursor's; the cursor stays in its own line. */
function aboveLines(state: EditorState, insert: Text): TransactionSpec {
  const changes = state.changes(lineStarts(state).map((from) => ({ from, insert })));
  return { changes, selection: state.selection.map(changes, 1) };
}

function firstChange(changes: ChangeSet): number {
  let first: number | undefined;
  changes.iterChangedRanges((_fromA, _toA, fromB) => {
    first ??= fromB;
  });
  return first ?? 0;
}

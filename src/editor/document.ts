/**
 * An open text and everybody who uses it: its authors with their steps of undo, its windows, its colours. A change by
 * one author is in all windows when the call returns. Pure: no files, no timers.
 */

import { isolateHistory } from "@codemirror/commands";
import { indentUnit } from "@codemirror/language";
import { Annotation, ChangeSet, Compartment, EditorState } from "@codemirror/state";
import type { Extension, Text, Transaction } from "@codemirror/state";
import { Author } from "./author.ts";
import { tabCells } from "./columns.ts";
import { DocumentView, type ViewedDocument, type Writer } from "./document-view.ts";
import { replacement } from "./edits.ts";
import { Highlighter } from "./highlight.ts";
import { detectIndentUnit } from "./indent.ts";
import { lineEndingOf, textOf } from "./line-ending.ts";
import { Participant } from "./participant.ts";
import type { OtherCursor } from "./text-window.ts";
import type { DocumentSize, Language, LineEnding } from "./types.ts";

/** What a document is made from. */
export interface DocumentOptions {
  readonly text: string;
  readonly language: Language;
  readonly readOnly?: boolean;
  /** The line ending; by default the more frequent one at the text's beginning. */
  readonly lineEnding?: LineEnding;
  /** The owner; by default a participant without a name. */
  readonly owner?: Participant;
  /** The time in milliseconds, which decides what is undone together. */
  readonly now?: () => number;
  /** Called before an edit makes the text larger. Throws to refuse the edit; its caller gets the error. */
  readonly admit?: (size: DocumentSize) => void;
}

/** A step of a document: of its text, a selection or both. */
export interface DocumentChange {
  readonly document: EditorDocument;
  /** The window in which it was made. */
  readonly view: DocumentView;
  readonly textChanged: boolean;
  readonly selectionChanged: boolean;
  /** The changes of the text; empty when only the selection moved. */
  readonly changes: ChangeSet;
}

/** Marks a change that comes from the file: allowed in a read-only document. */
const fromFile = Annotation.define<boolean>();

const nobody: readonly OtherCursor[] = [];

/** An open text. */
export class EditorDocument implements ViewedDocument {
  readonly language: Language;
  readonly highlighter: Highlighter;
  readonly owner: Participant;
  readonly now: () => number;
  readonly #readOnlySetting = new Compartment();
  readonly #common: Extension;
  /** The authors; the owner's comes first and stays. */
  readonly #authors: [Writer, ...Writer[]];
  readonly #views = new Set<DocumentView>();
  readonly #listeners = new Set<(change: DocumentChange) => void>();
  readonly #admit: (size: DocumentSize) => void;
  #readOnly: boolean;
  #lineEnding: LineEnding;
  #revision = 0;
  #saved: Text;
  /** The text last compared with the saved one, and the result. */
  #compared: Text;
  #modified = false;
  #lastView: DocumentView;

  constructor(options: DocumentOptions) {
    const {
      text,
      language,
      readOnly = false,
      lineEnding = lineEndingOf(text),
      owner = new Participant({ name: "" }),
    } = options;
    this.language = language;
    this.owner = owner;
    this.now = options.now ?? Date.now;
    this.highlighter = new Highlighter(language);
    this.#lineEnding = lineEnding;
    this.#readOnly = readOnly;
    this.#admit = options.admit ?? (() => undefined);
    const doc = textOf(text);
    this.#common = [
      EditorState.allowMultipleSelections.of(true),
      EditorState.tabSize.of(tabCells),
      indentUnit.of(detectIndentUnit(doc, language)),
      language === "python" ? EditorState.languageData.of(() => [{ commentTokens: { line: "#" } }]) : [],
    ];
    this.#authors = [this.#newAuthor(owner, doc)];
    this.#saved = this.doc;
    this.#compared = this.doc;
    this.#lastView = new DocumentView(this, owner);
    this.#authors[0].enter(this.#lastView, this.#lastView.selections);
  }

  /** The present text, immutable. */
  get doc(): Text {
    return this.#authors[0].state.doc;
  }

  /** The file's line ending. */
  get lineEnding(): LineEnding {
    return this.#lineEnding;
  }

  /** The number of changes of the text. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether nobody may edit. */
  get readOnly(): boolean {
    return this.#readOnly;
  }

  /** Whether the text differs from what was last saved; undoing all changes makes it unmodified again. */
  get modified(): boolean {
    const { doc } = this;
    if (doc !== this.#compared) {
      this.#compared = doc;
      this.#modified = !doc.eq(this.#saved); // cheap: both share what is the same, and mostly differ in length
    }
    return this.#modified;
  }

  /** The number of UTF-16 units, line ends counted as one. */
  get length(): number {
    return this.doc.length;
  }

  /** The number of lines, at least 1. */
  get lineCount(): number {
    return this.doc.lines;
  }

  /** The owner's window that was used last, also after it was closed: the owner continues there. */
  get view(): DocumentView {
    return this.#lastView;
  }

  /** Registers a listener; the returned function removes it. */
  onChange(listener: (change: DocumentChange) => void): () => void {
    // A wrapper, so that the same function registered twice is called, and removed, twice.
    const entry = (change: DocumentChange): void => listener(change);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** The text to be saved, with the file's own line endings. */
  text(): string {
    return this.doc.sliceString(0, undefined, this.lineEnding);
  }

  /** Notes what was saved: the present text, or the one that was held while the file was written. */
  markSaved(saved: Text = this.doc): void {
    this.#saved = saved;
    this.#compared = saved;
    this.#modified = false;
  }

  /** Allows or forbids editing for everybody. */
  setReadOnly(readOnly: boolean): void {
    if (readOnly === this.#readOnly) return;
    this.#readOnly = readOnly;
    const effects = this.#readOnlySetting.reconfigure(EditorState.readOnly.of(readOnly));
    for (const author of this.#authors) author.reconfigure(effects);
    this.#emit({
      document: this,
      view: this.#lastView,
      textChanged: false,
      selectionChanged: false,
      changes: ChangeSet.empty(this.length),
    });
  }

  /**
   * Replaces the text with the file's, as one step of the owner's undo that changes only what differs, so cursors stay.
   * Counts as saved.
   */
  reload(text: string): void {
    const changes = replacement(this.doc.toString(), text.includes("\r") ? textOf(text).toString() : text);
    this.#lineEnding = text.includes("\n") ? lineEndingOf(text) : this.#lineEnding;
    if (changes) {
      const inside = [...this.#views, this.#lastView]
        .filter(({ head }) => head > changes.from && head < changes.to)
        .map((view) => ({ view, ...view.cursor }));
      this.#lastView.dispatch({
        changes,
        annotations: [isolateHistory.of("full"), fromFile.of(true)],
        userEvent: "reload",
      });
      for (const { view, line, column } of inside) view.setCursor(view.offsetAt(line, column));
    }
    this.markSaved();
  }

  /**
   * Opens a window with its own cursor, which begins where this person was last. Windows of one person share that
   * person's steps of undo. Close it when nobody uses it any more.
   */
  open(participant: Participant = this.owner): DocumentView {
    const before = [...this.#views].findLast((view) => view.participant === participant) ?? this.#lastView;
    const view = new DocumentView(this, participant, this.#authorOf(participant)?.current ?? before);
    this.#views.add(view);
    return view;
  }

  peers(of: DocumentView): readonly OtherCursor[] {
    if (this.#views.size < 2) return nobody;
    const found = new Map<Participant, DocumentView>();
    for (const view of this.#views) {
      const { participant } = view;
      if (!view.shown || !participant.mayEdit || participant === of.participant) continue;
      if (!found.has(participant) || this.#authorOf(participant)?.current === view) found.set(participant, view);
    }
    return [...found.values()].map(({ participant, selections }) => ({ participant, selection: selections }));
  }

  authorFor(participant: Participant): Writer {
    const known = this.#authorOf(participant);
    if (known || !participant.mayEdit) return known ?? this.#authors[0];
    const author = this.#newAuthor(participant, this.doc);
    this.#authors.push(author);
    return author;
  }

  used(view: DocumentView): void {
    if (view.participant === this.owner) this.#lastView = view;
  }

  /** The steps of undo of a helper who has left are dropped. */
  closed(view: DocumentView): void {
    this.#views.delete(view);
    if ([...this.#views].some(({ participant }) => participant === view.participant)) return;
    if (view.participant === this.owner) return this.#lastView.viewport.scrollAs(view.viewport);
    const index = this.#authors.findIndex(({ participant }) => participant === view.participant);
    if (index > 0) this.#authors.splice(index, 1);
  }

  apply(view: DocumentView, author: Writer, transaction: Transaction): boolean {
    const { docChanged, changes, newDoc } = transaction;
    if (docChanged && !transaction.annotation(fromFile)) {
      if (this.#readOnly || !view.participant.mayEdit || author.participant !== view.participant) return false;
      const grows = newDoc.length > this.length;
      // Deleting a line break makes a longer line, though the text is shorter.
      if (grows || newDoc.lines < this.lineCount)
        this.#admit({
          characters: grows ? newDoc.length : 0,
          lines: grows ? newDoc.lines : 0,
          maxLine: maxChanged(changes, newDoc),
        });
    }
    const before = transaction.startState.selection;
    if (docChanged || author.current === view) author.did(transaction);
    else view.moveTo(transaction.newSelection);
    if (docChanged) this.#follow(view, author, transaction);
    this.#emit({
      document: this,
      view,
      textChanged: docChanged,
      selectionChanged: !before.eq(view.selections),
      changes,
    });
    return true;
  }

  /** Applies the change to all other authors and windows. */
  #follow(view: DocumentView, author: Writer, { changes, startState }: Transaction): void {
    this.#revision++;
    this.highlighter.changed(author.state.doc.lineAt(firstChange(changes)).number);
    for (const other of this.#authors) if (other !== author) other.follow(changes);
    for (const other of this.#views) if (other !== view) other.follow(changes, startState.doc);
    if (this.#lastView !== view && !this.#views.has(this.#lastView)) this.#lastView.follow(changes, startState.doc);
  }

  #authorOf(participant: Participant): Writer | undefined {
    return this.#authors.find((author) => author.participant === participant);
  }

  #newAuthor(participant: Participant, doc: Text): Writer {
    const extensions = [this.#common, this.#readOnlySetting.of(EditorState.readOnly.of(this.#readOnly))];
    return new Author<DocumentView>({ participant, doc, extensions });
  }

  /** Calls every listener even if one throws; what they threw is thrown at the end. */
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
}

function firstChange(changes: ChangeSet): number {
  let first: number | undefined;
  changes.iterChangedRanges((_fromA, _toA, fromB) => {
    first ??= fromB;
  });
  return first ?? 0;
}

/** The length of the longest line that a change has touched. */
function maxChanged(changes: ChangeSet, text: Text): number {
  let longest = 0;
  changes.iterChangedRanges((_fromBefore, _toBefore, from, to) => {
    for (let line = text.lineAt(from); ; line = text.lineAt(line.to + 1)) {
      longest = Math.max(longest, line.length);
      if (line.to >= to) return;
    }
  });
  return longest;
}

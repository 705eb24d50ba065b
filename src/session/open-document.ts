import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { EditorDocument } from "../editor/document.ts";
import type { DocumentView } from "../editor/document-view.ts";
import type { Participant } from "../editor/participant.ts";
import type { DocumentSize } from "../editor/types.ts";
import { shown } from "../workspace/file-names.ts";
import { nameOf } from "../workspace/paths.ts";
import { maxLineCharacters, maxFileLines, type TextFormat } from "../workspace/file-text.ts";
import type { Stamp, TextFile } from "../workspace/workspace.ts";

/** How the file on disk compares with what this document was read from or saved as. */
export type DiskState = "same" | "changed" | "removed";

/**
 * Who edits this document's file. "open": we do. "theirs": somebody else does, so it is read-only here. "suspended": the server can't tell
 * whether somebody else does; what is typed goes on into the text, and is saved once that is clear.
 */
export type EditState =
  | { readonly kind: "open" }
  | { readonly kind: "theirs"; readonly user: string; readonly name: string; readonly since: number }
  | { readonly kind: "suspended" };

export interface OpenDocumentOptions {
  readonly path: string;
  readonly file: TextFile | undefined;
  readonly fileBytes: number;
  /** Whose session it is. */
  readonly owner: Participant;
}

/** A file open in a session: its editor model and what is known of the file behind it. */
export class OpenDocument {
  /** The text, and everybody who is in it. */
  readonly content: EditorDocument;
  path: string;
  stamp: Stamp | undefined;
  disk: DiskState;
  /** Milliseconds since the epoch of the last save in this session. */
  savedAt: number | undefined;
  /** How the file ends its lines and whether it begins with a byte order mark: kept when it is saved. */
  readonly format: TextFormat;
  /** The file can't be written by this person at all. */
  readonly fileReadOnly: boolean;
  #editing: EditState = { kind: "open" };
  /** A save is under way: a second one waits for it. */
  saving: Promise<void> | undefined;

  /** Without `file` the document is one whose file is gone. It grows no larger than `fileBytes`, which is what can be saved. */
  constructor({ path, file, fileBytes, owner }: OpenDocumentOptions) {
    this.path = path;
    this.stamp = file?.stamp;
    this.disk = file ? "same" : "removed";
    this.format = { lineEnding: file?.lineEnding, byteOrderMark: file?.byteOrderMark };
    this.fileReadOnly = file ? !file.writable : false;
    this.content = new EditorDocument({
      owner,
      text: file?.text ?? "",
      language: path.endsWith(".py") ? "python" : "plain",
      readOnly: this.fileReadOnly,
      admit: (size) => this.#admit(size, fileBytes),
    });
  }

  /** Where the person whose session it is was last; a client has a window of its own, see WorkbenchView. */
  get editor(): DocumentView {
    return this.content.view;
  }

  get editing(): EditState {
    return this.#editing;
  }

  set editing(editing: EditState) {
    this.#editing = editing;
    this.content.setReadOnly(this.fileReadOnly || editing.kind === "theirs");
  }

  /**
   * Somebody else turned out to edit the file, while the person may be typing: what is on its way from the keyboard belongs to the text
   * that is kept here. Read-only after that, unless it may be edited again; disposing leaves it to whoever says so next.
   */
  lose(editing: EditState, clock: Clock, ms: number): Disposable {
    this.#editing = editing;
    return clock.after(ms, () => {
      if (this.#editing === editing) this.editing = editing;
    });
  }

  /** Puts another text in, as an edit, also while the person may not type: it is not saved, and undo brings the old one back. */
  replaceText(text: string): void {
    const { readOnly } = this.content;
    this.content.setReadOnly(false);
    this.editor.dispatch({ changes: { from: 0, to: this.editor.length, insert: text } });
    this.content.setReadOnly(readOnly);
  }

  /** What the file is called. */
  get fileName(): string {
    return nameOf(this.path);
  }

  /** What people are told: a teacher sees whose file it is. */
  get name(): string {
    const student = /^\/students\/([^/]+)\//.exec(this.path)?.[1];
    return shown(student === undefined ? this.fileName : `${student}/${this.fileName}`);
  }

  get readOnly(): boolean {
    return this.content.readOnly;
  }

  /** There is text here that is not in the file. */
  get modified(): boolean {
    return this.content.modified || (this.disk === "removed" && this.content.length > 0);
  }

  #admit({ characters, lines, maxLine }: DocumentSize, fileBytes: number): void {
    if (maxLine > maxLineCharacters) {
      throw new UserError(
        "too-large",
        `a line of ${this.name} would be too long: the limit is ${maxLineCharacters.toLocaleString("en")} characters`,
        "Break the line first.",
      );
    }
    if (characters <= fileBytes && lines <= maxFileLines) return;
    const most = `${Math.floor(fileBytes / 2 ** 20)} MiB or ${maxFileLines.toLocaleString("en")} lines`;
    throw new UserError(
      "too-large",
      `the file ${this.name} would be too large: the limit is ${most}`,
      "A Python program can write it piece by piece.",
    );
  }
}

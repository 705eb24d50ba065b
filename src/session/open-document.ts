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

/** How the file on disk compares with the version that the document was read from or saved as. */
export type DiskState = "same" | "changed" | "removed";

/**
 * Who edits the document's file. "open": this session. "theirs": somebody else, so it is read-only here. "suspended":
 * the server can't tell; typing still changes the text, which is saved once that is clear.
 */
export type EditState =
  | { readonly kind: "open" }
  | { readonly kind: "theirs"; readonly user: string; readonly name: string; readonly since: number }
  | { readonly kind: "suspended" };

/** What a document is opened with. */
export interface OpenDocumentOptions {
  readonly path: string;
  readonly file: TextFile | undefined;
  readonly fileBytes: number;
  /** The session's owner. */
  readonly owner: Participant;
}

/** An open document: its text, and what is known of the file behind it. */
export class OpenDocument {
  /** The text, with everybody who edits it. */
  readonly content: EditorDocument;
  /** The file's path; it changes when the file is renamed. */
  path: string;
  /** The version of the file that the text is based on; undefined when there is no file. */
  stamp: Stamp | undefined;
  /** How the file compares with that version. */
  disk: DiskState;
  /** When the document was last saved in this session, in milliseconds since the epoch. */
  savedAt: number | undefined;
  /** The file's line ending and byte order mark, which a save keeps. */
  readonly format: TextFormat;
  /** Whether the owner may not write to the file at all. */
  readonly fileReadOnly: boolean;
  #editing: EditState = { kind: "open" };
  /** The save in progress, if any: a second one waits for it. */
  saving: Promise<void> | undefined;

  /**
   * Without `file`, the file is gone and only the text is left. The text may have at most `fileBytes`, the size that
   * can be saved.
   */
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

  /** The owner's window that was used last; each client has its own, see `WorkbenchView`. */
  get editor(): DocumentView {
    return this.content.view;
  }

  /** Who edits the file. */
  get editing(): EditState {
    return this.#editing;
  }

  set editing(editing: EditState) {
    this.#editing = editing;
    this.content.setReadOnly(this.fileReadOnly || editing.kind === "theirs");
  }

  /**
   * Somebody else turned out to edit the file, perhaps while the person is typing: keys already on their way still
   * change the text. After `ms` milliseconds the document is read-only, unless it may be edited again. Disposing
   * cancels that.
   */
  lose(editing: EditState, clock: Clock, ms: number): Disposable {
    this.#editing = editing;
    return clock.after(ms, () => {
      if (this.#editing === editing) this.editing = editing;
    });
  }

  /**
   * Replaces the text by an edit that undo takes back, also while the person may not type. The document is then
   * unsaved.
   */
  replaceText(text: string): void {
    const { readOnly } = this.content;
    this.content.setReadOnly(false);
    this.editor.dispatch({ changes: { from: 0, to: this.editor.length, insert: text } });
    this.content.setReadOnly(readOnly);
  }

  /** The file's name. */
  get fileName(): string {
    return nameOf(this.path);
  }

  /** The name as people read it: a teacher also sees whose file it is. */
  get name(): string {
    const student = /^\/students\/([^/]+)\//.exec(this.path)?.[1];
    return shown(student === undefined ? this.fileName : `${student}/${this.fileName}`);
  }

  /** Whether nobody can edit the document here now. */
  get readOnly(): boolean {
    return this.content.readOnly;
  }

  /** Whether the text differs from the file. */
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

import { EditorDocument } from "../editor/document.ts";
import type { Stamp, TextFile } from "../workspace/workspace.ts";

/** How the file on disk compares with what this document was read from or saved as. */
export type DiskState = "same" | "changed" | "removed" | "new";

/** A file open in a session: its editor model and what is known of the file behind it. */
export class OpenDocument {
  readonly editor: EditorDocument;
  path: string;
  stamp: Stamp | undefined;
  disk: DiskState;
  /** Milliseconds since the epoch of the last save in this session. */
  savedAt: number | undefined;
  readonly lineEnding: "\n" | "\r\n";
  /** A save is under way: a second one waits for it. */
  saving: Promise<void> | undefined;

  constructor(path: string, file: TextFile) {
    this.path = path;
    this.stamp = file.stamp;
    this.disk = "same";
    this.lineEnding = file.lineEnding;
    this.editor = new EditorDocument({
      text: file.text,
      language: path.endsWith(".py") ? "python" : "plain",
      readOnly: !file.writable,
    });
  }

  get name(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1);
  }

  get readOnly(): boolean {
    return this.editor.readOnly;
  }

  /** There is text here that is not in the file. */
  get modified(): boolean {
    return this.editor.modified || (this.disk === "removed" && this.editor.text().length > 0);
  }
}

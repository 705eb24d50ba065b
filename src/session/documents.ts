import type { Allowances } from "./allowances.ts";
import type { EditLocks } from "./edit-locks.ts";
import type { FileTree } from "./file-tree.ts";
import { OpenDocument } from "./open-document.ts";
import type { OpenDocuments } from "./open-documents.ts";
import type { Unsaved } from "./unsaved.ts";
import type { Showing } from "./workbench-options.ts";

/** The parts that documents need of their session. */
export interface DocumentsOptions {
  readonly openDocuments: OpenDocuments;
  readonly editLocks: EditLocks;
  readonly unsavedText: Unsaved;
  readonly tree: FileTree;
  readonly allowances: Allowances;
}

/**
 * The documents of a session as people use them: opened, saved and closed under their locks, with unsaved text kept
 * safe.
 */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #open: OpenDocuments;

  constructor(options: DocumentsOptions) {
    this.#options = options;
    this.#open = options.openDocuments;
  }

  /** Fires when the text or a selection of a document has changed. */
  get onEdit() {
    return this.#open.onEdit;
  }

  /** Fires when a document has been closed; `next` is shown instead. */
  get onClosed() {
    return this.#open.onClosed;
  }

  /** The open documents, in the order of their tabs. */
  get list(): readonly OpenDocument[] {
    return this.#open.list;
  }

  /** The document that the owner showed last, in any window; undefined when none is open. */
  get active(): OpenDocument | undefined {
    return this.#open.active;
  }

  /** The documents with unsaved changes. */
  get unsaved(): readonly OpenDocument[] {
    return this.list.filter((document) => document.modified);
  }

  /**
   * Opens a file, or finds its document when it is open. Throws what `Workspace.readText` throws, and
   * `too-many-entries`.
   */
  async open(path: string, { show = true }: Showing = {}): Promise<OpenDocument> {
    const before = this.list.length;
    const document = await this.#open.open(path, show);
    if (this.list.length > before) await this.#options.editLocks.claim(document);
    return document;
  }

  /** Makes this the document that the next client shows first. */
  activate(document: OpenDocument): void {
    this.#open.activate(document);
  }

  /** Closes a document and gives up unsaved changes; the caller has asked about them. */
  async close(document: OpenDocument): Promise<void> {
    if (!(await this.#open.close(document))) return;
    await this.#options.unsavedText.forget(document);
    await this.#options.editLocks.release(document);
  }

  /** Gives up all unsaved changes, as the person has chosen. */
  async discardUnsaved(): Promise<void> {
    for (const document of this.unsaved) await this.close(document);
  }

  /** See `OpenDocuments.save`. */
  async save(document: OpenDocument, { overwrite = false }: { readonly overwrite?: boolean } = {}): Promise<void> {
    const { allowances, editLocks, unsavedText, tree } = this.#options;
    allowances.takeFileOperation();
    const settling = editLocks.whenClaimed(document);
    if (settling) await settling;
    const isNew = await this.#open.save(document, { overwrite, guard: () => editLocks.guardOf(document) });
    editLocks.saved(document);
    if (!document.content.modified) await unsavedText.forget(document);
    if (isNew) await tree.refreshParent(document.path);
  }

  /** Replaces the text with the file's; undo restores the person's own text. */
  reload(document: OpenDocument): Promise<void> {
    return this.#open.reload(document);
  }

  /** Moves documents to a renamed file or folder, with their locks and their unsaved text. */
  async follow(from: string, to: string): Promise<void> {
    const { editLocks, unsavedText } = this.#options;
    for (const [document, old] of this.#open.moved(from, to)) {
      await unsavedText.forget(document, old);
      await editLocks.release(document);
      await editLocks.claim(document);
    }
  }
}

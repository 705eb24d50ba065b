import type { Allowances } from "./allowances.ts";
import type { EditLocks } from "./edit-locks.ts";
import type { FileTree } from "./file-tree.ts";
import { OpenDocument } from "./open-document.ts";
import type { OpenDocuments } from "./open-documents.ts";
import type { Unsaved } from "./unsaved.ts";
import type { Showing } from "./workbench-options.ts";

export interface DocumentsOptions {
  readonly openDocuments: OpenDocuments;
  readonly editLocks: EditLocks;
  readonly unsavedText: Unsaved;
  readonly tree: FileTree;
  readonly allowances: Allowances;
}

/** The documents of a session as people work with them: opened, saved and closed under their locks, with unsaved text kept safe meanwhile. */
export class Documents {
  readonly #options: DocumentsOptions;
  readonly #open: OpenDocuments;

  constructor(options: DocumentsOptions) {
    this.#options = options;
    this.#open = options.openDocuments;
  }

  /** Text or selection of a document changed. */
  get onEdit() {
    return this.#open.onEdit;
  }

  /** A document is closed; `next` takes its place where it was shown. */
  get onClosed() {
    return this.#open.onClosed;
  }

  get list(): readonly OpenDocument[] {
    return this.#open.list;
  }

  /** What the person had before them last, in whichever window. */
  get active(): OpenDocument | undefined {
    return this.#open.active;
  }

  get unsaved(): readonly OpenDocument[] {
    return this.list.filter((document) => document.modified);
  }

  /** Opens a file. */
  async open(path: string, { show = true }: Showing = {}): Promise<OpenDocument> {
    const before = this.list.length;
    const document = await this.#open.open(path, show);
    if (this.list.length > before) await this.#options.editLocks.claim(document);
    return document;
  }

  /** The next client begins with this document. */
  activate(document: OpenDocument): void {
    this.#open.activate(document);
  }

  /** Closes a document; the caller has asked about unsaved changes: they are given up. */
  async close(document: OpenDocument): Promise<void> {
    if (!(await this.#open.close(document))) return;
    await this.#options.unsavedText.forget(document);
    await this.#options.editLocks.release(document);
  }

  /** Gives up all unsaved changes: the person chose to. */
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

  /** Takes the file's text from disk; undo brings the person's own text back. */
  reload(document: OpenDocument): Promise<void> {
    return this.#open.reload(document);
  }

  /** Documents follow a renamed file or folder, and their locks and unsaved text with them. */
  async follow(from: string, to: string): Promise<void> {
    const { editLocks, unsavedText } = this.#options;
    for (const [document, old] of this.#open.moved(from, to)) {
      await unsavedText.forget(document, old);
      await editLocks.release(document);
      await editLocks.claim(document);
    }
  }
}

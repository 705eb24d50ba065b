/**
 * What one client sees of a workbench: the active document, the cursors, the scroll positions. Two windows of a
 * student, or a student and a teacher who looks around, have one each; text, tabs and files belong to the workbench. A
 * client owns its view and disposes it at the end. A new view of the owner begins where the owner's last one was.
 */
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import type { DocumentView } from "../editor/document-view.ts";
import type { Clip } from "../editor/types.ts";
import type { Participant } from "../editor/participant.ts";
import type { BusyRun } from "./console-runs.ts";
import type { RunOptions } from "./runs.ts";
import type { FileTree } from "./file-tree.ts";
import { GuestTree } from "./guest-tree.ts";
import { OpenDocument } from "./open-document.ts";
import type { WorkbenchPart, Showing, Workbench } from "./workbench.ts";

/** The view of one client. */
export class WorkbenchView implements Disposable {
  readonly workbench: Workbench;
  /** Who looks through the view. `participant.mayEdit` decides about edits, and may change at any time. */
  readonly participant: Participant;
  /** The file tree: the owner's windows share one, a guest has their own. */
  readonly tree: FileTree;
  readonly #scope = new Scope("workbench view");
  readonly #changed = new Emitter<WorkbenchPart>();
  readonly #editors = new Map<OpenDocument, DocumentView>();
  #active: OpenDocument | undefined;
  /** A file that only this guest has open: it does not appear in the session, and nobody edits it. */
  #peeked: OpenDocument | undefined;
  #clipboard: Clip = { text: "", wholeLine: false };

  /** The owner's view, unless another participant is given. */
  constructor(workbench: Workbench, participant: Participant = workbench.owner) {
    this.workbench = workbench;
    this.participant = participant;
    this.tree = this.isOwn
      ? workbench.tree
      : this.#scope.own(new GuestTree(workbench, () => this.#changed.emit("tree"))).tree;
    this.#scope.own(
      workbench.documents.onClosed(({ document, next }) => this.#safely(() => this.#closed(document, next))),
    );
    this.#scope.own(
      workbench.onChange((change) =>
        this.#safely(() => {
          if (change === "documents") this.#follow();
          this.#changed.emit(change);
        }),
      ),
    );
    this.#follow();
  }

  /** Logs what fails in a guest's view: it must not become a failure of what the owner has just done. */
  #safely(work: () => void): void {
    if (this.isOwn) return work();
    try {
      work();
    } catch (error) {
      logBug(error, this.workbench.log, { session: this.workbench.id });
    }
  }

  /** Fires with the part that this client should draw again: changes of the workbench, and of this view alone. */
  get onChange() {
    return this.#changed.on;
  }

  /** Whether this is a view of the owner's. */
  get isOwn(): boolean {
    return this.participant === this.workbench.owner;
  }

  /** Whether this is a view of the owner's while somebody else drives. */
  get isDriven(): boolean {
    return this.isOwn && this.workbench.viewers.driver !== undefined;
  }

  /** The active document; undefined when none is open. */
  get active(): OpenDocument | undefined {
    return this.#active;
  }

  /** This client's window on the active document. */
  get editor(): DocumentView | undefined {
    return this.#active && this.editorOf(this.#active);
  }

  /** What was cut or copied last: shared by the owner's windows, a guest's own otherwise. */
  get clipboard(): Clip {
    return this.isOwn ? this.workbench.clipboard : this.#clipboard;
  }

  set clipboard(clip: Clip) {
    if (this.isOwn) this.workbench.clipboard = clip;
    else this.#clipboard = clip;
  }

  /** This client's window on an open document. */
  editorOf(document: OpenDocument): DocumentView {
    const known = this.#editors.get(document);
    if (known) return known;
    const editor = document.content.open(this.participant);
    this.#editors.set(document, editor);
    return editor;
  }

  /** The open documents, and the one that only this guest has open. */
  get documents(): readonly OpenDocument[] {
    const { list } = this.workbench.documents;
    return this.#peeked ? [...list, this.#peeked] : list;
  }

  /** Shows a document. */
  activate(document: OpenDocument): void {
    this.#show(document);
    // The next client begins with the document that the owner showed last; a guest's choice concerns nobody else.
    if (this.isOwn) this.workbench.documents.activate(document);
    else this.#changed.emit("documents");
  }

  /** Shows the next (1) or previous (-1) open document. */
  step(direction: 1 | -1): void {
    const { documents } = this;
    if (!this.#active) return;
    const next = documents[(documents.indexOf(this.#active) + direction + documents.length) % documents.length];
    if (next) this.activate(next);
  }

  /** Opens a file, or shows it when it is open already. */
  async open(path: string): Promise<OpenDocument> {
    const known = this.documents.find((document) => document.path === path);
    if (!known && !this.isOwn) return await this.#peek(path);
    const document = await this.workbench.documents.open(path, this.#showing);
    if (!this.#scope.closed) this.activate(document);
    return document;
  }

  /** Creates an empty file and shows it. */
  async createFile(path: string): Promise<void> {
    await this.workbench.files.createFile(path, this.#showing);
    await this.open(path);
  }

  /** Copies a read-only file to the owner's own files and shows the copy. */
  async copyHome(document: OpenDocument): Promise<void> {
    await this.open(await this.workbench.files.copyHome(document, this.#showing));
  }

  /** Throws `not-permitted` for a guest, also in help mode. `what` completes "only Ada can ...". */
  refuseGuest(what: string): void {
    if (!this.isOwn)
      throw new UserError("not-permitted", `only ${this.workbench.owner.name} can ${what}`, "You are a visitor here.");
  }

  /** Runs the active document: see `Runs.run`. */
  run(how: RunOptions = {}): Promise<BusyRun | undefined> {
    return this.workbench.runs.run(this.#active, how);
  }

  [Symbol.dispose](): void {
    for (const editor of this.#editors.values()) editor.close();
    this.#editors.clear();
    this.#active = undefined;
    this.#peeked = undefined;
    void this.#scope.close();
    this.workbench.cursorMoved();
  }

  /** Reads a file for this guest alone, in place of the one before. */
  async #peek(path: string): Promise<OpenDocument> {
    const { workspace, owner } = this.workbench;
    const file = await workspace.readText(path);
    const document = new OpenDocument({
      path,
      file: { ...file, writable: false },
      fileBytes: workspace.fileBytes,
      owner,
    });
    if (this.#scope.closed) return document;
    const before = this.#peeked;
    this.#peeked = document;
    this.activate(document);
    if (before) this.#closed(before, document);
    return document;
  }

  get #showing(): Showing {
    return { show: this.isOwn };
  }

  /**
   * Shows what the workbench showed last, until the session has opened what the last one left, and while nothing is
   * shown.
   */
  #follow(): void {
    const { hasBegun: settled, documents } = this.workbench;
    const { active } = documents;
    if (active && active !== this.#active && (!this.#active || !settled)) this.#show(active);
  }

  #show(document: OpenDocument | undefined): void {
    if (document === this.#active || this.#scope.closed) return;
    if (this.#active) this.editorOf(this.#active).shown = false;
    this.#active = document;
    if (document) this.editorOf(document).shown = true;
    this.workbench.cursorMoved();
  }

  #closed(document: OpenDocument, next: OpenDocument | undefined): void {
    if (this.#active === document) this.#show(next);
    this.#editors.get(document)?.close();
    this.#editors.delete(document);
  }
}

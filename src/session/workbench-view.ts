/**
 * What one client sees of a workbench: which of its open documents is before the person, where the cursors are, how far it is scrolled.
 * Two windows of a student, or a student and a teacher who looks around, each have their own; text, tabs and files are the workbench's.
 * A client owns its view and disposes of it when it leaves. Where the student's own last view was, the next one begins.
 */
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import type { DocumentView } from "../editor/document-view.ts";
import type { Clip } from "../editor/types.ts";
import type { Participant } from "../editor/participant.ts";
import type { BusyRun } from "./console-runs.ts";
import type { FileTree } from "./file-tree.ts";
import { GuestTree } from "./guest-tree.ts";
import { OpenDocument } from "./open-document.ts";
import type { WorkbenchPart, Showing, Workbench } from "./workbench.ts";

export class WorkbenchView implements Disposable {
  readonly workbench: Workbench;
  /** Who looks; whether edits are taken is `participant.mayEdit`, which may change at any time. */
  readonly participant: Participant;
  /** The files as this client has them unfolded: the person's windows share one tree, a guest has one of her or his own. */
  readonly tree: FileTree;
  readonly #scope = new Scope("workbench view");
  readonly #changed = new Emitter<WorkbenchPart>();
  readonly #editors = new Map<OpenDocument, DocumentView>();
  #active: OpenDocument | undefined;
  /** A file that a guest looks at and that is not open in the session: it does not appear there, and nobody edits it. */
  #peeked: OpenDocument | undefined;
  #clipboard: Clip = { text: "", wholeLine: false };

  /** The view of the person whose session it is, unless it is a guest's. */
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

  /** A fault in what a guest sees is logged: it must not become one of what the person has just done. */
  #safely(work: () => void): void {
    if (this.isOwn) return work();
    try {
      work();
    } catch (error) {
      logBug(error, this.workbench.log, { session: this.workbench.id });
    }
  }

  /** What this client should draw again: changes of the workbench, and of this view alone. */
  get onChange() {
    return this.#changed.on;
  }

  /** The person whose session it is looks through this view. */
  get isOwn(): boolean {
    return this.participant === this.workbench.owner;
  }

  /** The person looks through this view, and somebody else types on the person's screens. */
  get isDriven(): boolean {
    return this.isOwn && this.workbench.viewers.driver !== undefined;
  }

  /** The document before the person. */
  get active(): OpenDocument | undefined {
    return this.#active;
  }

  /** Its text through this client's window. */
  get editor(): DocumentView | undefined {
    return this.#active && this.editorOf(this.#active);
  }

  /** What was cut or copied last: of the person in all windows, of a guest in this view alone. */
  get clipboard(): Clip {
    return this.isOwn ? this.workbench.clipboard : this.#clipboard;
  }

  set clipboard(clip: Clip) {
    if (this.isOwn) this.workbench.clipboard = clip;
    else this.#clipboard = clip;
  }

  /** This client's window on one of the open documents. */
  editorOf(document: OpenDocument): DocumentView {
    const known = this.#editors.get(document);
    if (known) return known;
    const editor = document.content.open(this.participant);
    this.#editors.set(document, editor);
    return editor;
  }

  /** The open documents, and the one that only this guest looks at. */
  get documents(): readonly OpenDocument[] {
    const { list } = this.workbench.documents;
    return this.#peeked ? [...list, this.#peeked] : list;
  }

  activate(document: OpenDocument): void {
    this.#show(document);
    // The next client begins with what the person had before them last. A guest's choice is nobody else's.
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

  /** Copies a read-only file into the person's own files and shows the copy. */
  async copyHome(document: OpenDocument): Promise<void> {
    await this.open(await this.workbench.files.copyHome(document, this.#showing));
  }

  /** Refuses a guest what is the owner's alone, also in help mode. `what` completes "only Ada can". */
  refuseGuest(what: string): void {
    if (!this.isOwn)
      throw new UserError("not-permitted", `only ${this.workbench.owner.name} can ${what}`, "You are a visitor here.");
  }

  /** Runs the document before the person: see `Runs`. */
  run(signal?: AbortSignal): Promise<BusyRun | undefined> {
    return this.workbench.runs.run(this.#active, signal);
  }

  [Symbol.dispose](): void {
    for (const editor of this.#editors.values()) editor.close();
    this.#editors.clear();
    this.#active = undefined;
    this.#peeked = undefined;
    void this.#scope.close();
    this.workbench.cursorMoved();
  }

  /** Reads a file for this guest alone; the one that was looked at before is let go. */
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

  /** Until the session has opened what was left of the last one, and while nothing is shown, what the workbench shows last. */
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

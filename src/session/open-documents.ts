/**
 * The open documents of a session: opening, saving, and following changes of their files. A change on disk never loses
 * text.
 */
import { explain, sentence } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Participant } from "../editor/participant.ts";
import { nameOf } from "../workspace/paths.ts";
import type { SaveGuard } from "../workspace/save.ts";
import type { Stamp, TextFile, Watch, Workspace } from "../workspace/workspace.ts";
import { OpenDocument } from "./open-document.ts";
import type { Notice } from "./workbench-options.ts";

/** What open documents need of their session. */
export interface OpenDocumentsOptions {
  readonly scope: Scope;
  readonly workspace: Workspace;
  /** The session's owner. */
  readonly owner: Participant;
  /** Most documents at once. */
  readonly limit: number;
  readonly notify: (kind: Notice["kind"], text: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** How a document is saved. */
export interface SaveOptions {
  /** Whether to replace the file even if it has changed. */
  readonly overwrite: boolean;
  /** The guard around the step that makes the save visible: the fence of the document's lock. */
  readonly guard: () => SaveGuard | undefined;
}

/** A closed document, and the neighbour that is shown instead. */
export interface Closed {
  readonly document: OpenDocument;
  readonly next: OpenDocument | undefined;
}

/**
 * Most characters of all open texts together, as a multiple of the largest file: twenty such files would take the
 * memory of a class.
 */
const maxLargeFiles = 4;
/**
 * Most characters of a text that follows its file: a program that rewrites a large file again and again would make
 * everybody wait.
 */
const maxFollowed = 256 * 1024;
/** Milliseconds between two texts of a session that follow their files. */
const followPauseMs = 50;

/** Text or selection of a document changed. */
export interface Edit {
  readonly document: OpenDocument;
  readonly textChanged: boolean;
  readonly by: Participant;
}

/** The open documents of one session. */
export class OpenDocuments {
  readonly #options: OpenDocumentsOptions;
  readonly #list: OpenDocument[] = [];
  readonly #scopes = new Map<OpenDocument, Scope>();
  /** The watch over the file of each. Its scope ends it. */
  readonly #watches = new WeakMap<OpenDocument, Watch>();
  readonly #edited = new Emitter<Edit>();
  readonly #arranged = new Emitter<void>();
  readonly #closed = new Emitter<Closed>();
  /** Documents to be compared with their files, one after the other. */
  readonly #toCheck = new Set<OpenDocument>();
  #checking: Promise<void> = Promise.resolve();
  #active: OpenDocument | undefined;

  constructor(options: OpenDocumentsOptions) {
    this.#options = options;
  }

  /** Text or selection of a document changed. */
  get onEdit() {
    return this.#edited.on;
  }

  /** Fires when documents were opened or closed, another one is active, or the state of a file is known anew. */
  get onArrange() {
    return this.#arranged.on;
  }

  /** Fires when a document has been closed; `next` is shown instead. */
  get onClosed() {
    return this.#closed.on;
  }

  /** The open documents, in the order of their tabs. */
  get list(): readonly OpenDocument[] {
    return this.#list;
  }

  /** The document shown last by the owner; undefined when none is open. */
  get active(): OpenDocument | undefined {
    return this.#active;
  }

  /**
   * Opens a file, and makes it the active document unless `show` is false. Throws what `Workspace.readText` throws, and
   * `too-many-entries`.
   */
  async open(path: string, show = true): Promise<OpenDocument> {
    const known = this.#find(path);
    if (known) return show ? this.activate(known) : known;
    const { workspace, notify } = this.#options;
    this.#refuseMore();
    const file = await workspace.readText(path);
    // Pressing Enter twice on one file reads it twice; only the first becomes a document.
    const raced = this.#find(path);
    if (raced) return show ? this.activate(raced) : raced;
    const characters = this.#list.reduce((sum, { content }) => sum + content.length, file.text.length);
    if (characters > maxLargeFiles * workspace.fileBytes) {
      throw new UserError(
        "too-large",
        `too large together: ${nameOf(path)} and the files that are open`,
        "Close one of them first (Ctrl-W).",
      );
    }
    const document = new OpenDocument({ path, file, fileBytes: workspace.fileBytes, owner: this.#options.owner });
    this.add(document, show);
    if (!file.writable) notify("info", `${document.name} is read-only. F10 copies it to your own files.`);
    return document;
  }

  /** Adds a document. */
  add(document: OpenDocument, show = true): void {
    const scope = this.#options.scope.child(`document ${document.name}`);
    this.#scopes.set(document, scope);
    this.#list.push(document);
    scope.defer(
      document.content.onChange(({ textChanged, view }) =>
        this.#edited.emit({ document, textChanged, by: view.participant }),
      ),
    );
    this.#watch(document);
    if (show || !this.#active) this.activate(document);
    else this.#arranged.emit();
  }

  /** Makes a document the active one. */
  activate(document: OpenDocument): OpenDocument {
    this.#active = document;
    this.#arranged.emit();
    return document;
  }

  /** Closes a document with its unsaved changes. False when it was closed already. */
  async close(document: OpenDocument): Promise<boolean> {
    const index = this.#list.indexOf(document);
    if (index < 0) return false;
    this.#list.splice(index, 1);
    const scope = this.#scopes.get(document);
    this.#scopes.delete(document);
    const next = this.#list[Math.min(index, this.#list.length - 1)];
    if (this.#active === document) this.#active = next;
    this.#closed.emit({ document, next });
    this.#arranged.emit();
    await scope?.close();
    return true;
  }

  /**
   * Saves a document. Resolves with whether the file is new. Throws `changed-on-disk` when the file is not the version
   * that was read, unless `overwrite` is set. Whatever fails, the text stays in the document and the old file stays
   * whole.
   */
  async save(document: OpenDocument, options: SaveOptions): Promise<boolean> {
    while (document.saving) await document.saving;
    refuseReadOnly(document);
    const writing = this.#write(document, options);
    // The caller handles a failure; others only wait for the end of this save to start their own.
    const done = writing.then(nothing, nothing);
    document.saving = done;
    try {
      return await writing;
    } finally {
      if (document.saving === done) document.saving = undefined;
      this.#arranged.emit();
    }
  }

  /** Adds a document with a file that is gone and the text that is left; the active one unless `show` is false. */
  addLost(path: string, text: string, show = true): OpenDocument {
    this.#refuseMore();
    const document = new OpenDocument({
      path,
      file: undefined,
      fileBytes: this.#options.workspace.fileBytes,
      owner: this.#options.owner,
    });
    document.replaceText(text);
    this.add(document, show);
    return document;
  }

  /** Replaces the text with the file's; undo restores the person's own text. */
  async reload(document: OpenDocument): Promise<void> {
    this.#take(document, await this.#options.workspace.readText(document.path));
  }

  #take(document: OpenDocument, file: TextFile): void {
    document.content.reload(file.text);
    document.stamp = file.stamp;
    document.disk = "same";
    this.#arranged.emit();
  }

  /**
   * Compares a document with its file. An unmodified document takes a new text; a modified one keeps its own and shows
   * that the file has changed.
   */
  async checkFile(document: OpenDocument): Promise<void> {
    try {
      while (document.saving) await document.saving;
      const path = document.path;
      const found = await this.stampOf(path);
      if (!this.#isAt(document, path)) return;
      if (found === document.stamp) this.#foundUnchanged(document);
      else if (found === undefined)
        this.#warn(document, "removed", `${document.name} was deleted. Its text is still here; Ctrl-S saves it again.`);
      else if (document.content.modified || document.content.length > maxFollowed)
        this.#warn(
          document,
          "changed",
          `${document.name} was changed outside this editor. When you save, you will be asked which text to keep.`,
        );
      else await this.#followFile(document);
    } catch (error) {
      const { notify, log } = this.#options;
      notify("error", sentence(explain(error, log, { path: document.path })));
    }
  }

  /** Whether a document is still open, still has this path and is not being saved. */
  #isAt(document: OpenDocument, path: string): boolean {
    return document.path === path && !document.saving && this.#list.includes(document);
  }

  #foundUnchanged(document: OpenDocument): void {
    if (document.disk === "removed" && document.stamp !== undefined) document.disk = "same";
    this.#arranged.emit();
  }

  /** Tells the person once what has happened to the file. */
  #warn(document: OpenDocument, disk: "removed" | "changed", text: string): void {
    if (document.disk === disk) return;
    document.disk = disk;
    this.#options.notify("warning", text);
    this.#arranged.emit();
  }

  async #followFile(document: OpenDocument): Promise<void> {
    const { path } = document;
    const { workspace, notify } = this.#options;
    const file = await workspace.readText(path);
    // Edited, saved, renamed or closed meanwhile: begin again.
    if (document.content.modified || !this.#isAt(document, path)) return this.checkFile(document);
    this.#take(document, file);
    const { editing } = document;
    notify(
      "info",
      editing.kind === "theirs"
        ? `${editing.name} saved ${document.name}.`
        : `${document.name} was changed outside this editor. You see the new text.`,
    );
    await this.#pause(document);
    this.#arranged.emit();
  }

  /** Waits before the next document is followed, unless this one is closed meanwhile. */
  async #pause(document: OpenDocument): Promise<void> {
    const scope = this.#scopes.get(document);
    if (!scope || scope.closed) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(followPauseMs, () => {
        forget();
        resolve();
      });
      const forget = scope.defer(() => {
        timer[Symbol.dispose]();
        resolve();
      });
    });
  }

  /** Moves documents to a renamed file or folder. Returns those that moved, with their old paths. */
  moved(from: string, to: string): readonly (readonly [OpenDocument, string])[] {
    const moved = this.#below(from).map((document) => [document, document.path] as const);
    for (const [document] of moved) {
      // During the rename the file seemed to be gone.
      if (document.disk === "removed") document.disk = "same";
      document.path = to + document.path.slice(from.length);
      this.#watch(document);
    }
    this.#arranged.emit();
    return moved;
  }

  /** Notes that files are gone: their documents keep the text and show that. */
  removed(path: string): void {
    for (const document of this.#below(path)) document.disk = "removed";
    this.#arranged.emit();
  }

  /** The stamp of the file that is at a path now; undefined when there is none. */
  async stampOf(path: string): Promise<Stamp | undefined> {
    try {
      return (await this.#options.workspace.stat(path)).stamp;
    } catch (error) {
      if (error instanceof UserError && error.code === "file-not-found") return undefined;
      throw error;
    }
  }

  #refuseMore(): void {
    if (this.#list.length < this.#options.limit) return;
    throw new UserError("too-many-entries", `too many open files: ${this.#list.length}`, "Close one first (Ctrl-W).");
  }

  #find(path: string): OpenDocument | undefined {
    return this.#list.find((document) => document.path === path);
  }

  #below(path: string): readonly OpenDocument[] {
    return this.#list.filter((document) => document.path === path || document.path.startsWith(`${path}/`));
  }

  async #write(document: OpenDocument, options: SaveOptions): Promise<boolean> {
    const written = document.content.doc;
    const isNew = document.disk === "removed";
    const expected = isNew ? undefined : document.stamp;
    const { workspace, clock } = this.#options;
    const { overwrite } = options;
    const guard = options.guard();
    document.stamp = await workspace.writeText(document.path, document.content.text(), {
      expected,
      overwrite,
      guard,
      ...document.format,
    });
    document.disk = "same";
    document.savedAt = clock.now();
    // What was typed while the file was being written is not saved yet.
    document.content.markSaved(written);
    return isNew;
  }

  /** A folder has changed. What lies deeper in it may lie in another folder of the same name now, which no watch sees. */
  retryWatches(folder: string): void {
    for (const document of this.list) if (document.path.startsWith(`${folder}/`)) this.#watches.get(document)?.retry();
  }

  #watch(document: OpenDocument): void {
    const path = document.path;
    const check = (): void => {
      if (document.path === path) this.#checkSoon(document);
    };
    const watch = this.#options.workspace.watch([path], check);
    this.#scopes.get(document)?.own(watch);
    this.#watches.set(document, watch);
    // The file can have changed between reading and watching it.
    void watch.ready.then(check);
  }

  #checkSoon(document: OpenDocument): void {
    if (this.#toCheck.has(document)) return;
    this.#toCheck.add(document);
    this.#checking = this.#checking.then(() => {
      this.#toCheck.delete(document);
      return this.checkFile(document);
    });
  }
}

function refuseReadOnly({ name, fileReadOnly, editing }: OpenDocument): void {
  if (fileReadOnly)
    throw new UserError("read-only", `you can't change ${name} here`, "F10 copies it to your own files.");
  if (editing.kind === "theirs")
    throw new UserError(
      "in-use",
      `you can't save ${name}: ${editing.name} is editing it`,
      "Enter asks for the file; F10 keeps a copy of your own.",
    );
  if (editing.kind === "suspended")
    throw new UserError(
      "in-use",
      `you can't save ${name} right now`,
      "Your text is kept. Try again in a minute, or keep a copy with F10.",
    );
}

function nothing(): void {}

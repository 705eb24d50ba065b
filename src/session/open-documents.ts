/** The documents of a session: opening, saving, following what happens to their files. Text is never lost to a change on disk. */
import { explain, sentence } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Participant } from "../editor/participant.ts";
import { nameOf } from "../workspace/paths.ts";
import type { SaveGuard } from "../workspace/save.ts";
import type { Stamp, TextFile, Workspace } from "../workspace/workspace.ts";
import { OpenDocument } from "./open-document.ts";
import type { Notice } from "./workbench-options.ts";

export interface OpenDocumentsOptions {
  readonly scope: Scope;
  readonly workspace: Workspace;
  /** Whose session it is. */
  readonly owner: Participant;
  /** Most documents at once. */
  readonly limit: number;
  readonly notify: (kind: Notice["kind"], text: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SaveOptions {
  /** Whatever is in the file by now. */
  readonly overwrite: boolean;
  /** What stands around the step that makes the save visible: the fence of the document's lock. */
  readonly guard: () => SaveGuard | undefined;
}

/** A document that was closed, and its neighbour. */
export interface Closed {
  readonly document: OpenDocument;
  readonly next: OpenDocument | undefined;
}

/** All open texts together, as a multiple of the largest file: opening twenty such files would cost the memory of a whole class. */
const maxLargeFiles = 4;
/** A larger text, in characters, does not follow its file by itself: a program that writes it again and again would keep everybody waiting. */
const maxFollowed = 256 * 1024;
/** Milliseconds after a text followed its file before the next one of the session does. */
const followPauseMs = 50;

/** Text or selection of a document changed. */
export interface Edit {
  readonly document: OpenDocument;
  readonly textChanged: boolean;
  readonly by: Participant;
}

export class OpenDocuments {
  readonly #options: OpenDocumentsOptions;
  readonly #list: OpenDocument[] = [];
  readonly #scopes = new Map<OpenDocument, Scope>();
  readonly #edited = new Emitter<Edit>();
  readonly #arranged = new Emitter<void>();
  readonly #closed = new Emitter<Closed>();
  /** Documents whose files are to be looked at, one after the other. */
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

  /** Which documents there are, which one is active, or what is known of their files changed. */
  get onArrange() {
    return this.#arranged.on;
  }

  /** A document is closed; `next` takes its place where it was shown. */
  get onClosed() {
    return this.#closed.on;
  }

  get list(): readonly OpenDocument[] {
    return this.#list;
  }

  get active(): OpenDocument | undefined {
    return this.#active;
  }

  /** Opens a file, and makes it the active one unless `show` is false. */
  async open(path: string, show = true): Promise<OpenDocument> {
    const known = this.#find(path);
    if (known) return show ? this.activate(known) : known;
    const { workspace, notify } = this.#options;
    this.#refuseMore();
    const file = await workspace.readText(path);
    // Two quick Enters on one file read it twice: only the first becomes a document.
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

  /** Takes a document in. */
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

  activate(document: OpenDocument): OpenDocument {
    this.#active = document;
    this.#arranged.emit();
    return document;
  }

  /** Closes a document, with whatever is not saved. False when it was closed already. */
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
   * Saves a document. Throws `changed-on-disk` when the file is not what was read, unless `overwrite` is set; whatever goes
   * wrong, the text stays in the document and the old file stays whole. Resolves with whether the file is new.
   */
  async save(document: OpenDocument, options: SaveOptions): Promise<boolean> {
    while (document.saving) await document.saving;
    refuseReadOnly(document);
    const writing = this.#write(document, options);
    // A failure is the caller's; who waits for the end of this save only starts its own.
    const done = writing.then(nothing, nothing);
    document.saving = done;
    try {
      return await writing;
    } finally {
      if (document.saving === done) document.saving = undefined;
      this.#arranged.emit();
    }
  }

  /** A document whose file is gone, with what is left of its text; the active one unless `show` is false. */
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

  /** Takes the file's text from disk; undo brings the person's own text back. */
  async reload(document: OpenDocument): Promise<void> {
    this.#take(document, await this.#options.workspace.readText(document.path));
  }

  #take(document: OpenDocument, file: TextFile): void {
    document.content.reload(file.text);
    document.stamp = file.stamp;
    document.disk = "same";
    this.#arranged.emit();
  }

  /** The file behind a document changed: an unmodified document follows it, a modified one says so and keeps its text. */
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

  /** Whether a document is still open, of this path, and not just being saved. */
  #isAt(document: OpenDocument, path: string): boolean {
    return document.path === path && !document.saving && this.#list.includes(document);
  }

  #foundUnchanged(document: OpenDocument): void {
    if (document.disk === "removed" && document.stamp !== undefined) document.disk = "same";
    this.#arranged.emit();
  }

  /** Says once what became of the file. */
  #warn(document: OpenDocument, disk: "removed" | "changed", text: string): void {
    if (document.disk === disk) return;
    document.disk = disk;
    this.#options.notify("warning", text);
    this.#arranged.emit();
  }

  async #followFile(document: OpenDocument): Promise<void> {
    const { path } = document;
    const { workspace, notify, clock } = this.#options;
    const file = await workspace.readText(path);
    // Typed in, saved, renamed or closed while we read: begin again.
    if (document.content.modified || !this.#isAt(document, path)) return this.checkFile(document);
    this.#take(document, file);
    const { editing } = document;
    notify(
      "info",
      editing.kind === "theirs"
        ? `${editing.name} saved ${document.name}.`
        : `${document.name} was changed outside this editor. You see the new text.`,
    );
    await new Promise<void>((resolve) => void clock.after(followPauseMs, resolve));
    this.#arranged.emit();
  }

  /** Documents follow a renamed file or folder. Returns those that did, with their old paths. */
  moved(from: string, to: string): readonly (readonly [OpenDocument, string])[] {
    const moved = this.#below(from).map((document) => [document, document.path] as const);
    for (const [document] of moved) {
      // While the rename was under way the file seemed to be gone.
      if (document.disk === "removed") document.disk = "same";
      document.path = to + document.path.slice(from.length);
      this.#watch(document);
    }
    this.#arranged.emit();
    return moved;
  }

  /** The files are gone: documents keep their text, and say so. */
  removed(path: string): void {
    for (const document of this.#below(path)) document.disk = "removed";
    this.#arranged.emit();
  }

  /** The stamp of what is at a path now; undefined for nothing. */
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

  #watch(document: OpenDocument): void {
    const path = document.path;
    const check = (): void => {
      if (document.path === path) this.#checkSoon(document);
    };
    const watch = this.#options.workspace.watch([path], check);
    this.#scopes.get(document)?.own(watch);
    // Between reading the file and watching it, it can have changed.
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

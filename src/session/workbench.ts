/**
 * A person's workbench: open documents, file tree, console, the last notice. It knows no screen and no connection; clients draw
 * from it and call it. Methods that a person starts throw UserErrors; the client shows them.
 */
import { UserError, report } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { TerminalSize } from "../base/terminal.ts";
import type { Clip } from "../editor/types.ts";
import type { Role } from "../auth/roles.ts";
import type { RateLimiter } from "../limits/rate.ts";
import type { Runner } from "../runner/runner.ts";
import type { JailPlace } from "../runner/place.ts";
import { describe as describeOutcome } from "../runner/outcome.ts";
import type { Stamp, Workspace } from "../workspace/workspace.ts";
import { Console } from "./console.ts";
import { FileTree } from "./file-tree.ts";
import { OpenDocument } from "./open-document.ts";
import type { Recovery, SessionRecovery } from "./recovery.ts";

export interface Person {
  readonly username: string;
  readonly role: Role;
  readonly name: string | undefined;
}

/** What one line in the status bar tells: it stays for 5 s, an error until the next key. */
export interface Notice {
  readonly kind: "info" | "success" | "warning" | "error";
  readonly text: string;
}

/** What a client should draw again. */
export type Change = "documents" | "document" | "tree" | "console" | "notice";

export interface WorkbenchOptions {
  readonly id: string;
  readonly person: Person;
  readonly workspace: Workspace;
  readonly place: JailPlace;
  readonly runner: Runner;
  readonly runs: RateLimiter;
  readonly recovery: Recovery;
  readonly isLive: (session: string) => boolean;
  readonly courseName: string;
  readonly openFiles: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Unsaved text goes to the recovery directory this often at most. */
const recoveryMilliseconds = 1000;

export class Workbench implements AsyncDisposable {
  readonly id: string;
  readonly person: Person;
  readonly courseName: string;
  readonly startedAt: number;
  readonly workspace: Workspace;
  readonly tree: FileTree;
  readonly console: Console;
  readonly #options: WorkbenchOptions;
  readonly #scope: Scope;
  readonly #recovery: SessionRecovery;
  readonly #changed = new Emitter<Change>();
  readonly #noticed = new Emitter<Notice>();
  readonly #ended = new Emitter<string>();
  readonly #documents: OpenDocument[] = [];
  readonly #documentScopes = new Map<OpenDocument, Scope>();
  readonly #kept = new Map<OpenDocument, number>();
  #active: OpenDocument | undefined;
  #clipboard: Clip = { text: "", wholeLine: false };

  constructor(options: WorkbenchOptions) {
    this.#options = options;
    this.id = options.id;
    this.person = options.person;
    this.courseName = options.courseName;
    this.workspace = options.workspace;
    this.startedAt = options.clock.now();
    this.#scope = new Scope(`session ${options.id}`);
    this.#recovery = options.recovery.forSession(options.person.username, options.id);
    this.tree = new FileTree(options.workspace, options.log);
    this.console = this.#scope.own(
      new Console({ runner: options.runner, place: options.place, size: { columns: 80, rows: 10 } }),
    );
    this.#scope.own(this.tree.onChange(() => this.#changed.emit("tree")));
    this.#scope.own(this.console.onChange(() => this.#changed.emit("console")));
    this.#scope.own(
      this.console.onFinished((result) => {
        if (result.outcome.kind !== "exited") this.notify("warning", describeOutcome(result.outcome));
      }),
    );
    this.#scope.own(options.clock.every(recoveryMilliseconds, () => void this.keepUnsaved()));
  }

  get onChange() {
    return this.#changed.on;
  }

  get onNotice() {
    return this.#noticed.on;
  }

  /** The session is to end for a reason the person should read; clients leave. */
  get onEnd() {
    return this.#ended.on;
  }

  get documents(): readonly OpenDocument[] {
    return this.#documents;
  }

  get active(): OpenDocument | undefined {
    return this.#active;
  }

  get unsaved(): readonly OpenDocument[] {
    return this.#documents.filter((document) => document.modified);
  }

  /** What was cut or copied last; shared by all documents of the session. */
  get clipboard(): Clip {
    return this.#clipboard;
  }

  set clipboard(clip: Clip) {
    this.#clipboard = clip;
  }

  /** Opens what a person sees first: their files, and unsaved work of a session that broke off, or welcome.py. */
  async begin(size: TerminalSize): Promise<void> {
    this.console.resize(size);
    this.console.start();
    for (const root of this.workspace.roots()) {
      if (root.path === this.home || root.path === "/course") await this.tree.expand(root.path);
    }
    await this.#recover();
    if (this.#documents.length > 0) return;
    const welcome = `${this.home}/welcome.py`;
    if (this.tree.rows.some((row) => row.path === welcome)) await this.open(welcome);
  }

  get home(): string {
    return `/home/${this.person.username}`;
  }

  /** Asks every client to leave and show `reason`; unsaved text is kept. */
  end(reason: string): void {
    this.#ended.emit(reason);
  }

  notify(kind: Notice["kind"], text: string): void {
    this.#noticed.emit({ kind, text });
    this.#changed.emit("notice");
  }

  /** Opens a file, or shows it when it is open already. */
  async open(path: string): Promise<OpenDocument> {
    const known = this.#documents.find((document) => document.path === path);
    if (known) {
      this.activate(known);
      return known;
    }
    if (this.#documents.length >= this.#options.openFiles) {
      throw new UserError("too-many-entries", `${this.#documents.length} files are open already`, "Close one first (Ctrl-W).");
    }
    const file = await this.workspace.readText(path);
    // Two quick Enters on one file read it twice: only the first becomes a document.
    const raced = this.#documents.find((document) => document.path === path);
    if (raced) {
      this.activate(raced);
      return raced;
    }
    const document = new OpenDocument(path, file);
    this.#add(document);
    if (!file.writable) this.notify("info", `${document.name} is read-only. F10 copies it to your own files.`);
    return document;
  }

  activate(document: OpenDocument): void {
    this.#active = document;
    this.#changed.emit("documents");
  }

  /** Shows the next (1) or previous (-1) open document. */
  step(direction: 1 | -1): void {
    const count = this.#documents.length;
    if (count === 0 || !this.#active) return;
    const next = this.#documents[(this.#documents.indexOf(this.#active) + direction + count) % count];
    if (next) this.activate(next);
  }

  /** Closes a document; the caller has asked about unsaved changes: they are given up. */
  async close(document: OpenDocument): Promise<void> {
    const index = this.#documents.indexOf(document);
    if (index < 0) return;
    this.#documents.splice(index, 1);
    this.#kept.delete(document);
    const scope = this.#documentScopes.get(document);
    this.#documentScopes.delete(document);
    if (this.#active === document) this.#active = this.#documents[Math.min(index, this.#documents.length - 1)];
    this.#changed.emit("documents");
    await scope?.close();
    await this.#recovery.forget(document.path);
  }

  /**
   * Saves a document. Throws `changed-on-disk` when the file is not what was read, unless `overwrite` is set; whatever goes
   * wrong, the text stays in the document and the old file stays whole.
   */
  async save(document: OpenDocument, options: { overwrite?: boolean } = {}): Promise<void> {
    while (document.saving) await document.saving;
    if (document.readOnly) {
      throw new UserError("read-only", `${document.name} can't be changed here`, "F10 copies it to your own files.");
    }
    const saving = this.#write(document, document.path, options.overwrite ?? false);
    document.saving = saving;
    try {
      await saving;
    } finally {
      document.saving = undefined;
      this.#changed.emit("documents");
    }
  }

  /** Copies a read-only file into the person's own files and opens the copy; returns its path. */
  async copyHome(document: OpenDocument): Promise<string> {
    const path = await this.#freeName(document.name);
    await this.workspace.writeText(path, document.editor.text(), document.format);
    await this.tree.refresh(this.home);
    await this.open(path);
    this.notify("success", `Copied to your files as ${path.slice(path.lastIndexOf("/") + 1)}.`);
    return path;
  }

  /** Takes the file's text from disk; undo brings the person's own text back. */
  async reload(document: OpenDocument): Promise<void> {
    const file = await this.workspace.readText(document.path);
    document.editor.reload(file.text);
    document.stamp = file.stamp;
    document.disk = "same";
    this.#changed.emit("documents");
  }

  /** Saves the active document and runs it in a fresh jail. */
  async run(): Promise<void> {
    const document = this.#active;
    if (!document) throw new UserError("file-not-found", "no file is open", "Open a Python file first: F2 shows your files.");
    if (!document.path.endsWith(".py")) {
      throw new UserError("not-a-file", `${document.name} is not a Python file`, "Only files that end in .py can be run.");
    }
    if (document.modified && !document.readOnly) await this.save(document);
    const taken = this.#options.runs.take(this.person.username);
    if (!taken.allowed) {
      throw new UserError(
        "too-many-runs",
        "that was many runs in a short time",
        `Try again in ${Math.ceil(taken.retryAfterSeconds)} seconds.`,
      );
    }
    this.console.run(document.path);
    this.#options.log.info("run started", { session: this.id, user: this.person.username });
  }

  /** Creates an empty file and opens it. */
  async createFile(path: string): Promise<void> {
    await this.workspace.createFile(path);
    await this.#refreshParent(path);
    await this.open(path);
  }

  async createDirectory(path: string): Promise<void> {
    await this.workspace.createDirectory(path);
    await this.#refreshParent(path);
  }

  /** Renames a file or folder; open documents follow. */
  async rename(from: string, to: string): Promise<void> {
    await this.workspace.rename(from, to);
    for (const document of this.#documents) {
      if (document.path !== from && !document.path.startsWith(`${from}/`)) continue;
      const old = document.path;
      // While the rename was under way the file seemed to be gone.
      if (document.disk === "removed") document.disk = "same";
      document.path = to + document.path.slice(from.length);
      this.#watch(document);
      this.#kept.delete(document);
      await this.#recovery.forget(old);
    }
    await this.#refreshParent(from);
    await this.#refreshParent(to);
    this.#changed.emit("documents");
  }

  /** Deletes a file or a whole folder. Open documents keep their text, and say that the file is gone. */
  async remove(path: string): Promise<void> {
    await this.workspace.remove(path, { recursive: true });
    for (const document of this.#documents) {
      if (document.path === path || document.path.startsWith(`${path}/`)) document.disk = "removed";
    }
    await this.#refreshParent(path);
    this.#changed.emit("documents");
  }

  /** Writes unsaved texts to the recovery directory; a failure is told once per text, and tried again with the next. */
  async keepUnsaved(): Promise<void> {
    for (const document of this.#documents) {
      const revision = document.editor.revision;
      if (!document.modified || this.#kept.get(document) === revision) continue;
      this.#kept.set(document, revision);
      try {
        await this.#recovery.keep({
          path: document.path,
          text: document.editor.text(),
          stamp: document.stamp,
          at: new Date(this.#options.clock.now()).toISOString(),
        });
      } catch (error) {
        const told = report(error, this.#options.log, { session: this.id });
        this.notify("error", `Unsaved changes can't be kept safe (${told.message}). Save now: Ctrl-S.`);
      }
    }
  }

  /** Ends the session: unsaved text is kept for the next one, the console and its programs end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#scope.closed) return this.#scope.close();
    await this.keepUnsaved();
    return this.#scope.close();
  }

  /** Gives up all unsaved changes: the person chose to. */
  async discardUnsaved(): Promise<void> {
    for (const document of this.unsaved) await this.close(document);
  }

  async #write(document: OpenDocument, path: string, overwrite: boolean): Promise<void> {
    const text = document.editor.text();
    const written = document.editor.state;
    const expected = document.disk === "removed" ? undefined : document.stamp;
    const stamp = await this.workspace.writeText(path, text, { expected, overwrite, ...document.format });
    const added = document.disk !== "same";
    document.stamp = stamp;
    document.disk = "same";
    document.savedAt = this.#options.clock.now();
    // What was typed while the file was being written is not saved yet.
    document.editor.markSaved(written);
    this.#kept.delete(document);
    if (!document.editor.modified) await this.#recovery.forget(path);
    if (added) await this.#refreshParent(path);
  }

  #add(document: OpenDocument): void {
    const scope = this.#scope.child(`document ${document.name}`);
    this.#documentScopes.set(document, scope);
    this.#documents.push(document);
    scope.defer(document.editor.onChange(() => this.#changed.emit("document")));
    this.#watch(document);
    this.activate(document);
  }

  #watch(document: OpenDocument): void {
    const scope = this.#documentScopes.get(document);
    const path = document.path;
    const look = (): void => {
      if (document.path === path) void this.#lookAtDisk(document);
    };
    const watch = this.workspace.watch([path], look);
    scope?.own(watch);
    // Between reading the file and watching it, it can have changed.
    void watch.ready.then(look);
  }

  /** The file behind a document changed: an unmodified document follows it, a modified one says so and keeps its text. */
  async #lookAtDisk(document: OpenDocument): Promise<void> {
    try {
      while (document.saving) await document.saving;
      const path = document.path;
      const found = await this.#stampOf(path);
      if (document.path !== path || !this.#documents.includes(document)) return;
      if (found === document.stamp) {
        if (document.disk === "removed" && found !== undefined) document.disk = "same";
      } else if (found === undefined) {
        document.disk = "removed";
        this.notify("warning", `${document.name} was deleted. Its text is still here: Ctrl-S saves it again.`);
      } else if (document.editor.modified) {
        document.disk = "changed";
        this.notify("warning", `${document.name} was changed by another program. Saving will ask which to keep.`);
      } else {
        await this.reload(document);
        this.notify("info", `${document.name} was changed by another program; this is the new text.`);
      }
      this.#changed.emit("documents");
    } catch (error) {
      this.notify("error", report(error, this.#options.log, { session: this.id }).message);
    }
  }

  async #stampOf(path: string): Promise<Stamp | undefined> {
    try {
      return (await this.workspace.stat(path)).stamp;
    } catch (error) {
      if (error instanceof UserError && error.code === "file-not-found") return undefined;
      throw error;
    }
  }

  async #refreshParent(path: string): Promise<void> {
    await this.tree.refresh(path.slice(0, path.lastIndexOf("/")));
  }

  async #freeName(name: string): Promise<string> {
    const dot = name.lastIndexOf(".");
    const stem = dot > 0 ? name.slice(0, dot) : name;
    const ending = dot > 0 ? name.slice(dot) : "";
    for (let count = 1; count <= 100; count++) {
      const path = `${this.home}/${count === 1 ? name : `${stem}-${count}${ending}`}`;
      if ((await this.#stampOf(path)) === undefined) return path;
    }
    throw new UserError("exists", `there are many copies of ${name} already`, "Delete some of them first.");
  }

  async #recover(): Promise<void> {
    const { person, recovery, isLive, id } = this.#options;
    const claim = await recovery.claim(person.username, isLive, id);
    const restored: string[] = [];
    for (const entry of claim.entries) {
      try {
        restored.push(await this.#restore(entry.path, entry.text, entry.stamp));
      } catch (error) {
        const told = report(error, this.#options.log, { session: this.id });
        this.notify("error", `Unsaved changes of ${entry.path} can't be shown: ${told.message}`);
      }
    }
    await this.keepUnsaved();
    await claim.release();
    if (restored.length > 0) this.notify("warning", `Unsaved changes are back: ${restored.join(", ")}. Ctrl-S saves them.`);
  }

  async #restore(path: string, text: string, stamp: string | undefined): Promise<string> {
    const found = await this.#stampOf(path);
    if (found === undefined) {
      const document = new OpenDocument(path, undefined);
      document.replaceText(text);
      this.#add(document);
      return document.name;
    }
    const document = await this.open(path);
    if (document.readOnly) return document.name;
    document.replaceText(text);
    if (found !== stamp && document.editor.modified) {
      // The text was based on an older file: saving it must ask, as if the file had changed under an open document.
      document.stamp = stamp as Stamp | undefined;
      document.disk = "changed";
    }
    return document.name;
  }
}

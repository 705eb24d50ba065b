/**
 * A person's workbench: open documents, file tree, console, who is looking at it. It knows no screen and no connection, and outlives
 * both: clients come and go, draw from it and call it. Methods that a person starts throw UserErrors; the client shows them.
 */
import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import { Participant } from "../editor/participant.ts";
import type { Log } from "../base/log.ts";
import type { Clip } from "../editor/types.ts";
import { describe as describeOutcome } from "../runner/outcome.ts";
import type { Guard } from "../workspace/save.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { Allowances } from "./allowances.ts";
import { Attendance } from "./attendance.ts";
import { Console } from "./console.ts";
import { ConsoleRuns, type BusyRun, type RunPermit } from "./console-runs.ts";
import { EditLocks } from "./edit-locks.ts";
import { freeName } from "./free-name.ts";
import { FileTree } from "./file-tree.ts";
import { keepWritten, keptSentence, type Kept } from "./keep-written.ts";
import { OpenDocument } from "./open-document.ts";
import { OpenDocuments } from "./open-documents.ts";
import { Progress } from "./progress.ts";
import { RunLocks } from "./run-locks.ts";
import { StudentCopying } from "./student-copying.ts";
import { studentOf, type StudentPlace } from "./student-places.ts";
import { TreeWatch } from "./tree-watch.ts";
import { Unsaved } from "./unsaved.ts";
import { Viewers } from "./viewers.ts";
import type { Change, Notice, Person, Showing, WorkbenchOptions } from "./workbench-options.ts";

export type { Change, Notice, Person, Showing, WorkbenchOptions };

/** Unsaved text goes to the recovery directory this often at most: with the way there, a killed server then costs no more than the last second. */
const recoveryMilliseconds = 750;

export class Workbench implements AsyncDisposable {
  readonly id: string;
  readonly person: Person;
  /** The person among those who are at its documents. */
  readonly owner: Participant;
  readonly courseName: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly workspace: Workspace;
  readonly tree: FileTree;
  readonly console: Console;
  /** Who is looking at this session, and since when nobody is. */
  readonly attendance: Attendance;
  /** How the person gets on: for teachers. */
  readonly progress: Progress;
  /** Who else sees it. */
  readonly viewers: Viewers;
  readonly #options: WorkbenchOptions;
  readonly #scope: Scope;
  readonly #documents: OpenDocuments;
  readonly #locks: EditLocks;
  readonly #runs: ConsoleRuns;
  readonly #allowances: Allowances;
  readonly #unsaved: Unsaved;
  readonly #copying: StudentCopying;
  readonly #changed = new Emitter<Change>();
  readonly #noticed = new Emitter<Notice>();
  readonly #ended = new Emitter<string>();
  #clipboard: Clip = { text: "", wholeLine: false };
  #begun: Promise<void> | undefined;
  #settled = false;
  #guests = 0;

  constructor(options: WorkbenchOptions) {
    const { id, person, workspace, clock, log } = options;
    this.#options = options;
    this.id = id;
    this.person = person;
    this.owner = new Participant({ name: person.name?.trim() || person.username });
    this.courseName = options.courseName;
    this.workspace = workspace;
    this.startedAt = clock.now();
    this.attendance = new Attendance(clock);
    this.viewers = new Viewers({ clock, notify: (text) => this.#tell({ kind: "info", text, to: "owner" }) });
    this.#allowances = new Allowances(options);
    this.#scope = new Scope(`session ${id}`);
    const notify = (kind: Notice["kind"], text: string): void => this.notify(kind, text);
    const guardOf = (document: OpenDocument) => this.#locks.guardOf(document);
    this.#documents = new OpenDocuments({ scope: this.#scope, workspace, owner: this.owner, limit: options.openFiles, notify, guardOf, clock, log });
    this.#locks = this.#scope.own(
      new EditLocks({
        session: id,
        person,
        locks: options.locks,
        takeOverSeconds: options.takeOverSeconds,
        documents: () => this.documents,
        isAway: () => this.attendance.awaySince !== undefined,
        notify,
        look: (document) => this.#documents.look(document),
        changed: () => this.#changed.emit("documents"),
        clock,
        log,
      }),
    );
    this.#unsaved = this.#scope.own(
      new Unsaved({
        session: id, username: person.username, documents: this.#documents, recovery: options.recovery, isLive: options.isLive,
        open: (path) => this.open(path), notify, clock, log,
      }),
    );
    this.tree = new FileTree(workspace, log);
    // Before the console: a program has ended before its lock is given back.
    this.#runs = this.#scope.own(
      new ConsoleRuns({
        locks: new RunLocks({ locks: options.locks, person, session: id, clock, log }),
        console: () => this.console,
        onRestored: options.locks.onRestored,
        notify,
        clock,
      }),
    );
    this.console = this.#scope.own(
      new Console({ runner: options.runner, place: options.place, size: { columns: 80, rows: 10 }, turns: options.turns, clock, log }),
    );
    this.#copying = this.#scope.own(new StudentCopying({ places: options.studentPlaces, person, notify, clock }));
    this.progress = this.#scope.own(new Progress({ attendance: this.attendance, console: this.console, clock }));
    this.#scope.own(this.#documents.onEdit(({ document }) => {
      this.#locks.edited(document);
      this.#changed.emit("document");
    }));
    this.#scope.own(this.#documents.onArrange(() => this.#changed.emit("documents")));
    this.#scope.own(this.tree.onChange(() => this.#changed.emit("tree")));
    this.#scope.own(this.console.onChange(() => this.#changed.emit("console")));
    this.#scope.own(new TreeWatch({ tree: this.tree, workspace, attendance: this.attendance, courseChanges: options.courseChanges }));
    this.#scope.own(
      this.console.onFinished((result) => {
        const stopped = this.#runs.ended();
        if (stopped !== undefined) this.notify("warning", stopped);
        else if (result.outcome.kind !== "exited") this.notify("warning", describeOutcome(result.outcome));
      }),
    );
    this.#scope.own(clock.every(recoveryMilliseconds, () => this.#unsaved.keepSoon()));
  }

  get onChange() {
    return this.#changed.on;
  }

  /** A program that was started from here has ended. */
  get onRunEnd() {
    return this.console.onFinished;
  }

  get onNotice() {
    return this.#noticed.on;
  }

  /** The session ends for a reason that the person should read; clients leave. */
  get onEnd() {
    return this.#ended.on;
  }

  /** A document is closed; `next` takes its place where it was shown. */
  get onClosed() {
    return this.#documents.onClosed;
  }

  /** The session has opened what was left of the last one. */
  get settled(): boolean {
    return this.#settled;
  }

  get documents(): readonly OpenDocument[] {
    return this.#documents.list;
  }

  /** What the person had before them last, in whichever window. */
  get active(): OpenDocument | undefined {
    return this.#documents.active;
  }

  get unsaved(): readonly OpenDocument[] {
    return this.documents.filter((document) => document.modified);
  }

  /** What was cut or copied last; shared by all documents of the session. */
  get clipboard(): Clip {
    return this.#clipboard;
  }

  set clipboard(clip: Clip) {
    this.#clipboard = clip;
  }

  get home(): string {
    return `/home/${this.person.username}`;
  }

  /**
   * Opens what a person sees first: their files, and unsaved work of a session that broke off, or welcome.py. Later clients of the
   * same session find it as it is.
   */
  begin(): Promise<void> {
    this.#begun ??= this.#begin().finally(() => (this.#settled = true));
    return this.#begun;
  }

  /** Asks every client to leave and show `reason`; unsaved text is kept. */
  end(reason: string): void {
    this.#ended.emit(reason);
  }

  notify(kind: Notice["kind"], text: string): void {
    this.#tell({ kind, text });
  }

  /** A cursor is somewhere else now: everybody who looks on sees it. */
  cursorMoved(): void {
    this.#changed.emit("document");
  }

  /** Somebody else who is to look at this session, in a colour of their own, and who writes only while `mayEdit`. One for all of a person's views. */
  guest(name: string, { mayEdit = false }: { readonly mayEdit?: boolean } = {}): Participant {
    this.#guests++;
    return new Participant({ name, color: this.#guests, mayEdit });
  }

  /** The files once more, with nothing unfolded: for a guest. */
  newTree(): FileTree {
    return new FileTree(this.workspace, this.#options.log);
  }

  get log(): Log {
    return this.#options.log;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** A file as it is now, which nobody can edit and which is not among the open ones: for a guest. */
  async peek(path: string): Promise<OpenDocument> {
    const file = await this.workspace.readText(path);
    return new OpenDocument({ path, file: { ...file, writable: false }, fileBytes: this.workspace.fileBytes, owner: this.owner });
  }

  /** Opens a file. */
  async open(path: string, { show = true }: Showing = {}): Promise<OpenDocument> {
    const before = this.documents.length;
    const document = await this.#documents.open(path, show);
    if (this.documents.length > before) await this.#locks.claim(document);
    return document;
  }

  /** The next client begins with this document. */
  activate(document: OpenDocument): void {
    this.#documents.activate(document);
  }

  /** Closes a document; the caller has asked about unsaved changes: they are given up. */
  async close(document: OpenDocument): Promise<void> {
    if (!(await this.#documents.close(document))) return;
    await this.#unsaved.forget(document);
    await this.#locks.release(document);
  }

  /** See `OpenDocuments.save`. */
  async save(document: OpenDocument, options: { overwrite?: boolean } = {}): Promise<void> {
    this.#allowances.takeFileOperation();
    const settling = this.#locks.settle(document);
    if (settling) await settling;
    const isNew = await this.#documents.save(document, options.overwrite ?? false);
    this.#locks.saved(document);
    if (!document.content.modified) await this.#unsaved.forget(document);
    if (isNew) await this.#refreshParent(document.path);
  }

  /** Takes the file's text from disk; undo brings the person's own text back. */
  reload(document: OpenDocument): Promise<void> {
    return this.#documents.reload(document);
  }

  /** Documents whose text came back from an earlier session, though their files have changed meanwhile. Each is told once. */
  takeConflicts(): readonly OpenDocument[] {
    return this.#unsaved.takeConflicts().filter((document) => this.documents.includes(document));
  }

  /** Text or selection of a document changed. */
  get onEdit() {
    return this.#documents.onEdit;
  }

  /** Somebody asks for a file that is edited here. */
  get onAsked() {
    return this.#locks.onAsked;
  }

  /** Asks whoever edits a file to hand it over; see EditLocks. */
  takeOver(document: OpenDocument): Promise<void> {
    return this.#locks.takeOver(document);
  }

  /** Copies a read-only file into the person's own files and opens the copy; returns its path. */
  async copyHome(document: OpenDocument, how: Showing = {}): Promise<string> {
    const path = await freeName(this.home, document.fileName, async (taken) => (await this.#documents.stampOf(taken)) !== undefined);
    await this.workspace.writeText(path, document.content.text(), document.format);
    await this.tree.refresh(this.home);
    await this.open(path, how);
    const own = studentOf(document.path) === undefined ? "" : " It is yours now, and runs with all that you may do.";
    this.notify("success", `Copied to your files as ${path.slice(path.lastIndexOf("/") + 1)}.${own}`);
    return path;
  }

  /**
   * Saves a document and runs it in a fresh jail; a student's, below /students, as that student and on a copy. Where somebody else runs
   * it, nothing starts and the answer is who. Rejects with the signal's reason when it ends the copying.
   */
  async run(document: OpenDocument | undefined = this.active, signal?: AbortSignal): Promise<BusyRun | undefined> {
    if (!document) throw new UserError("file-not-found", "no file is open", "Open a Python file first: F2 shows your files.");
    if (!document.path.endsWith(".py")) {
      throw new UserError("not-a-file", `${document.name} is not a Python file`, "Only files that end in .py can be run.");
    }
    // Asked for while the file is being saved: nobody waits for the answer alone.
    const claiming = this.#runs.claim(document.path);
    try {
      if (document.modified && !document.fileReadOnly) await this.save(document);
      await this.#allowances.takeRun();
    } catch (error) {
      void claiming.then((claim) => claim.release());
      throw error;
    }
    const claim = await claiming;
    if (claim.holder) return claim;
    if (studentOf(document.path) === undefined) this.#start(claim);
    else await this.#startAsStudent(claim, signal);
    return undefined;
  }

  /** Runs a file as soon as nobody else does; with `stop` the run of whoever does is stopped. Rejects with the signal's reason. */
  async runWhenFree(busy: BusyRun, how: { readonly stop: boolean; readonly signal: AbortSignal }): Promise<void> {
    this.#start(await this.#runs.wait(busy, how));
  }

  /** Keeps what the student's program in the console wrote on its copy: see `keepWritten`. */
  async keepWritten(): Promise<Kept> {
    const place = this.console.studentPlace;
    if (!place) throw new UserError("file-not-found", "no student's program was run here", "Run one first: F5 in a file below /students.");
    this.#allowances.takeFileOperation();
    const guardOf = (path: string): Guard | undefined => {
      const document = this.documents.find((each) => each.path === path);
      return document && this.#locks.guardOf(document);
    };
    const kept = await keepWritten(place, { person: this.person, session: this.id, workspace: this.workspace, locks: this.#options.locks, guardOf });
    this.notify(kept.left.length > 0 || !kept.complete ? "warning" : "success", keptSentence(kept));
    await this.tree.refresh();
    return kept;
  }

  /** Creates an empty file and opens it. */
  async createFile(path: string, how: Showing = {}): Promise<void> {
    this.#allowances.takeFileOperation();
    await this.workspace.createFile(path);
    await this.#refreshParent(path);
    await this.open(path, how);
  }

  async createDirectory(path: string): Promise<void> {
    this.#allowances.takeFileOperation();
    await this.workspace.createDirectory(path);
    await this.#refreshParent(path);
  }

  /** Renames a file or folder; open documents follow. */
  async rename(from: string, to: string): Promise<void> {
    this.#allowances.takeFileOperation();
    await this.workspace.rename(from, to);
    for (const [document, old] of this.#documents.moved(from, to)) {
      await this.#unsaved.forget(document, old);
      await this.#locks.release(document);
      await this.#locks.claim(document);
    }
    await this.#refreshParent(from);
    await this.#refreshParent(to);
  }

  /** Deletes a file or a whole folder. Open documents keep their text, and say that the file is gone. */
  async remove(path: string): Promise<void> {
    this.#allowances.takeFileOperation();
    await this.workspace.remove(path, { recursive: true });
    this.#documents.removed(path);
    await this.#refreshParent(path);
  }

  /** Makes unsaved texts safe. */
  async keepUnsaved(): Promise<void> {
    await this.#unsaved.keep();
  }

  /** Gives up all unsaved changes: the person chose to. */
  async discardUnsaved(): Promise<void> {
    for (const document of this.unsaved) await this.close(document);
  }

  /** Ends the session: unsaved text is kept for the next one, the console and its programs end. */
  async [Symbol.asyncDispose](): Promise<void> {
    // What is just coming back from an earlier session must be there first, or it would have no place. A failure is told by who began.
    await this.#begun?.catch(() => undefined);
    if (!this.#scope.closed) await this.keepUnsaved();
    return this.#scope.close();
  }

  async #begin(): Promise<void> {
    this.console.start();
    for (const root of this.workspace.roots()) {
      if (root.path === this.home || root.path === "/course") await this.tree.expand(root.path);
    }
    await this.#unsaved.recover();
    if (this.documents.length > 0) return;
    const welcome = `${this.home}/welcome.py`;
    if (this.tree.rows.some((row) => row.path === welcome)) await this.open(welcome);
  }

  #tell(notice: Notice): void {
    this.#noticed.emit(notice);
    this.#changed.emit("notice");
  }

  #start(permit: RunPermit, begin?: () => void): void {
    // What is started is what the person wants now, and not what is still being copied.
    this.#copying.stop();
    this.#runs.start(permit, begin);
    this.#options.log.info("run started", { session: this.id, user: this.person.username });
  }

  async #startAsStudent(permit: RunPermit, signal?: AbortSignal): Promise<void> {
    let place: StudentPlace | undefined;
    let owned = false;
    try {
      const opened = (place = await this.#copying.open(permit.path, signal));
      if (!opened) return permit.release();
      this.#start(permit, () => {
        this.console.runAsStudent(opened);
        owned = true;
      });
    } catch (error) {
      permit.release();
      throw error;
    } finally {
      if (!owned) await place?.[Symbol.asyncDispose]();
    }
  }

  async #refreshParent(path: string): Promise<void> {
    await this.tree.refresh(path.slice(0, path.lastIndexOf("/")));
  }
}

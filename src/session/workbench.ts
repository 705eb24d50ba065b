/**
 * A person's workbench: open documents, file tree, console, and who is attached. It knows no screen and no connection,
 * and outlives both: clients come and go, draw from it and call its parts. Methods that people call throw UserErrors,
 * which the client shows.
 */
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import { Participant } from "../editor/participant.ts";
import type { Log } from "../base/log.ts";
import type { Clip } from "../editor/types.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { Allowances } from "./allowances.ts";
import { Attendance } from "./attendance.ts";
import type { Console } from "./console.ts";
import { ConsoleRuns } from "./console-runs.ts";
import { Consoles } from "./consoles.ts";
import { Documents } from "./documents.ts";
import { EditLocks } from "./edit-locks.ts";
import { FileOperations } from "./file-operations.ts";
import { FileTree } from "./file-tree.ts";
import { KeptStatements } from "./kept-statements.ts";
import { OpenDocuments } from "./open-documents.ts";
import { ProgramErrors } from "./program-errors.ts";
import { StudentProgress } from "./student-progress.ts";
import { RunLocks } from "./run-locks.ts";
import { Runs } from "./runs.ts";
import { SessionLog } from "./session-log.ts";
import { SessionNotices } from "./session-notices.ts";
import { StudentCopying } from "./student-copying.ts";
import { TreeWatch } from "./tree-watch.ts";
import { Unsaved } from "./unsaved.ts";
import { Viewers } from "./viewers.ts";
import type {
  WorkbenchPart,
  Notice,
  SessionOwner,
  PublicAddress,
  Showing,
  WorkbenchOptions,
} from "./workbench-options.ts";

export type { WorkbenchPart, Notice, SessionOwner, Showing, WorkbenchOptions };

/** A session as data, with its parts. */
export class Workbench implements AsyncDisposable {
  readonly id: string;
  readonly person: SessionOwner;
  /** The owner as a participant of the documents. */
  readonly owner: Participant;
  readonly courseName: string;
  readonly publicAddress: PublicAddress;
  /** When the session began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The folder of the owner's own files, as a path. */
  readonly home: string;
  readonly workspace: Workspace;
  readonly notices: SessionNotices;
  readonly tree: FileTree;
  readonly documents: Documents;
  readonly files: FileOperations;
  /** Which documents are edited here, and which elsewhere. */
  readonly editLocks: EditLocks;
  readonly unsavedText: Unsaved;
  readonly consoles: Consoles;
  readonly runs: Runs;
  /** What failed last in the console that is shown, and the line that is marked for it. */
  readonly errors: ProgramErrors;
  /** The attached terminals, and since when there has been none. */
  readonly attendance: Attendance;
  /** How the owner is doing, for teachers. */
  readonly progress: StudentProgress;
  /** Who else sees the session. */
  readonly viewers: Viewers;
  readonly clock: Clock;
  readonly log: Log;
  /** What was cut or copied last, in any document. */
  clipboard: Clip = { text: "", wholeLine: false };
  readonly #scope: Scope;
  readonly #statements: KeptStatements;
  readonly #changed = new Emitter<WorkbenchPart>();
  readonly #ended = new Emitter<string>();
  #begun: Promise<void> | undefined;
  #hasBegun = false;

  // oxlint-disable-next-line max-lines-per-function -- wiring: a few lines for each part, in the order in which they need each other
  constructor(options: WorkbenchOptions) {
    const { id, person, workspace, locks, clock } = options;
    const sessionLog = new SessionLog(options.log, { session: id, user: person.username });
    const { log } = sessionLog;
    const scope = new Scope(`session ${id}`);
    this.#scope = scope;
    this.id = id;
    this.person = person;
    this.owner = new Participant({ name: person.name?.trim() || person.username });
    this.courseName = options.courseName;
    this.publicAddress = options.publicAddress;
    this.startedAt = clock.now();
    this.home = `/home/${person.username}`;
    this.workspace = workspace;
    this.clock = clock;
    this.log = log;

    const attendance = new Attendance(clock);
    const notices = new SessionNotices(() => this.#changed.emit("notice"));
    const notify = (kind: Notice["kind"], text: string): void => notices.tell(kind, text);
    const tree = new FileTree(workspace, log);
    this.attendance = attendance;
    this.notices = notices;
    this.tree = tree;
    this.viewers = new Viewers({ clock, notify: (text) => notices.tellOwner(text) });

    const allowances = new Allowances(options);
    const openDocuments = new OpenDocuments({
      scope,
      workspace,
      owner: this.owner,
      limit: options.openFiles,
      notify,
      clock,
      log,
    });
    const editLocks = scope.own(
      new EditLocks({
        session: id,
        person,
        locks,
        notify,
        clock,
        log,
        takeOverSeconds: options.takeOverSeconds,
        documents: () => openDocuments.list,
        isAway: () => attendance.awaySince !== undefined,
        checkFile: (document) => openDocuments.checkFile(document),
        changed: () => this.#changed.emit("documents"),
      }),
    );
    const { recovery, isLive } = options;
    const unsavedText = scope.own(
      new Unsaved({
        session: id,
        username: person.username,
        documents: openDocuments,
        recovery,
        isLive,
        notify,
        clock,
        log,
      }),
    );
    const documents = new Documents({ openDocuments, editLocks, unsavedText, tree, allowances });
    this.editLocks = editLocks;
    this.unsavedText = unsavedText;
    this.documents = documents;
    this.files = new FileOperations({
      workspace,
      home: this.home,
      tree,
      openDocuments,
      documents,
      notices,
      allowances,
    });

    this.#statements = scope.own(new KeptStatements({ directory: recovery.directoryOf(person.username), clock, log }));
    const consoles = new Consoles({
      limit: options.consoles,
      runner: options.runner,
      jailSpec: { ...options.jailSpec, together: id },
      notify,
      history: this.#statements.history,
      turns: options.turns,
      clock,
      log,
    });
    const consoleRuns = scope.own(
      new ConsoleRuns({
        locks: new RunLocks({ locks, person, session: id, clock, log }),
        onRestored: locks.onRestored,
        notify,
        clock,
      }),
    );
    // Closed after its runs: a program has ended before its lock is released.
    this.consoles = scope.own(consoles);
    const studentCopying = scope.own(
      new StudentCopying({ sandboxes: options.studentSandboxes, person, notify, clock }),
    );
    this.progress = scope.own(new StudentProgress({ attendance, consoles, clock }));
    this.runs = scope.own(
      new Runs({
        session: id,
        person,
        workspace,
        tree,
        documents,
        editLocks,
        locks,
        consoles,
        consoleRuns,
        studentCopying,
        notices,
        allowances,
        highestLimits: options.highestLimits,
        log: sessionLog,
      }),
    );
    // After the runs: what it leads to says more than that a run has ended.
    this.errors = scope.own(new ProgramErrors({ consoles, documents, mayExplain: options.mayExplain ?? (() => true) }));
    scope.own(
      new TreeWatch({ tree, workspace, attendance, documents: openDocuments, courseChanges: options.courseChanges }),
    );
    this.#follow(openDocuments);
  }

  /** The console that is shown. */
  get console(): Console {
    return this.consoles.shown;
  }

  /** Fires with the part that clients should draw again. */
  get onChange() {
    return this.#changed.on;
  }

  /** Fires with the reason when the session ends; clients show it and leave. */
  get onEnd() {
    return this.#ended.on;
  }

  /** Whether `begin` has finished. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * Opens what the owner sees first: their files, and unsaved work of a session that broke off, or welcome.py. Runs
   * once, however many clients call it.
   */
  begin(): Promise<void> {
    this.#begun ??= this.#begin().finally(() => (this.#hasBegun = true));
    return this.#begun;
  }

  /** Asks every client to leave and show `reason`. Unsaved text is kept. */
  end(reason: string): void {
    this.#ended.emit(reason);
  }

  /** Tells all clients that a cursor has moved. */
  cursorMoved(): void {
    this.#changed.emit("document");
  }

  /** Ends the session: unsaved text is kept for the next one, the console and its programs end. */
  async [Symbol.asyncDispose](): Promise<void> {
    // What is just coming back from an earlier session has to be there first, or it would be lost. The caller of
    // `begin` tells a failure.
    await this.#begun?.catch(() => undefined);
    if (!this.#scope.closed) await this.unsavedText.keep();
    return this.#scope.close();
  }

  /** Tells clients what changes in the parts. */
  #follow(openDocuments: OpenDocuments): void {
    const { editLocks, tree, consoles } = this;
    const changed = this.#changed;
    const scope = this.#scope;
    scope.own(
      openDocuments.onEdit(({ document }) => {
        editLocks.edited(document);
        changed.emit("document");
      }),
    );
    scope.own(openDocuments.onArrange(() => changed.emit("documents")));
    scope.own(this.errors.onMarked(() => changed.emit("document")));
    scope.own(tree.onChange(() => changed.emit("tree")));
    scope.own(consoles.followShown((console) => console.onChange(() => changed.emit("console"))));
    scope.own(consoles.followShown((console) => console.stepping.onChange(() => changed.emit("stepping"))));
    scope.own(consoles.followShown((console) => console.variables.onChange(() => changed.emit("variables"))));
    scope.own(
      consoles.onShow(() => {
        changed.emit("console");
        changed.emit("stepping");
        changed.emit("variables");
      }),
    );
  }

  async #begin(): Promise<void> {
    try {
      await Promise.all([this.#openFirst(), this.#statements.load()]);
    } finally {
      // Not before there is something to see: a Python takes more of the machine than all of that.
      this.console.start();
    }
  }

  async #openFirst(): Promise<void> {
    const { workspace, tree, home, unsavedText, documents } = this;
    for (const root of workspace.roots()) {
      if (root.path === home || root.path === "/course") await tree.expand(root.path);
    }
    await unsavedText.recover((path) => documents.open(path));
    if (documents.list.length > 0) return;
    const welcome = `${home}/welcome.py`;
    if (tree.rows.some((row) => row.path === welcome)) await documents.open(welcome);
  }
}

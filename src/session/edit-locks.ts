/**
 * Theory of operation: one session at a time edits a file. A document of the person's own asks for the lock
 * `edit:<path>` when it is opened. Of somebody else's file (a student's, the course's) the lock is asked for at the
 * first edit and released a while after the last save, so that a student is not shut out of a file that a teacher has
 * open. What is typed before the answer arrives is in the text at once, and stays there whatever the answer is. While
 * somebody else has the lock, the document is read-only and says who edits it. Taking over asks the holder, and does
 * not wait longer than a time-out; a holder who is away is not asked. Whoever loses the lock keeps the text, safe like
 * all unsaved text. Saves are made under the lock's fencing token, so a process that was stopped and wakes up late
 * can't write over newer work. What holds while the database is away is in locks/outage-policy.ts: files opened then
 * can be edited, and a document with an expired lease stays editable, but can't be saved until it is clear who edits
 * it. No key is lost in either case.
 */
import { counted } from "../base/counted.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Lock, Waiter } from "../locks/lock.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import { typedAheadMs } from "../locks/outage-policy.ts";
import type { SaveGuard } from "../workspace/save.ts";
import { canonicalPath, ownerText, parseOwner, type LockOwner } from "./lock-owner.ts";
import type { EditState, OpenDocument } from "./open-document.ts";
import type { Notice, SessionOwner } from "./workbench-options.ts";

/** What the edit locks need of their session. */
export interface EditLocksOptions {
  readonly session: string;
  readonly person: SessionOwner;
  readonly locks: LockManager;
  /** Seconds that the holder has to answer. */
  readonly takeOverSeconds: number;
  readonly documents: () => readonly OpenDocument[];
  /** Whether nobody is there to answer. */
  readonly isAway: () => boolean;
  readonly notify: (kind: Notice["kind"], text: string) => void;
  /** Compares the document with its file: the lock is ours now, and somebody else may have saved. */
  readonly checkFile: (document: OpenDocument) => Promise<void>;
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A request for a file that is edited here. */
export interface HandOverRequest {
  readonly document: OpenDocument;
  readonly from: LockOwner;
  /** Aborted when the request is withdrawn: the other person has the file by now, or has given up. */
  readonly withdrawn: AbortSignal;
  /** Hands the file over. */
  readonly handOver: () => Promise<void>;
}

interface Held {
  readonly lock: Lock;
  readonly scope: Scope;
  /** Releases the lock when the file has not been edited for a while. */
  rest: Disposable | undefined;
}

/** Milliseconds that opening a file waits for the lock; then it opens without. */
const patienceMs = 500;
/** Seconds that the database has to pass the lock on. */
const passSeconds = 5;
/** Milliseconds until a lock that could not be acquired is asked for again, for whatever reason. */
const againMs = 3000;
/**
 * Milliseconds after the last save of somebody else's file until its lock is released, unless the file is changed
 * again.
 */
const restMs = 60_000;

/** The edit locks of one session's documents. */
export class EditLocks implements AsyncDisposable {
  readonly #options: EditLocksOptions;
  readonly #scope = new Scope("edit locks");
  readonly #held = new Map<OpenDocument, Held>();
  readonly #asking = new Map<OpenDocument, Promise<void>>();
  /** Pending claims of documents that were edited without a lock. */
  readonly #editing = new Map<OpenDocument, Promise<void>>();
  readonly #asked = new Emitter<HandOverRequest>();
  /** Documents that somebody else edits by now, and that still take keys already on their way. */
  readonly #losing = new Map<OpenDocument, Disposable>();
  #again: Disposable | undefined;

  constructor(options: EditLocksOptions) {
    this.#options = options;
    this.#scope.defer(() => this.#again?.[Symbol.dispose]());
    this.#scope.defer(() => {
      for (const timer of this.#losing.values()) timer[Symbol.dispose]();
    });
    this.#scope.own(options.locks.onRestored(() => void this.#claimAll()));
  }

  /** Fires when somebody asks for a file that is edited here. */
  get onAsked() {
    return this.#asked.on;
  }

  /** The guard for saving a document: under its lock, or undefined where it can't have one. */
  guardOf(document: OpenDocument): SaveGuard | undefined {
    const held = this.#held.get(document);
    if (!held) return undefined;
    return (makeVisible) => this.#options.locks.fenced(held.lock, (fence) => makeVisible(() => fence.check()));
  }

  /**
   * Asks for the lock of a document that was opened. Resolves when it is clear who edits, after half a second at most.
   */
  async claim(document: OpenDocument): Promise<void> {
    if (document.fileReadOnly) return;
    await this.#patiently(this.#claim(document));
  }

  /** Notes that the document's text has changed, perhaps only because its file did. */
  edited(document: OpenDocument): void {
    if (!this.#isUnclaimed(document)) return;
    // A text that follows its file counts as saved once the change is complete.
    queueMicrotask(() => {
      if (document.content.modified) void this.#claimToEdit(document);
    });
  }

  /**
   * Resolves before a save when it is clear who edits, after half a second at most; undefined where it is clear
   * already.
   */
  whenClaimed(document: OpenDocument): Promise<void> | undefined {
    return this.#isUnclaimed(document) ? this.#patiently(this.#claimToEdit(document)) : undefined;
  }

  /**
   * Notes that a save has ended. The lock of somebody else's file is released later unless the file is changed again.
   */
  saved(document: OpenDocument): void {
    const held = this.#held.get(document);
    if (!held || !isForeign(document)) return;
    held.rest?.[Symbol.dispose]();
    held.rest = this.#options.clock.after(restMs, () => {
      held.rest = undefined;
      if (this.#held.get(document) !== held || document.content.modified || document.saving) return;
      void this.release(document).catch((error: unknown) => logBug(error, this.#options.log));
    });
  }

  async #patiently(answer: Promise<void>): Promise<void> {
    let stop: Disposable | undefined;
    const late = new Promise<void>((resolve) => (stop = this.#options.clock.after(patienceMs, resolve)));
    await Promise.race([answer, late]);
    stop?.[Symbol.dispose]();
  }

  /** Whether nobody is known to edit the document, here or elsewhere. */
  #isUnclaimed(document: OpenDocument): boolean {
    return (
      isForeign(document) && !document.fileReadOnly && document.editing.kind === "open" && !this.#held.has(document)
    );
  }

  /** Claims the lock once for all keys that arrive meanwhile. */
  #claimToEdit(document: OpenDocument): Promise<void> {
    const known = this.#editing.get(document);
    if (known) return known;
    const claiming = this.#take(document).finally(() => this.#editing.delete(document));
    this.#editing.set(document, claiming);
    return claiming;
  }

  /** Releases the lock of a document. */
  async release(document: OpenDocument): Promise<void> {
    this.#stopLosing(document);
    const held = this.#held.get(document);
    this.#held.delete(document);
    await held?.scope.close();
  }

  /** Asks the holder to hand over, and takes the lock when there is no answer. Throws `in-use` when even that fails. */
  takeOver(document: OpenDocument): Promise<void> {
    if (document.editing.kind !== "theirs") return this.claim(document);
    // Asking again waits for the same answer: a second request would, after the first is granted, ask this session
    // itself.
    const known = this.#asking.get(document);
    if (known) return known;
    const asking = this.#takeOver(document, document.editing.name).finally(() => this.#asking.delete(document));
    this.#asking.set(document, asking);
    return asking;
  }

  async #takeOver(document: OpenDocument, holderName: string): Promise<void> {
    const { locks, notify, clock } = this.#options;
    notify(
      "info",
      `You asked ${holderName} for ${document.name}. You can edit it within ${counted(this.#options.takeOverSeconds, "second")}.`,
    );
    const name = lockName(document.path);
    const [holder] = await locks.list(name);
    // By token, so that only the present holder loses the lock, and not somebody who has acquired it since.
    const force = (): void => {
      if (holder) void locks.forceRelease(name, holder.token).catch((error: unknown) => this.#without(document, error));
    };
    using _late = clock.after(this.#options.takeOverSeconds * 1000, force);
    const lock = await locks.acquire(name, {
      owner: this.#owner(),
      deadlineMs: (this.#options.takeOverSeconds + passSeconds) * 1000,
    });
    if (!this.#options.documents().includes(document)) return lock.release();
    this.#adopt(document, lock);
    await this.#options.checkFile(document);
    notify("success", `You can edit ${document.name} now.`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  /** Acquires the lock of a document that is edited; otherwise finds out who edits it. */
  #claim(document: OpenDocument): Promise<void> {
    return isForeign(document) && !document.content.modified ? this.#showHolder(document) : this.#take(document);
  }

  /** Shows who edits somebody else's file, without asking for its lock. */
  async #showHolder(document: OpenDocument): Promise<void> {
    if (this.#held.has(document)) return;
    try {
      const [holder] = await this.#options.locks.list(lockName(document.path));
      if (this.#held.has(document) || !this.#options.documents().includes(document)) return;
      const { session } = parseOwner(holder?.owner ?? "{}");
      if (holder && session !== this.#options.session) return this.#theirs(document, holder.owner, holder.since);
      if (document.editing.kind !== "open") this.#show(document, { kind: "open" });
      // Edited meanwhile.
      if (document.content.modified) await this.#claimToEdit(document);
    } catch (error) {
      this.#without(document, error);
    }
  }

  async #take(document: OpenDocument): Promise<void> {
    if (this.#held.has(document)) return;
    const before = document.editing;
    try {
      const attempt = await this.#options.locks.tryAcquire(lockName(document.path), { owner: this.#owner() });
      // Another claim was faster.
      if (this.#held.has(document)) return await attempt.lock?.release();
      if (!attempt.lock) {
        // Ours by another request: of the document that was closed a moment ago, or of a claim that is being answered.
        if (parseOwner(attempt.holder.owner).session === this.#options.session) return this.#askAgain();
        return this.#theirs(document, attempt.holder.owner, attempt.holder.since);
      }
      // Closed while the database answered.
      const wanted = this.#options.documents().includes(document) && !this.#scope.closed;
      if (!wanted) return await attempt.lock.release();
      this.#adopt(document, attempt.lock);
      // The other person has closed it, or has not edited it for a while.
      if (before.kind === "theirs")
        this.#options.notify("info", `You can edit ${document.name} now; nobody else is editing it.`);
    } catch (error) {
      this.#without(document, error);
    }
  }

  async #claimAll(): Promise<void> {
    for (const document of this.#options.documents()) {
      if (document.fileReadOnly || this.#held.has(document) || this.#asking.has(document)) continue;
      await this.#claim(document);
      if (document.editing.kind === "open") await this.#options.checkFile(document);
    }
  }

  #adopt(document: OpenDocument, lock: Lock): void {
    const scope = this.#scope.child(`lock of ${document.name}`);
    scope.defer(() => lock.release());
    const held: Held = { lock, scope, rest: undefined };
    scope.defer(() => held.rest?.[Symbol.dispose]());
    this.#held.set(document, held);
    const lost = (): void => void this.#lost(document, lock);
    lock.lost.addEventListener("abort", lost, { once: true });
    scope.defer(() => lock.lost.removeEventListener("abort", lost));
    scope.own(lock.onWanted((waiter) => this.#wanted(document, scope, lock, waiter)));
    this.#show(document, { kind: "open" });
    if (lock.lost.aborted) lost(); // between the answer and now
  }

  #wanted(document: OpenDocument, scope: Scope, lock: Lock, waiter: Waiter): void {
    const withdrawal = new AbortController();
    const unwanted = lock.onUnwanted(({ id }) => {
      if (id === waiter.id) withdrawal.abort();
    });
    scope.own(unwanted);
    scope.defer(() => withdrawal.abort());
    const handOver = async (): Promise<void> => {
      await this.release(document);
      this.#theirs(document, waiter.owner, new Date(this.#options.clock.now()));
    };
    if (this.#options.isAway()) return void handOver().catch((error: unknown) => logBug(error, this.#options.log));
    this.#asked.emit({ document, from: parseOwner(waiter.owner), withdrawn: withdrawal.signal, handOver });
  }

  async #lost(document: OpenDocument, lock: Lock): Promise<void> {
    const { notify } = this.#options;
    // First, because the lock may be acquired again at any moment after its release.
    this.#show(document, { kind: "suspended" });
    await this.release(document);
    if (lock.lostBecause === "lease") {
      return notify(
        "warning",
        `The server can't tell whether somebody else is editing ${document.name}. What you type is kept; you can save again in a moment.`,
      );
    }
    await this.#claim(document);
    if (document.editing.kind !== "open") return;
    // Released by the command `lock release`, and nobody waited: it is ours again.
    await this.#options.checkFile(document);
    notify("info", `An admin released ${document.name}. Nobody else asked for it, so you can keep editing.`);
  }

  #theirs(document: OpenDocument, owner: string, since: Date): void {
    const { user, name } = parseOwner(owner);
    const editing = { kind: "theirs", user, name, since: since.getTime() } as const;
    const before = document.editing;
    this.#askAgain();
    if (before.kind === "theirs" && before.user === user && before.since === editing.since) return;
    // It was ours a moment ago or seemed free, and the person may be in the middle of a word.
    const isTyping =
      before.kind === "suspended" || (before.kind === "open" && isForeign(document) && document.content.modified);
    if (!isTyping) return this.#show(document, editing);
    this.#stopLosing(document);
    this.#losing.set(document, document.lose(editing, this.#options.clock, typedAheadMs));
    this.#told(document);
    this.#options.notify(
      "warning",
      `${name} is editing ${document.name} now. Your text is kept here: Enter asks for the file${before.kind === "suspended" ? " back" : ""}, F10 keeps a copy of your own.`,
    );
  }

  #stopLosing(document: OpenDocument): void {
    this.#losing.get(document)?.[Symbol.dispose]();
    this.#losing.delete(document);
  }

  /**
   * Without the database everybody may edit: the files' stamps keep people from overwriting what they have not seen.
   */
  #without(document: OpenDocument, error: unknown): void {
    if (!(error instanceof UserError)) this.#options.log.error("no edit lock", { error });
    if (this.#held.has(document)) return;
    // "open" stays so, and whoever was known to edit the file before the outage still does.
    this.#askAgain();
  }

  /** Nothing will tell us that the lock can be acquired, so it is asked for again. */
  #askAgain(): void {
    if (this.#scope.closed) return;
    this.#again ??= this.#options.clock.after(againMs, () => {
      this.#again = undefined;
      void this.#claimAll();
    });
  }

  #show(document: OpenDocument, editing: EditState): void {
    this.#stopLosing(document);
    document.editing = editing;
    this.#told(document);
  }

  #told({ path, editing }: OpenDocument): void {
    this.#options.log.debug("who edits", { session: this.#options.session, path, editing: editing.kind });
    this.#options.changed();
  }

  #owner(): string {
    return ownerText(this.#options.person, this.#options.session);
  }
}

/** Whether the file is not the person's own: a student's, or the course's. */
function isForeign({ path }: OpenDocument): boolean {
  return !path.startsWith("/home/");
}

/** The name of a file's edit lock, the same for each of its paths. */
export function lockName(path: string): string {
  return `edit:${canonicalPath(path)}`;
}

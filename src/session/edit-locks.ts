/**
 * Theory of operation: one place at a time edits a file. A document of one's own asks for the lock `edit:<path>` when it is opened.
 * Somebody else's file (a student's, the course's) is only looked at: its lock is asked for at the first edit, and given back a while
 * after the last one is saved, so that a student whose file a teacher has open is not shut out of it. What is typed while the answer
 * is on its way is in the text at once, and stays there whatever the answer is. Where somebody else has it, the document is read-only
 * and says who edits. Taking over is a question to the holder, and after a time-out no question any more; for whoever is away there is
 * none at all. Whoever loses the lock keeps the text; it is kept safe like all unsaved text. Saves are made under the lock's fencing
 * token, so a process that was stopped and wakes up late can't write over newer work. What holds while the database is away is in
 * locks/outage-policy.ts: whoever opens a file then may write, and a lock whose lease ended leaves its document writable, but not
 * savable until it is clear who edits. No key is lost in either case.
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

export interface EditLocksOptions {
  readonly session: string;
  readonly person: SessionOwner;
  readonly locks: LockManager;
  /** The holder has this long to answer. */
  readonly takeOverSeconds: number;
  readonly documents: () => readonly OpenDocument[];
  /** Nobody is there who could answer. */
  readonly isAway: () => boolean;
  readonly notify: (kind: Notice["kind"], text: string) => void;
  /** Looks at the file: the lock is ours now, and somebody else may have saved. */
  readonly checkFile: (document: OpenDocument) => Promise<void>;
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Somebody asks for a file that is edited here. */
export interface HandOverRequest {
  readonly document: OpenDocument;
  readonly from: LockOwner;
  /** Aborted when the question is settled: the asker has the file, or gave up. */
  readonly withdrawn: AbortSignal;
  /** Gives the file to the asker. */
  readonly handOver: () => Promise<void>;
}

interface Held {
  readonly lock: Lock;
  readonly scope: Scope;
  /** Gives the lock back when the file has rested. */
  rest: Disposable | undefined;
}

/** Opening a file waits this long for the lock's answer, in milliseconds; then it goes on without. */
const patienceMs = 500;
/** And the database this long to pass the lock on. */
const passSeconds = 5;
/** Milliseconds until a lock that could not be had is asked for again, whether for no good reason or since somebody else edits. */
const againMs = 3000;
/** Somebody else's file is given free when it was saved so long ago, and has not been changed since. */
const restMs = 60_000;

export class EditLocks implements AsyncDisposable {
  readonly #options: EditLocksOptions;
  readonly #scope = new Scope("edit locks");
  readonly #held = new Map<OpenDocument, Held>();
  readonly #asking = new Map<OpenDocument, Promise<void>>();
  /** The lock of a document that was only looked at is being asked for, since it was edited. */
  readonly #editing = new Map<OpenDocument, Promise<void>>();
  readonly #asked = new Emitter<HandOverRequest>();
  /** Documents that somebody else edits by now, and what is still on its way from the keyboard goes into. */
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

  get onAsked() {
    return this.#asked.on;
  }

  /** Makes a save under the document's lock, or without one where none could be had. */
  guardOf(document: OpenDocument): SaveGuard | undefined {
    const held = this.#held.get(document);
    if (!held) return undefined;
    return (place) => this.#options.locks.fenced(held.lock, (fence) => place(() => fence.check()));
  }

  /** Asks for the lock of a document that was opened. Resolves when it is clear who edits, at the latest after half a second. */
  async claim(document: OpenDocument): Promise<void> {
    if (document.fileReadOnly) return;
    await this.#patiently(this.#claim(document));
  }

  /** The document's text changed, perhaps only since its file did. */
  edited(document: OpenDocument): void {
    if (!this.#isUnclaimed(document)) return;
    // A text that follows its file counts as saved once it is in.
    queueMicrotask(() => {
      if (document.content.modified) void this.#claimToEdit(document);
    });
  }

  /** Before a save: resolves when it is clear who edits, at the latest after half a second; undefined where it is clear already. */
  whenClaimed(document: OpenDocument): Promise<void> | undefined {
    return this.#isUnclaimed(document) ? this.#patiently(this.#claimToEdit(document)) : undefined;
  }

  /** A save has ended: somebody else's file may be theirs again when nothing more is changed. */
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

  /** Nobody is known to edit it, and neither do we. */
  #isUnclaimed(document: OpenDocument): boolean {
    return (
      isForeign(document) && !document.fileReadOnly && document.editing.kind === "open" && !this.#held.has(document)
    );
  }

  /** Once for all keys that come meanwhile. */
  #claimToEdit(document: OpenDocument): Promise<void> {
    const known = this.#editing.get(document);
    if (known) return known;
    const claiming = this.#take(document).finally(() => this.#editing.delete(document));
    this.#editing.set(document, claiming);
    return claiming;
  }

  /** Gives the lock of a document back. */
  async release(document: OpenDocument): Promise<void> {
    this.#stopLosing(document);
    const held = this.#held.get(document);
    this.#held.delete(document);
    await held?.scope.close();
  }

  /** Asks the holder to hand over, and takes the lock when there is no answer. Throws `in-use` when even that fails. */
  takeOver(document: OpenDocument): Promise<void> {
    if (document.editing.kind !== "theirs") return this.claim(document);
    // Who asks again waits for the same answer: a second request would, once the first is granted, be a question to oneself.
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
    // By token: whoever has it by then after the holder of now is not robbed.
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

  /** The lock of a document that is edited; of one that is only looked at, whose it is. */
  #claim(document: OpenDocument): Promise<void> {
    return isForeign(document) && !document.content.modified ? this.#showHolder(document) : this.#take(document);
  }

  /** Shows who edits somebody else's file, without asking for it. */
  async #showHolder(document: OpenDocument): Promise<void> {
    if (this.#held.has(document)) return;
    try {
      const [holder] = await this.#options.locks.list(lockName(document.path));
      if (this.#held.has(document) || !this.#options.documents().includes(document)) return;
      const { session } = parseOwner(holder?.owner ?? "{}");
      if (holder && session !== this.#options.session) return this.#theirs(document, holder.owner, holder.since);
      if (document.editing.kind !== "open") this.#show(document, { kind: "open" });
      // Typed in meanwhile.
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
        // Ours under another request: of the document that was closed a moment ago, or of a claim that is being answered.
        if (parseOwner(attempt.holder.owner).session === this.#options.session) return this.#askAgain();
        return this.#theirs(document, attempt.holder.owner, attempt.holder.since);
      }
      // Closed while the database answered.
      const wanted = this.#options.documents().includes(document) && !this.#scope.closed;
      if (!wanted) return await attempt.lock.release();
      this.#adopt(document, attempt.lock);
      // Whoever edited it has closed it, or let it rest.
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
    // First: once it is given back, it may be ours again at any moment.
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
    // `lock release`, and nobody waited: it is ours again.
    await this.#options.checkFile(document);
    notify("info", `An admin released ${document.name}. Nobody else asked for it, so you can keep editing.`);
  }

  #theirs(document: OpenDocument, owner: string, since: Date): void {
    const { user, name } = parseOwner(owner);
    const editing = { kind: "theirs", user, name, since: since.getTime() } as const;
    const before = document.editing;
    this.#askAgain();
    if (before.kind === "theirs" && before.user === user && before.since === editing.since) return;
    // It was ours a moment ago, or seemed free, and its person may be in the middle of a word.
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

  /** Without the database everybody may write: the stamps of files keep people from overwriting what they have not seen. */
  #without(document: OpenDocument, error: unknown): void {
    if (!(error instanceof UserError)) this.#options.log.error("no edit lock", { error });
    if (this.#held.has(document)) return;
    // "open" stays so; and who was known to edit the file before the outage still does.
    this.#askAgain();
  }

  /** Nobody else is going to tell us that the lock can be had now. */
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

/** Not one's own: of a student, or of the course. */
function isForeign({ path }: OpenDocument): boolean {
  return !path.startsWith("/home/");
}

/** One file has one lock, under whichever path it is opened. */
export function lockName(path: string): string {
  return `edit:${canonicalPath(path)}`;
}

/**
 * Theory of operation: locks are rows in the database (migrations/0002_coordination.sql), held by nodes, which live by
 * a lease. A waiter is a row too, and a promise here; it holds no connection. Whoever releases a lock hands it to the
 * first waiter whose node is alive, and tells that waiter: directly when both are in one process, by NOTIFY otherwise.
 *
 * Answers and notifications can get lost with their connection. So every operation is safe to repeat, and the manager
 * compares what it knows with the tables after each reconnect, after each doubt, and every few beats: a missed grant is
 * taken up, a waiter whose row is gone queues again, a lock taken from us is reported as lost, and a row that nobody
 * here knows is given up. Nothing leaks for longer than that, and no waiter hangs.
 *
 * A lease alone can't stop a process that was suspended for a minute from finishing its write. `fenced` can.
 */
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter, type Event } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { timings } from "../base/measures.ts";
import { Scope } from "../base/scope.ts";
import type { Database } from "../db/database.ts";
import { compare } from "./comparison.ts";
import { DeadNodes } from "./dead-nodes.ts";
import { runFenced } from "./fence.ts";
import { HeldLock, type AcquireOptions, type LockAttempt, type Lock, type LockHome } from "./lock.ts";
import { LockBooks } from "./lock-books.ts";
import type { LockRequest } from "./lock-request.ts";
import { LockTable, type Grant, type Holder, type LockInfo, type NodeInfo } from "./lock-table.ts";
import { keyOf, waiterId } from "./lock-keys.ts";
import { NodeLease } from "./node-lease.ts";
import type { Beat } from "./node-lease-table.ts";
import { parseNotification, type Notification } from "./notification.ts";
import type { Machines } from "./outage-policy.ts";
import { draining, inUse, withoutLease } from "./refusals.ts";
import { CoalescedTask } from "./coalesced-task.ts";

/** What a manager works with. */
export interface LockManagerOptions {
  readonly database: Database;
  /** For the connection of the heartbeat. */
  readonly url: string;
  /** Name of this process in lists. */
  readonly name: string;
  readonly leaseSeconds: number;
  /** Which machines use the database: decides what holds while it is away, see outage-policy.ts. */
  readonly machines: Machines;
  readonly clock: Clock;
  readonly log: Log;
}

/** Beats between two comparisons when nothing is in doubt. */
const beatsBetweenComparisons = 4;

/** The locks of this process. */
export class LockManager implements LockHome, AsyncDisposable {
  readonly #options: LockManagerOptions;
  readonly #table: LockTable;
  readonly #lease: NodeLease;
  readonly #deadNodes: DeadNodes;
  readonly #scope = new Scope("locks");
  readonly #books = new LockBooks();
  readonly #background = new Set<Promise<void>>();
  readonly #comparison: CoalescedTask;
  readonly #restored = new Emitter<void>();
  readonly #lost = new Emitter<void>();
  #beats = 0;
  #closing: Promise<void> | undefined;

  private constructor(options: LockManagerOptions, lease: NodeLease) {
    this.#options = options;
    this.#table = new LockTable(options.database);
    this.#lease = lease;
    this.#comparison = new CoalescedTask(
      () => this.#compare(),
      (error) => this.#doubt(error),
    );
    this.#deadNodes = this.#scope.own(
      new DeadNodes({
        table: this.#table,
        lease,
        deliver: (grant) => this.#granted(grant),
        inBackground: (work) => this.#inBackground(work),
        doubt: (error) => this.#doubt(error),
        clock: options.clock,
        log: options.log,
      }),
    );
    this.#scope.own(lease.onBegan(() => this.#begin()));
    this.#scope.own(lease.onEnded(() => this.#loseAll()));
    this.#scope.own(lease.onBeat((beat) => this.#afterBeat(beat)));
    this.#scope.own(lease.onConnected(() => this.#comparison.ask()));
    this.#scope.own(lease.onNotification((payload) => this.#notified(parseNotification(payload))));
    lease.beat(); // the first beat passed before we listened
  }

  /** A manager with a lease. Throws `database-unavailable`. */
  static async start(options: LockManagerOptions): Promise<LockManager> {
    return new LockManager(options, await NodeLease.start(options));
  }

  /** Id of this process's lease; undefined while it has none. */
  get node(): string | undefined {
    return this.#lease.node;
  }

  /** Requests for locks that have not been granted. */
  get waiting(): number {
    return this.#books.requests.size;
  }

  /** Milliseconds since the last beat of the lease that the database took; undefined without a lease. */
  get leaseAgeMs(): number | undefined {
    return this.#lease.ageMs;
  }

  /** Whether this process may rely on its locks. */
  get live(): boolean {
    return this.#lease.node !== undefined;
  }

  /** Fires when the lease ended: all locks of this process were lost (each has said so before). */
  get onLost(): Event<void> {
    return this.#lost.on;
  }

  /** Fires when there is a lease again: what was lost can be acquired anew. Waiting requests need no help. */
  get onRestored(): Event<void> {
    return this.#restored.on;
  }

  /**
   * The lock `name`, first come, first served; a request in the queue survives an outage of the database. Rejects with
   * `in-use` at the deadline, the signal's reason, `draining` when the manager is closed meanwhile, `too-many-waiters`,
   * or `database-unavailable` when the queue could not be reached.
   */
  async acquire(name: string, options: AcquireOptions): Promise<Lock> {
    options.signal?.throwIfAborted();
    const began = timings.lockWait.start();
    const request = this.#newRequest(name, options.owner);
    const late = (): void => this.#fail(request, inUse(request.holder));
    using _deadline =
      options.deadlineMs === undefined ? undefined : this.#options.clock.after(options.deadlineMs, late);
    const abort = (): void => this.#fail(request, options.signal?.reason);
    options.signal?.addEventListener("abort", abort, { once: true });
    this.#send(request);
    try {
      const lock = await request.answered;
      timings.lockWait.end(began);
      return lock;
    } finally {
      options.signal?.removeEventListener("abort", abort);
    }
  }

  /** The lock if it is free, otherwise its holder. Throws `database-unavailable`, also while there is no lease. */
  async tryAcquire(name: string, { owner }: { readonly owner: string }): Promise<LockAttempt> {
    const node = this.#lease.node;
    if (!node) throw withoutLease();
    const began = timings.lockWait.start();
    const here = this.#options.database.available ? undefined : this.#books.holderOf(keyOf(name));
    if (here) return { holder: here };
    const request = this.#newRequest(name, owner);
    request.statements += 1; // never decremented: a comparison must not queue it
    try {
      const answer = await this.#table.acquire(node, request, { wait: false });
      this.#deliver(answer.next);
      if (answer.status === "granted") this.#granted({ node, request: request.id, token: answer.token ?? 0 });
      if (answer.status === "held" && answer.holder) return { holder: answer.holder };
      // Still there: the lease ended while the database answered.
      if (this.#books.requests.has(request.id)) throw withoutLease();
      const lock = await request.answered;
      timings.lockWait.end(began);
      return { lock };
    } catch (error) {
      this.#doubt(error);
      const holder = error instanceof UserError ? this.#books.holderOf(request.key) : undefined;
      if (holder) return { holder };
      throw error;
    } finally {
      this.#books.requests.delete(request.id);
    }
  }

  /** All locks of all processes, or the one of this name. */
  async list(name?: string): Promise<LockInfo[]> {
    return await this.#table.list(name === undefined ? undefined : keyOf(name));
  }

  /** All processes that hold a lease. */
  async nodes(): Promise<NodeInfo[]> {
    return await this.#table.nodes();
  }

  /**
   * Takes the lock from its holder, who is told, and gives it to the first in the queue. With `token` only if it is
   * still that acquisition: what a person saw a minute ago may be over. Resolves with whether it was released.
   */
  async forceRelease(name: string, token?: number): Promise<boolean> {
    const wanted = token ?? (await this.list(name))[0]?.token;
    if (wanted === undefined) return false;
    const answer = await this.#table.release(keyOf(name), wanted, this.#lease.node ?? "");
    const { held } = answer;
    if (held && held.node === this.#lease.node) this.#books.revoked(held.request);
    this.#deliver(answer.next);
    return answer.released;
  }

  /** Frees the locks of another process that has certainly ended (its parent saw it). */
  nodeDied(node: string): Promise<void> {
    return this.#deadNodes.free(node);
  }

  /**
   * Runs a write that only the holder of the lock may do, and keeps the lock from changing hands meanwhile. `write`
   * must be short (a rename, after the file was written beside): it holds a database connection. See fence.ts for what
   * is promised.
   */
  async fenced<T>(lock: Lock, write: (fence: { check(): void }) => Promise<T>): Promise<T> {
    if (!(lock instanceof HeldLock)) throw new TypeError("not a lock of this manager");
    const { database, clock, machines } = this.#options;
    return await runFenced({ database, lease: this.#lease, lock, machines, clock }, write);
  }

  /** Gives up all locks; waiting requests fail with `draining`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For `HeldLock`: releases it. */
  async release(lock: HeldLock): Promise<void> {
    this.#books.held.delete(lock.request);
    if (lock.node !== this.#lease.node) return; // the sweep of its lease frees the lock
    this.#books.leaving.add(lock.request);
    try {
      const answer = await this.#table.release(lock.key, lock.token, lock.node);
      this.#deliver(answer.next);
      // Perhaps an earlier attempt released it, and its answer, with the next grant, was lost.
      if (!answer.released) this.#comparison.ask();
    } catch (error) {
      this.#doubt(error);
    } finally {
      this.#books.leaving.delete(lock.request);
    }
  }

  #newRequest(name: string, owner: string): LockRequest {
    if (this.#closing) throw draining();
    return this.#books.request(name, owner);
  }

  /** Sends a request under the present lease; without one, `#begin` will. */
  #send(request: LockRequest): void {
    const send = async (): Promise<void> => {
      try {
        const node = this.#lease.node;
        if (!node || !this.#books.requests.has(request.id)) return;
        const answer = await this.#table.acquire(node, request, { wait: true });
        this.#deliver(answer.next);
        if (answer.status === "granted") this.#granted({ node, request: request.id, token: answer.token ?? 0 });
        if (answer.status === "queued") this.#queued(request, node, answer.holder);
        if (answer.status === "no-lease") this.#lease.beat();
      } catch (error) {
        // Requests that were in the queue before are sent again after a reconnect, or by the next comparison.
        if (!(error instanceof UserError) || !request.wasQueued) this.#fail(request, error);
        this.#doubt(error);
      } finally {
        request.statements -= 1;
      }
    };
    request.statements += 1;
    request.sending = request.sending.then(send);
  }

  #queued(request: LockRequest, node: string, holder: Holder | undefined): void {
    request.holder = holder;
    request.wasQueued = true;
    if (!holder || holder.node !== this.#lease.node || !this.#books.requests.has(request.id)) return;
    this.#books.wanted(holder.request, { id: waiterId(node, request.id), owner: request.owner });
  }

  #deliver(grant: Grant | undefined): void {
    if (grant) this.#granted(grant);
  }

  /** Takes up a lock that is ours. It goes to its request; if that gave up meanwhile, the comparison frees it. */
  #granted({ node, request: id, token }: Grant): void {
    if (node !== this.#lease.node || this.#books.held.has(id)) return;
    const request = this.#books.requests.get(id);
    if (!request) {
      if (!this.#books.leaving.has(id)) this.#comparison.ask();
      return;
    }
    this.#books.requests.delete(id);
    const lock = new HeldLock(this, {
      name: request.name,
      key: request.key,
      request: id,
      node,
      token,
      owner: request.owner,
      since: new Date(this.#options.clock.now()),
    });
    this.#books.held.set(id, lock);
    request.grant(lock);
    // It was in a queue: others may stand behind it, and its holder has to know of them.
    if (request.wasQueued) this.#inBackground(() => this.#lookForWaiters(lock));
  }

  async #lookForWaiters(lock: HeldLock): Promise<void> {
    const changes = lock.waiterChanges;
    const [info] = await this.#table.list(lock.key);
    if (info?.token === lock.token && lock.waiterChanges === changes) lock.setWaiters(info.waiters);
  }

  /** Ends a request without a lock. Its row is removed once no statement can bring it back. */
  #fail(request: LockRequest, error: unknown): void {
    if (!this.#books.requests.delete(request.id)) return;
    request.fail(error);
    this.#books.leaving.add(request.id);
    this.#inBackground(async () => {
      try {
        await request.sending;
        const node = this.#lease.node;
        if (!node) return;
        const { held, next } = await this.#table.withdraw(request.key, node, request.id);
        this.#deliver(next);
        if (held?.node === node) this.#books.held.get(held.request)?.removeWaiter(waiterId(node, request.id));
      } finally {
        this.#books.leaving.delete(request.id);
      }
    });
  }

  #notified(notification: Notification | undefined): void {
    if (!notification || notification.node !== this.#lease.node) return;
    switch (notification.kind) {
      case "granted":
        return this.#granted(notification);
      case "revoked":
        return this.#books.revoked(notification.request);
      case "wanted":
        return this.#books.wanted(notification.request, { id: notification.waiter, owner: notification.owner });
      case "unwanted":
        return this.#books.held.get(notification.request)?.removeWaiter(notification.waiter);
      default:
        return notification satisfies never;
    }
  }

  /** Queues all waiting requests under a new lease. */
  #begin(): void {
    for (const request of this.#books.requests.values()) this.#send(request);
    this.#restored.emit();
  }

  #loseAll(): void {
    this.#books.loseAll();
    this.#lost.emit();
  }

  #afterBeat(beat: Beat): void {
    this.#deadNodes.follow(beat);
    this.#beats += 1;
    if (this.#beats % beatsBetweenComparisons === 0) this.#comparison.ask();
  }

  async #compare(): Promise<void> {
    const node = this.#lease.node;
    if (!node) return;
    await compare(this.#table, node, this.#books, {
      granted: (grant) => this.#granted(grant),
      revoked: (request) => this.#books.revoked(request),
      send: (request) => this.#send(request),
      current: (id) => id === this.#lease.node,
    });
  }

  /** Notes that the outcome of a statement is unknown: a comparison follows as soon as one can be made. */
  #doubt(error: unknown): void {
    logBug(error, this.#options.log);
    this.#beats = -1;
  }

  /** Does work that nobody waits for. A comparison repairs what fails. */
  #inBackground(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => this.#doubt(error))
      .finally(() => this.#background.delete(running));
    this.#background.add(running);
  }

  async #close(): Promise<void> {
    this.#books.refuseAll(draining());
    await this.#scope.close();
    await this.#comparison.close();
    const node = await this.#lease.close();
    this.#loseAll();
    await Promise.all(this.#background);
    if (!node) return;
    try {
      await this.#table.forget(node);
      await this.#table.sweep("");
    } catch (error) {
      this.#doubt(error); // the lease will end by itself
    }
  }
}

/**
 * Theory of operation: a process holds one lease for all its locks, prolonged by a heartbeat on a connection of its
 * own, so that a full pool can't delay it. The lease ends in the database's time; this process counts it as ended a
 * little earlier, from the moment it SENT the last successful beat, on its own monotonic clock. So it never relies on a
 * lease that others may already have broken, as long as the two clocks run at about the same speed. A lease that ended
 * never comes back: the process gets a new one under a new node id, and whatever it held under the old one is lost.
 *
 * Where no other machine uses the database, time does not end the lease, however long the database is away: see
 * outage-policy.ts.
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import { Listener } from "../db/listener.ts";
import { beat, beginLease, type Beat } from "./node-lease-table.ts";
import { leaseEnd, type Machines } from "./outage-policy.ts";
import { identifyProcess, type ProcessIdentity } from "./process-identity.ts";
import { CoalescedTask } from "./coalesced-task.ts";

/** What a lease needs. */
export interface NodeLeaseOptions {
  readonly url: string;
  /** Name of this process in lists; need not be unique. */
  readonly name: string;
  /** How long the locks of a process that fell silent stay taken. */
  readonly leaseSeconds: number;
  readonly machines: Machines;
  readonly clock: Clock;
  readonly log: Log;
}

const beatsInLease = 4;

/**
 * Patience of the first beat: a server that starts on a busy machine may need longer than a short lease, and asks again
 * with each beat.
 */
const firstSeconds = 30;

/** The lease of this process. */
export class NodeLease implements AsyncDisposable {
  readonly #options: NodeLeaseOptions;
  readonly #identity: ProcessIdentity;
  readonly #listener: Listener;
  readonly #scope = new Scope("lease");
  readonly #base = randomBytes(8).toString("hex");
  readonly #began = new Emitter<string>();
  readonly #ended = new Emitter<void>();
  readonly #beaten = new Emitter<Beat>();
  #lives = 0;
  /** The present lease: its node id, and until when we rely on it (monotonic milliseconds). */
  #current: { readonly node: string; until: number } | undefined;
  /** When the last beat that succeeded was sent (monotonic milliseconds). */
  #beatenAt = 0;
  #expiry: Disposable | undefined;
  #previous: string | undefined;
  readonly #beating: CoalescedTask;

  private constructor(options: NodeLeaseOptions, identity: ProcessIdentity) {
    this.#options = options;
    this.#identity = identity;
    this.#beating = new CoalescedTask(
      () => (this.#current ? this.#prolong(this.#current) : this.#begin()),
      (error) => {
        if (error instanceof UserError) options.log.debug("no heartbeat", { error });
        else logBug(error, options.log);
      },
    );
    this.#listener = this.#scope.own(
      new Listener({
        ...options,
        channel: `classh_locks_${this.#base}`,
        timeoutSeconds: options.leaseSeconds / beatsInLease,
      }),
    );
    this.#scope.own(this.#listener.onConnected(() => this.beat()));
    this.#scope.own(options.clock.every((options.leaseSeconds * 1000) / beatsInLease, () => this.beat()));
  }

  /**
   * The first lease. Throws `database-unavailable` when there is none within half a minute, or the length of a lease if
   * that is longer.
   */
  static async start(options: NodeLeaseOptions): Promise<NodeLease> {
    const lease = new NodeLease(options, await identifyProcess());
    if (await lease.#firstLife()) return lease;
    await lease.#scope.close();
    throw new UserError(
      "database-unavailable",
      "the database can't be reached",
      "Check that it is running and that DATABASE_URL is right.",
    );
  }

  /** Node id of the present lease; undefined while there is none. */
  get node(): string | undefined {
    return this.remainingMs > 0 ? this.#current?.node : undefined;
  }

  /**
   * Milliseconds that the lease lasts if no further beat succeeds; 0 without one. Right also just after the process was
   * suspended.
   */
  get remainingMs(): number {
    return Math.max(0, (this.#current?.until ?? 0) - this.#options.clock.monotonic());
  }

  /** Milliseconds since the last beat that succeeded was sent; undefined without a lease. */
  get ageMs(): number | undefined {
    return this.#current && this.#options.clock.monotonic() - this.#beatenAt;
  }

  /** Fires with the node id of a new lease. */
  get onBegan() {
    return this.#began.on;
  }

  /** Fires when the lease is over: everything held under it is lost. */
  get onEnded() {
    return this.#ended.on;
  }

  get onBeat() {
    return this.#beaten.on;
  }

  /** Fires on each connection, before the beat that follows: notifications may have been missed. */
  get onConnected() {
    return this.#listener.onConnected;
  }

  get onNotification() {
    return this.#listener.onNotification;
  }

  /** Beats now: somebody doubts the lease, or wants to know about orphans. Never throws. */
  beat(): void {
    this.#beating.ask();
  }

  /** Stops beating; resolves with the node id that was held, so that its owner can end it in the database. */
  async close(): Promise<string | undefined> {
    const node = this.#current?.node;
    this.#end();
    await this.#scope.close();
    await this.#beating.close();
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #begin(): Promise<void> {
    if (!this.#listener.connected) return;
    const { name, leaseSeconds } = this.#options;
    const node = `${this.#base}_${(this.#lives += 1)}`;
    const sent = this.#options.clock.monotonic();
    await beginLease(this.#listener, {
      node,
      name,
      channel: `classh_locks_${this.#base}`,
      process: this.#identity,
      seconds: leaseSeconds,
      previous: this.#previous,
    });
    this.#previous = node;
    if (this.#scope.closed) return;
    this.#current = { node, until: 0 };
    this.#extend(this.#current, sent, true); // the next beat tells whether others use the database
    this.#options.log.info("lease began", { node, leaseSeconds });
    this.#began.emit(node);
    this.beat(); // tells about orphans and peers
  }

  async #prolong(current: { readonly node: string; until: number }): Promise<void> {
    const sent = this.#options.clock.monotonic();
    const row = await beat(this.#listener, current.node, this.#options.leaseSeconds, this.#options.machines === "one");
    if (this.#current !== current || !row) return;
    if (row.alive) {
      this.#extend(current, sent, row.others);
      this.#beaten.emit(row);
    } else {
      this.#end();
      this.beat();
    }
  }

  #extend(current: { until: number }, sent: number, others: boolean): void {
    const { machines, leaseSeconds } = this.#options;
    this.#beatenAt = sent;
    const end = leaseEnd(machines, sent, leaseSeconds, others);
    // Another machine came: a lease without an end has one now.
    current.until = current.until === Number.POSITIVE_INFINITY ? end : Math.max(current.until, end);
    this.#watch(current);
  }

  /** Waits for the end of the lease, with one timer per beat. */
  #watch(current: { readonly until: number }): void {
    const remaining = current.until - this.#options.clock.monotonic();
    this.#expiry?.[Symbol.dispose]();
    if (remaining === Number.POSITIVE_INFINITY) return;
    this.#expiry = this.#options.clock.after(Math.max(0, remaining), () => {
      if (this.#current !== current) return;
      if (this.remainingMs > 0) this.#watch(current);
      else this.#end();
    });
  }

  #end(): void {
    if (!this.#current) return;
    this.#expiry?.[Symbol.dispose]();
    if (!this.#scope.closed) this.#options.log.warn("lease ended", { node: this.#current.node });
    this.#current = undefined;
    this.#ended.emit();
  }

  /** Whether the first lease came in time. */
  async #firstLife(): Promise<boolean> {
    const releases: Disposable[] = [];
    const came = await new Promise<boolean>((resolve) => {
      releases.push(this.#began.on(() => resolve(true)));
      releases.push(
        this.#options.clock.after(Math.max(firstSeconds, this.#options.leaseSeconds) * 1000, () => resolve(false)),
      );
    });
    for (const release of releases) release[Symbol.dispose]();
    return came;
  }
}

import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Grant, LockTable } from "./lock-table.ts";
import type { NodeLease } from "./node-lease.ts";
import type { Beat } from "./node-lease-table.ts";
import { PeerWatch } from "./peer-watch.ts";
import { CoalescedTask } from "./coalesced-task.ts";

/** What freeing the locks of dead nodes needs. */
export interface DeadNodesOptions {
  readonly table: LockTable;
  readonly lease: NodeLease;
  /** Passes on a lock that was freed. */
  readonly deliver: (grant: Grant) => void;
  /** Does work that nobody waits for. */
  readonly inBackground: (work: () => Promise<void>) => void;
  /** Called when the outcome of a statement is unknown. */
  readonly doubt: (error: unknown) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Frees the locks of processes that have ended: at once if somebody saw it, otherwise when their lease ends. */
export class DeadNodes implements AsyncDisposable {
  readonly #options: DeadNodesOptions;
  readonly #scope = new Scope("dead nodes");
  readonly #peers: PeerWatch;
  readonly #sweep: CoalescedTask;

  constructor(options: DeadNodesOptions) {
    this.#options = options;
    const sweep = new CoalescedTask(() => this.#sweepOnce(), options.doubt);
    this.#scope.defer(() => sweep.close());
    this.#sweep = sweep;
    this.#peers = this.#scope.own(new PeerWatch(options));
    this.#scope.own(this.#peers.onDied(({ node }) => options.inBackground(() => this.free(node))));
  }

  /** Frees the locks of a process that has certainly ended. */
  async free(node: string): Promise<void> {
    await this.#options.table.forget(node);
    this.#sweep.ask();
  }

  /** Follows up what the last heartbeat found about other processes. */
  follow({ orphans, peers }: Beat): void {
    this.#peers.peers = peers;
    if (orphans) this.#sweep.ask();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  async #sweepOnce(): Promise<void> {
    const { table, lease, deliver, log } = this.#options;
    const { names, next } = await table.sweep(lease.node ?? "");
    for (const grant of next) deliver(grant);
    if (names.length === 0) return;
    log.info("locks of dead processes freed", { count: names.length });
    this.#sweep.ask(); // one sweep may not be enough
  }
}

import type { Books } from "./comparison.ts";
import type { HeldLock, Waiter } from "./lock.ts";
import { LockRequest } from "./lock-request.ts";
import type { Holder } from "./lock-table.ts";
import { keyOf } from "./lock-keys.ts";
import { tooManyWaiters } from "./refusals.ts";

/** Requests of one process at once; with more, something asks in a loop. */
const maxRequests = 10_000;

/**
 * What one process knows about its locks, and its requests for more. The tables may say otherwise: see comparison.ts.
 */
export class LockBooks implements Books {
  readonly requests = new Map<number, LockRequest>();
  readonly held = new Map<number, HeldLock>();
  readonly leaving = new Set<number>();
  lastRequest = 0;

  /** A new request. Throws `too-many-waiters`. */
  request(name: string, owner: string): LockRequest {
    if (this.requests.size >= maxRequests) throw tooManyWaiters();
    const request = new LockRequest({ id: (this.lastRequest += 1), name, key: keyOf(name), owner });
    this.requests.set(request.id, request);
    return request;
  }

  /** Who in this process has a lock. */
  holderOf(key: string): Holder | undefined {
    const lock = [...this.held.values()].find((held) => held.key === key && held.held);
    return lock && { node: lock.node, request: lock.request, owner: lock.owner, since: lock.since, token: lock.token };
  }

  /** Notes that somebody waits for the lock of this request; that news may come before our own answer. */
  wanted(id: number, waiter: Waiter): void {
    const request = this.requests.get(id);
    if (request) request.wasQueued = true;
    this.held.get(id)?.addWaiter(waiter);
  }

  /** Notes that the lock of this request was taken from us. */
  revoked(id: number): void {
    const lock = this.held.get(id);
    if (!lock || this.leaving.has(id)) return;
    this.held.delete(id);
    lock.lose("taken");
  }

  /** Loses every lock: the lease has ended. */
  loseAll(): void {
    const locks = [...this.held.values()];
    this.held.clear();
    for (const lock of locks) lock.lose("lease");
  }

  /** Rejects all requests with `reason`: the manager closes. */
  refuseAll(reason: unknown): void {
    for (const request of this.requests.values()) request.fail(reason);
    this.requests.clear();
  }
}

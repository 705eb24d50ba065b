/**
 * Makes what a process knows about its locks agree with the tables. Only what was settled before the tables were asked can be
 * judged by the answer: what began, changed or ended meanwhile is left for the next comparison.
 */
import type { HeldLock } from "./lock.ts";
import type { LockRequest } from "./lock-request.ts";
import type { Grant, LockTable, OwnRow } from "./lock-table.ts";

/** What a process knows. */
export interface Books {
  readonly requests: ReadonlyMap<number, LockRequest>;
  readonly held: ReadonlyMap<number, HeldLock>;
  /** Requests whose rows are just being removed. */
  readonly leaving: ReadonlySet<number>;
  readonly lastRequest: number;
}

/** What to do about a difference. */
export interface Remedies {
  granted(grant: Grant): void;
  revoked(request: number): void;
  /** Asks again for a request that is not in the queue any more. */
  send(request: LockRequest): void;
  /** False once another lease began: then nothing of this holds. */
  current(node: string): boolean;
}

export async function compare(table: LockTable, node: string, books: Books, remedies: Remedies): Promise<void> {
  const held = [...books.held.values()].map((lock) => ({ lock, changes: lock.waiterChanges }));
  const idle = [...books.requests.values()].filter(({ statements }) => statements === 0);
  const newest = books.lastRequest;
  const rows = await table.rowsOf(node);
  const waiters = await table.waitersFor(node);
  if (!remedies.current(node)) return;
  const found = new Set(rows.map(({ request }) => request));
  for (const { lock, changes } of held) {
    if (!found.has(lock.request)) remedies.revoked(lock.request);
    else if (lock.waiterChanges === changes) lock.setWaiters(waiters.get(lock.request) ?? []);
  }
  for (const request of idle) if (books.requests.has(request.id) && !found.has(request.id)) remedies.send(request);
  const comparison = { table, node, books, remedies };
  for (const row of rows) if (row.request <= newest) await adopt(row, comparison);
}

interface Comparison {
  readonly table: LockTable;
  readonly node: string;
  readonly books: Books;
  readonly remedies: Remedies;
}

async function adopt({ name, request, token }: OwnRow, { table, node, books, remedies }: Comparison): Promise<void> {
  if (books.held.has(request) || books.leaving.has(request)) return;
  if (books.requests.has(request)) {
    if (token !== undefined) remedies.granted({ node, request, token });
    return;
  }
  // A release or a withdrawal that the database never heard of.
  const { next } = await table.withdraw(name, node, request);
  if (next) remedies.granted(next);
}

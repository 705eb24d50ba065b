/**
 * Makes what a process knows about its locks agree with the tables. Only what was final before the tables were read can
 * be judged by them: what began, changed or ended meanwhile is left for the next comparison.
 */
import type { HeldLock } from "./lock.ts";
import type { LockRequest } from "./lock-request.ts";
import type { Grant, LockTable, OwnRow } from "./lock-table.ts";

/** What a process knows about its locks. */
export interface Books {
  readonly requests: ReadonlyMap<number, LockRequest>;
  readonly held: ReadonlyMap<number, HeldLock>;
  /** Requests whose rows are being removed. */
  readonly leaving: ReadonlySet<number>;
  readonly lastRequest: number;
}

/** What to do about differences. */
export interface Remedies {
  granted(grant: Grant): void;
  revoked(request: number): void;
  /** Sends a request again that is no longer in the queue. */
  send(request: LockRequest): void;
  /** False once another lease began, which makes the comparison void. */
  current(node: string): boolean;
}

/** Compares the locks of a node with the tables, and applies remedies. */
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
  // The database never received a release or a withdrawal.
  const { next } = await table.withdraw(name, node, request);
  if (next) remedies.granted(next);
}

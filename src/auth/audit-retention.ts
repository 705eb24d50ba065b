/**
 * Removes audit entries older than the setting `audit.keepDays`, a few times a day, while the clock can be trusted
 * (base/retention-time).
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { removeRegularly } from "../base/regular-removal.ts";
import type { Database } from "../db/database.ts";
import type { Audit } from "./audit.ts";

/** Entries of one statement: few enough that none comes near its time limit. */
const batchSize = 5000;
const firstMs = 60_000;
const dayMs = 86_400_000;

/** What is kept, and how it is removed. */
export interface RetentionOptions {
  readonly database: Database;
  readonly audit: Audit;
  /** Days; 0 keeps everything. */
  readonly keepDays: number;
  /** Whether the clock can be trusted at present. */
  readonly mayRemove: () => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Removes entries that are too old, and records their number in the trail; resolves with it. */
export async function pruneAudit({ database, audit, keepDays, mayRemove, clock }: RetentionOptions): Promise<number> {
  if (keepDays === 0 || !(await mayRemove())) return 0;
  const before = new Date(clock.now() - keepDays * dayMs);
  let removed = 0;
  for (let found = batchSize; found === batchSize; removed += found) {
    const [row] = await database.query<{ removed: number }>("SELECT audit_prune($1, $2) AS removed", [
      before,
      batchSize,
    ]);
    found = row?.removed ?? 0;
  }
  if (removed > 0)
    await audit.record({
      actor: "system",
      action: "audit.prune",
      result: "ok",
      detail: { removed, before: before.toISOString() },
    });
  return removed;
}

/**
 * Removes entries from a minute after the start on, until disposed. Several processes may: each entry is removed once.
 */
export function keepAuditShort(options: RetentionOptions): Disposable {
  const { clock, log } = options;
  const remove = async () => {
    const removed = await pruneAudit(options);
    return removed > 0 ? { removed } : undefined;
  };
  return removeRegularly({ what: "old audit entries", firstMs, remove, clock, log });
}

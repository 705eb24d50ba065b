/** Removes counts of use older than the setting `usage.keepDays`, a few times a day, while the clock can be trusted. */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { removeRegularly } from "../base/regular-removal.ts";
import { dayText } from "../base/time-text.ts";
import type { Database } from "../db/database.ts";
import { removeUsageBefore } from "./usage-table.ts";

/** What is kept. */
export interface UsageRetentionOptions {
  readonly database: Database;
  /** Days; 0 keeps everything. */
  readonly keepDays: number;
  /** Whether the clock can be trusted at present. */
  readonly mayRemove: () => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

const firstMs = 90_000;
const dayMs = 86_400_000;

/** Removes days that are too old; resolves with the number of rows. */
export async function pruneUsage({ database, keepDays, mayRemove, clock }: UsageRetentionOptions): Promise<number> {
  if (keepDays === 0 || !(await mayRemove())) return 0;
  return await removeUsageBefore(database, dayText(new Date(clock.now() - keepDays * dayMs)));
}

/** Removes them from a minute and a half after the start on, until disposed. Several processes may. */
export function keepUsageShort(options: UsageRetentionOptions): Disposable {
  const { clock, log } = options;
  const remove = async () => {
    const removed = await pruneUsage(options);
    return removed > 0 ? { removed } : undefined;
  };
  return removeRegularly({ what: "old counts of use", firstMs, remove, clock, log });
}

/** Removes counts of use older than the setting `usage.keepDays`, a few times a day, while the clock can be trusted. */
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { disposable } from "../base/scope.ts";
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
const everyMs = 6 * 3600_000;
const dayMs = 86_400_000;

/** Removes days that are too old; resolves with the number of rows. */
export async function pruneUsage({ database, keepDays, mayRemove, clock }: UsageRetentionOptions): Promise<number> {
  if (keepDays === 0 || !(await mayRemove())) return 0;
  return await removeUsageBefore(database, dayText(new Date(clock.now() - keepDays * dayMs)));
}

/** Removes them from a minute and a half after the start on, until disposed. Several processes may. */
export function keepUsageShort(options: UsageRetentionOptions): Disposable {
  const { clock, log } = options;
  const prune = (): void => {
    pruneUsage(options).then(
      (removed) => removed > 0 && log.info("old counts of use removed", { removed }),
      // Without a database the next time will do.
      (error: unknown) =>
        error instanceof UserError
          ? log.warn("old counts of use not removed", { why: error.message })
          : logBug(error, log),
    );
  };
  const first = clock.after(firstMs, prune);
  const later = clock.every(everyMs, prune);
  return disposable(() => {
    first[Symbol.dispose]();
    later[Symbol.dispose]();
  });
}

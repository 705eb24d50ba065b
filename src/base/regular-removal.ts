/** What is too old is removed a few times a day, from soon after the start on. */
import type { Clock } from "./clock.ts";
import { logBug } from "./error-report.ts";
import { UserError } from "./errors.ts";
import type { Log } from "./log.ts";
import { disposable } from "./scope.ts";

/** What is removed, and when first. */
export interface RegularRemoval {
  /** For the log, as in "old audit entries". */
  readonly what: string;
  /** Milliseconds after the start; each kind has its own, so that they don't all work at once. */
  readonly firstMs: number;
  /** Removes what is too old; resolves with what it has done for the log, or undefined when there was nothing. */
  readonly remove: () => Promise<Readonly<Record<string, number>> | undefined>;
  readonly clock: Clock;
  readonly log: Log;
}

const everyMs = 6 * 3600_000;

/** Removes it until disposed. Without a database, say, the next time will do. */
export function removeRegularly({ what, firstMs, remove, clock, log }: RegularRemoval): Disposable {
  const go = (): void => {
    remove().then(
      (done) => done && log.info(`${what} removed`, done),
      (error: unknown) =>
        error instanceof UserError ? log.warn(`${what} not removed`, { why: error.message }) : logBug(error, log),
    );
  };
  const first = clock.after(firstMs, go);
  const later = clock.every(everyMs, go);
  return disposable(() => {
    first[Symbol.dispose]();
    later[Symbol.dispose]();
  });
}

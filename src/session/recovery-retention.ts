/**
 * Removes what nobody will ever take over from DIR/recovery: temporary files of a process that was killed while it wrote, and texts
 * whose person has not been back for so long. Both pile up slowly, but without an end.
 */
import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { report, systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { disposable } from "../base/scope.ts";

const dayMilliseconds = 86_400_000;
/** A write takes seconds at most. */
const temporaryDays = 1;
/** Longer than any break between two terms. */
const textDays = 180;
const firstMilliseconds = 60_000;
const everyMilliseconds = dayMilliseconds;

export interface RecoveryRetentionOptions {
  /** DIR/recovery. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Removes what is too old, once. Returns the number of files. Several processes may do it at the same time. */
export async function sweepRecovery({ directory, clock }: Omit<RecoveryRetentionOptions, "log">): Promise<number> {
  let removed = 0;
  for (const user of await entriesOf(directory)) {
    for (const name of await entriesOf(join(directory, user))) {
      const days = name.endsWith(".tmp") ? temporaryDays : textDays;
      if (await removeIfOlder(join(directory, user, name), clock.now() - days * dayMilliseconds)) removed += 1;
    }
  }
  return removed;
}

/** Does that from a minute after the start on, daily, until disposed. */
export function keepRecoveryShort(options: RecoveryRetentionOptions): Disposable {
  const { clock, log } = options;
  const sweep = (): void => {
    sweepRecovery(options).then(
      (removed) => removed > 0 && log.info("old unsaved texts removed", { removed }),
      (error: unknown) => report(error, log),
    );
  };
  const first = clock.after(firstMilliseconds, sweep);
  const later = clock.every(everyMilliseconds, sweep);
  return disposable(() => {
    first[Symbol.dispose]();
    later[Symbol.dispose]();
  });
}

/** Empty for what is no directory, or is gone. */
async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

async function removeIfOlder(file: string, time: number): Promise<boolean> {
  try {
    const found = await stat(file);
    if (!found.isFile() || found.mtimeMs >= time) return false;
    await unlink(file);
    return true;
  } catch (error) {
    // Its session was faster: it renamed or removed the file.
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

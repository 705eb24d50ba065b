/**
 * Keeps DIR/recovery from growing forever. Texts of people who have not been back for long, and temporary files of a
 * process that was killed while writing, go to USER/trash and are deleted there after another while. Nothing happens
 * while the clock is not trusted (base/retention-time).
 */
import { mkdir, readdir, rename, stat, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { disposable } from "../base/scope.ts";
import { damagedFolder, trashFolder } from "./recovery.ts";

const dayMs = 86_400_000;
/** Days after which a temporary file is a leftover; a write takes seconds at most. */
const temporaryDays = 1;
/** Days that a text is kept: longer than any break between two terms. */
const textDays = 180;
/** Days in the trash. */
const trashDays = 30;
const firstMs = 60_000;
const everyMs = dayMs;

/** What is swept, and when that is allowed. */
export interface RecoveryRetentionOptions {
  /** DIR/recovery. */
  readonly directory: string;
  /** Whether the clock is trusted. */
  readonly mayRemove: () => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a sweep did. */
export interface Swept {
  /** Files moved to the trash. */
  readonly moved: number;
  /** Files deleted from the trash. */
  readonly removed: number;
}

/** Moves and deletes what is too old, once. Several processes may do it at the same time. */
export async function sweepRecovery({
  directory,
  clock,
  mayRemove,
}: Omit<RecoveryRetentionOptions, "log">): Promise<Swept> {
  let [moved, removed] = [0, 0];
  if (!(await mayRemove())) return { moved, removed };
  const now = clock.now();
  const before = (days: number): number => now - days * dayMs;
  for (const user of await entriesOf(directory)) {
    const own = join(directory, user);
    // First the trash: what is moved there now stays a while, whatever its age.
    for (const name of await entriesOf(join(own, trashFolder))) {
      if (await ifOlder(join(own, trashFolder, name), before(trashDays), unlink)) removed += 1;
    }
    for (const folder of [own, join(own, damagedFolder)]) {
      for (const name of await entriesOf(folder)) {
        const days = name.endsWith(".tmp") ? temporaryDays : textDays;
        if (
          await ifOlder(join(folder, name), before(days), (file) =>
            moveToTrash(file, join(own, trashFolder), name, now),
          )
        )
          moved += 1;
      }
    }
  }
  return { moved, removed };
}

/** Sweeps from a minute after the start, then daily, until disposed. */
export function keepRecoveryShort(options: RecoveryRetentionOptions): Disposable {
  const { clock, log } = options;
  const sweep = (): void => {
    sweepRecovery(options).then(
      ({ moved, removed }) => moved + removed > 0 && log.info("old unsaved text put away", { moved, removed }),
      (error: unknown) => logBug(error, log),
    );
  };
  const first = clock.after(firstMs, sweep);
  const later = clock.every(everyMs, sweep);
  return disposable(() => {
    first[Symbol.dispose]();
    later[Symbol.dispose]();
  });
}

async function moveToTrash(file: string, trash: string, name: string, now: number): Promise<void> {
  await mkdir(trash, { recursive: true, mode: 0o700 });
  const to = join(trash, name);
  await rename(file, to);
  // Its time in the trash begins now.
  await utimes(to, now / 1000, now / 1000);
}

/** The names in a directory; empty when it is none, or gone. */
async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

async function ifOlder(file: string, time: number, what: (file: string) => Promise<void>): Promise<boolean> {
  try {
    const found = await stat(file);
    if (!found.isFile() || found.mtimeMs >= time) return false;
    await what(file);
    return true;
  } catch (error) {
    // Its session was faster, and renamed or removed the file.
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

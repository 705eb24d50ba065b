/** The backups in a directory: which there are, which are kept, and how the last attempt went. */
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { counted } from "../base/counted.ts";
import { systemCode, UserError } from "../base/errors.ts";

/** A backup in the directory. */
export interface StoredBackup {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** When it was begun. */
  readonly madeAt: Date;
  readonly encrypted: boolean;
}

/** How many are kept: the newest of each of so many days, and of each of so many weeks. */
export interface Keep {
  readonly daily: number;
  readonly weekly: number;
}

const named = /^classh-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar(\.age)?$/;

/** Throws where no backups can be kept: without a directory, or inside the data. */
export function requireDirectory(directory: string, data: string): string {
  if (directory === "")
    throw new UserError("bad-setting", "there is no place for backups", "Set backup.directory, best on another disk.");
  const inside = relative(resolve(data), resolve(directory));
  if (inside === "" || !(inside.startsWith("..") || inside.startsWith("/")))
    throw new UserError(
      "bad-setting",
      "backup.directory is inside the data directory",
      "A backup there is lost with it. Name another place.",
    );
  return resolve(directory);
}

/** All backups, the newest first. */
export async function listBackups(directory: string): Promise<readonly StoredBackup[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const found: StoredBackup[] = [];
  for (const name of names.toSorted((a, b) => (a < b ? 1 : -1))) {
    const match = named.exec(name);
    if (!match) continue;
    const [, year, month, day, hour, minute, second, age] = match;
    const file = join(directory, name);
    const madeAt = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    found.push({ name, file, bytes: (await stat(file)).size, madeAt, encrypted: age !== undefined });
  }
  return found;
}

/** Those that `keep` does not keep. `backups` are the newest first. */
export function superfluous(backups: readonly StoredBackup[], keep: Keep): readonly StoredBackup[] {
  const kept = new Set([
    ...newestOfEach(backups, keep.daily, ({ madeAt }) => Math.floor(madeAt.getTime() / dayMs)),
    // Day 0 of the epoch was a Thursday: weeks begin on Mondays.
    ...newestOfEach(backups, keep.weekly, ({ madeAt }) => Math.floor((madeAt.getTime() / dayMs + 3) / 7)),
  ]);
  return backups.filter((backup, index) => index > 0 && !kept.has(backup));
}

const dayMs = 86_400_000;

function newestOfEach(
  backups: readonly StoredBackup[],
  count: number,
  period: (backup: StoredBackup) => number,
): readonly StoredBackup[] {
  const newest = new Map<number, StoredBackup>();
  for (const backup of backups) if (!newest.has(period(backup))) newest.set(period(backup), backup);
  return [...newest.values()].slice(0, count);
}

/** Removes what is superfluous; resolves with it. The newest is never removed. */
export async function pruneBackups(directory: string, keep: Keep, dryRun: boolean): Promise<readonly StoredBackup[]> {
  const gone = superfluous(await listBackups(directory), keep);
  if (!dryRun) for (const { file } of gone) await rm(file, { force: true });
  return gone;
}

/** How the last attempt went. It is kept in the data directory, since the backups' own may be what is missing. */
export interface LastAttempt {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Why it failed; null when it did not. */
  readonly failure: string | null;
}

const attemptFile = (data: string): string => join(data, "last-backup.json");

/** Notes how an attempt went. */
export async function noteAttempt(data: string, attempt: LastAttempt): Promise<void> {
  await writeFile(attemptFile(data), JSON.stringify(attempt), { mode: 0o600 });
}

/** How the last attempt went; undefined before the first. */
export async function lastAttempt(data: string): Promise<LastAttempt | undefined> {
  try {
    return JSON.parse(await readFile(attemptFile(data), "utf8")) as LastAttempt;
  } catch {
    return undefined; // there was none, or its note was cut: the list of backups tells as much
  }
}

/** Hours after which the newest backup is too old, when one is to be made each day. */
const maxAgeHours = 26;

/** What an admin must know about the backups: a sentence; undefined when all is well, or nobody wants any. */
export async function backupTrouble(
  { directory, daily }: { readonly directory: string; readonly daily: string },
  { data, now, since }: { readonly data: string; readonly now: number; readonly since: number },
): Promise<string | undefined> {
  if (directory === "" || daily === "") return undefined;
  const attempt = await lastAttempt(data);
  if (attempt && attempt.failure !== null) return `the backup of ${attempt.at} failed: ${attempt.failure}`;
  const [newest] = await listBackups(directory);
  const hours = (now - (newest?.madeAt.getTime() ?? since)) / 3_600_000;
  if (hours <= maxAgeHours) return undefined;
  return newest ? `the newest backup is ${counted(Math.floor(hours), "hour")} old` : "there is no backup yet";
}

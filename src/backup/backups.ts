/**
 * The backups of a running server: made by hand or once a day, one at a time on all of its processes. The daily one is made by the first
 * process that sees its hour pass; a database lock and the list of backups tell the others that it is done.
 */
import { logBug } from "../base/error-report.ts";
import { systemCode, UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { disposable } from "../base/scope.ts";
import { dayText, timeOfDay } from "../base/time-text.ts";
import { createBackup, sweepBackups, type BackupSource, type MadeBackup } from "./create.ts";
import {
  backupTrouble,
  lastAttempt,
  listBackups,
  noteAttempt,
  pruneBackups,
  requireDirectory,
  type Keep,
} from "./store.ts";

/** The settings of backups. */
export interface BackupSettings {
  readonly directory: string;
  readonly daily: string;
  readonly keep: Keep;
  readonly recipient: string;
}

/** What backups are made with. */
export interface BackupsOptions {
  readonly settings: BackupSettings;
  readonly source: BackupSource;
  /** Holds the right to make one, on all processes; undefined while another does. */
  readonly claim: () => Promise<AsyncDisposable | undefined>;
  /** Whether this process makes the daily ones. */
  readonly daily: boolean;
  /** Called after each attempt of the daily one, with the reason if it failed. */
  readonly attempted: (result: { readonly file?: string; readonly failure?: string }) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

const checkMs = 30_000;
/** Milliseconds before a daily backup that failed is tried again. */
const retryMs = 600_000;

/** Backups of a server. */
export class Backups implements AsyncDisposable {
  readonly #options: BackupsOptions;
  readonly #timer: Disposable;
  readonly #since: number;
  #tried: number | undefined;
  #making: Promise<unknown> | undefined;

  constructor(options: BackupsOptions) {
    this.#options = options;
    this.#since = options.clock.now();
    const due = options.daily && options.settings.daily !== "" && options.settings.directory !== "";
    this.#timer = due ? options.clock.every(checkMs, () => this.#check()) : disposable(() => undefined);
  }

  /** The directory. Throws a UserError when there is none, or it is in the wrong place. */
  get directory(): string {
    const { settings, source } = this.#options;
    return requireDirectory(settings.directory, source.data);
  }

  /** What an admin must know; undefined when all is well. */
  async trouble(): Promise<string | undefined> {
    const { settings, source, clock } = this.#options;
    try {
      return await backupTrouble(settings, { data: source.data, now: clock.now(), since: this.#since });
    } catch (error) {
      return `the backups can't be listed: ${systemCode(error) ?? String(error)}`;
    }
  }

  /** How old the newest is, and whether the last attempt failed or they can't be listed; undefined where none are made by themselves. */
  async state(): Promise<{ readonly ageMs: number; readonly failed: boolean } | undefined> {
    const { settings, source, clock } = this.#options;
    if (settings.directory === "" || settings.daily === "") return undefined;
    const attempt = await lastAttempt(source.data);
    // That they can't be listed is said by `failed`.
    const found = await listBackups(settings.directory).catch(() => undefined);
    const ageMs = Math.max(0, clock.now() - (found?.[0]?.madeAt.getTime() ?? this.#since));
    return { ageMs, failed: found === undefined || (attempt?.failure ?? null) !== null };
  }

  /** Makes one now. Throws `try-again` while another is being made. */
  async create(): Promise<MadeBackup> {
    const { settings, source, claim, clock, log } = this.#options;
    const { directory } = this;
    await using claimed = await claim();
    if (!claimed)
      throw new UserError(
        "backup-running",
        "a backup is being made already",
        "Try again when it is done: backup list shows it.",
      );
    const now = clock.now();
    const at = new Date(now).toISOString();
    try {
      await sweepBackups(directory, now);
      const made = await createBackup(source, { directory, recipient: settings.recipient }, { now, log });
      await noteAttempt(source.data, { at, failure: null });
      log.info("backup made", { file: made.file, bytes: made.bytes, milliseconds: clock.now() - now });
      return made;
    } catch (error) {
      await noteAttempt(source.data, { at, failure: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  /** Waits for the one that is being made. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    await this.#making;
  }

  #check(): void {
    const { settings, clock } = this.#options;
    if (this.#making || timeOfDay(clock.now()) < settings.daily) return;
    if (this.#tried !== undefined && clock.monotonic() - this.#tried < retryMs) return;
    this.#making = this.#makeIfDue()
      .catch((error: unknown) => logBug(error, this.#options.log))
      .finally(() => (this.#making = undefined));
  }

  async #makeIfDue(): Promise<void> {
    const { settings, attempted, clock, log } = this.#options;
    const now = clock.now();
    // What can't be listed can't be written either, which is found out below.
    const [newest] = await listBackups(settings.directory).catch(() => []);
    if (newest && dayText(newest.madeAt) === dayText(new Date(now)) && timeOfDay(newest.madeAt) >= settings.daily)
      return;
    this.#tried = clock.monotonic();
    try {
      const { file } = await this.create();
      await pruneBackups(this.directory, settings.keep, false);
      await attempted({ file });
    } catch (error) {
      if (error instanceof UserError && error.code === "backup-running") return;
      log.error("the daily backup failed", { error });
      await attempted({ failure: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** What a server stands on, made once whatever number of processes it has: DIR with its lock, the database, the first accounts. */
import { access, chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { Accounts } from "./auth/accounts.ts";
import { Audit } from "./auth/audit.ts";
import { createDemoClass } from "./auth/demo-class.ts";
import { PasswordHasher } from "./auth/password-hasher.ts";
import { report, UserError } from "./base/errors.ts";
import { lockFile } from "./base/lock-file.ts";
import { endedBefore } from "./config/environment.ts";
import type { Log } from "./base/log.ts";
import { Scope } from "./base/scope.ts";
import type { Settings } from "./config/schema.ts";
import { Database } from "./db/database.ts";
import { startEmbeddedPostgres } from "./db/embedded.ts";
import { migrate } from "./db/migrate.ts";
import { isAlive } from "./db/postmaster.ts";
import { makeSocketDirectory } from "./db/socket-directory.ts";

export interface StartOptions {
  readonly settings: Settings;
  /** Create the demo class on an empty database; otherwise only `admin`. */
  readonly demo: boolean;
  readonly log: Log;
}

export interface Foundation {
  /** DIR, absolute. */
  readonly data: string;
  /** Of the database. It may hold a password. */
  readonly url: string;
  /** Where the initial passwords are, or were. */
  readonly firstLoginFile: string;
  /** For the sockets of this server's processes; only the server's account can enter. */
  readonly sockets: string;
}

/** Rejects with a UserError for what an admin can mend. */
export async function layFoundation(scope: Scope, { settings, demo, log }: StartOptions): Promise<Foundation> {
  const data = await openDataDirectory(scope, settings.data);
  const url = settings.database.url || (await embedded(scope, settings, data, log));
  // It waits for a server that is still starting, and refuses one that is too old.
  await using database = await Database.connect({ ...settings.database, url, poolSize: 2, log });
  await migrate(url, log);
  const hasher = new PasswordHasher({ cost: settings.accounts.bcryptCost });
  const accounts = new Accounts({ database, hasher, passwordLength: settings.accounts.passwordLength });
  const firstLoginFile = join(data, "first-login.txt");
  await createDemoClass(accounts, firstLoginFile, { demo });
  const sockets = await makeSocketDirectory(join(data, "nodes"));
  await removeDeadSockets(sockets);
  await noteRestart(scope, { data, name: nodeName(settings), audit: new Audit(database, log), log });
  return { data, url, firstLoginFile, sockets };
}

/** How a process is called among those of the class: its server's name, and the number of the worker if it is one. */
export function nodeName(settings: Settings, worker?: number): string {
  return (settings.cluster.name || hostname()) + (worker === undefined ? "" : `/${worker}`);
}

/**
 * A server that was killed says nothing any more, so the next one does. `DIR/running` is there from here on until an orderly end:
 * found at the start it shows that the one before had none. A start that fails leaves it for the next.
 */
async function noteRestart(scope: Scope, { data, name, audit, log }: { data: string; name: string; audit: Audit; log: Log }): Promise<void> {
  const file = join(data, "running");
  const broken = await access(file).then(() => true, () => false);
  if (broken) {
    const ended = endedBefore() ?? "not in order; nobody saw how";
    log.warn("the server before this one did not end in order", { ended });
    await audit.record({ actor: "system", action: "server.restart", subject: name, result: "ok", detail: { ended } });
  }
  await writeFile(file, `${process.pid}\n`, { mode: 0o600 });
  scope.defer(() => rm(file, { force: true }));
}

/** Processes that were killed left theirs behind; they are named by their pid. */
async function removeDeadSockets(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (/^\d+\.sock$/.test(name) && !isAlive(Number.parseInt(name, 10))) await rm(join(directory, name), { force: true });
  }
}

/** Brings the database up to date without serving. */
export async function migrateDatabase(options: { settings: Settings; log: Log }): Promise<void> {
  await using scope = new Scope("migrate");
  const data = await openDataDirectory(scope, options.settings.data);
  const url = options.settings.database.url || (await embedded(scope, options.settings, data, options.log));
  await migrate(url, options.log);
}

/** DIR with its lock: a second server on the same directory would fight over the database and the host key. */
async function openDataDirectory(scope: Scope, name: string): Promise<string> {
  const data = resolve(name);
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    await chmod(data, 0o700);
  } catch (cause) {
    throw new UserError("data-in-use", `the data directory ${data} can't be used`, "Give another one with --data DIR.", { cause });
  }
  const lock = await lockFile(join(data, "lock"));
  if (!lock) {
    throw new UserError("data-in-use", `another classh is running on ${data}`, "Stop it first, or give another directory with --data DIR.");
  }
  scope.own(lock);
  return data;
}

async function embedded(scope: Scope, settings: Settings, data: string, log: Log): Promise<string> {
  const binaries = settings.database.binaries || undefined;
  const postgres = await startEmbeddedPostgres({
    directory: join(data, "postgres"), binaries, log,
    onRestart: (ended) => void noteDatabaseRestart(settings, postgres.url, ended, log).catch((error: unknown) => void report(error, log)),
  });
  return scope.own(postgres).url;
}

/** With a connection of its own: nothing else of this process has one for as long as the server lives. */
async function noteDatabaseRestart(settings: Settings, url: string, ended: string, log: Log): Promise<void> {
  await using database = await Database.connect({ ...settings.database, url, poolSize: 1, log });
  await new Audit(database, log).record({ actor: "system", action: "database.restart", subject: nodeName(settings), result: "ok", detail: { ended } });
}

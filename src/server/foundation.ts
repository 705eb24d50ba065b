/** What all processes of a server share, made once: DIR with its lock, the database, the first accounts. */
import { once } from "node:events";
import { access, chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { Accounts } from "../auth/accounts.ts";
import { Audit } from "../auth/audit.ts";
import { createDemoClass } from "../auth/demo-class.ts";
import { hostKeyHint, noteHostKey, type HostKeyChange } from "../auth/host-key-history.ts";
import { PasswordHasher } from "../auth/password-hasher.ts";
import { systemClock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { lockFile, type FileLock } from "../base/lock-file.ts";
import { endedBefore } from "../config/environment.ts";
import { tallies } from "../base/measures.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import { socketPath } from "../base/socket-path.ts";
import { checkMachine, refuseFatal } from "../base/start-checks.ts";
import type { Settings } from "../config/schema.ts";
import { Database } from "../db/database.ts";
import { startEmbeddedPostgres } from "../db/embedded.ts";
import { migrate } from "../db/migrate.ts";
import { isAlive } from "../db/postmaster.ts";
import { makeSocketDirectory } from "../db/socket-directory.ts";
import { loadHostKey, loadNextHostKey } from "../ssh/host-keys.ts";
import { listenOn } from "../ssh/listen.ts";

/** How a server is started. */
export interface StartOptions {
  readonly settings: Settings;
  /** Descriptor of a socket already bound to `settings.listen`, if one was inherited. */
  readonly listener?: number | undefined;
  /** Whether to make the demo class on an empty database; otherwise only `admin`. */
  readonly demo: boolean;
  readonly log: Log;
  /** Aborted to give up the start; what was begun is then ended. */
  readonly stop?: AbortSignal;
}

/** What all processes of a server share. */
export interface Foundation {
  /** DIR, absolute. */
  readonly data: string;
  /** URL of the database; it may contain a password. */
  readonly url: string;
  /** File with the initial passwords, which an admin may have deleted. */
  readonly firstLoginFile: string;
  /** Set when the host key changed unannounced. */
  readonly hostKeyChange?: HostKeyChange | undefined;
  /** Directory for the sockets of this server's processes; only the server's account can enter. */
  readonly sockets: string;
}

/** Makes the foundation. Rejects with a UserError for what an admin can mend, and with the reason of `stop`. */
export async function layFoundation(
  scope: Scope,
  { settings, listener, demo, log, stop }: StartOptions,
): Promise<Foundation> {
  const directory = await openDataDirectory(scope, settings.data, log);
  const { data } = directory;
  stop?.throwIfAborted();
  // Before a database is made in vain.
  if (listener === undefined) await tryToListen(settings.listen);
  const url = settings.database.url || (await embedded(scope, settings, directory, log));
  stop?.throwIfAborted();
  // Waits for a server that is still starting, and refuses one that is too old.
  await using database = await Database.connect({ ...settings.database, url, poolSize: 2, log });
  await migrate(url, log);
  stop?.throwIfAborted();
  const hasher = new PasswordHasher({ cost: settings.accounts.bcryptCost });
  const accounts = new Accounts({ database, hasher, passwordLength: settings.accounts.passwordLength });
  const hadAccounts = (await accounts.list()).length > 0;
  const hostKeyFile = join(data, "host-key");
  const { fingerprint, made } = await loadHostKey(hostKeyFile);
  const next = await loadNextHostKey(hostKeyFile);
  const hostKeyChange = await noteHostKey(database, { fingerprint, made, next: next?.fingerprint, hadAccounts });
  if (hostKeyChange) log.warn("the host key is new", { ...hostKeyChange, hint: hostKeyHint });
  const firstLoginFile = join(data, "first-login.txt");
  await createDemoClass(accounts, firstLoginFile, { demo });
  const sockets = await makeSocketDirectory(join(data, "nodes"));
  await removeDeadSockets(sockets);
  await noteRestart(scope, { data, name: nodeName(settings), audit: new Audit(database, log), log });
  stop?.throwIfAborted();
  return { data, url, firstLoginFile, sockets, hostKeyChange };
}

/** Name of a process among those of the class: its server's name, and the worker's number if it is one. */
export function nodeName(settings: Settings, worker?: number): string {
  return (settings.cluster.name || hostname()) + (worker === undefined ? "" : `/${worker}`);
}

/**
 * Logs that the previous server was killed, which it could not do itself. `DIR/running` exists from here until an
 * orderly end: found at the start, it shows that there was none. A start that fails leaves it for the next one.
 */
async function noteRestart(
  scope: Scope,
  { data, name, audit, log }: { data: string; name: string; audit: Audit; log: Log },
): Promise<void> {
  const file = join(data, "running");
  const broken = await access(file).then(
    () => true,
    () => false,
  );
  if (broken) {
    const ended = endedBefore() ?? "unexpectedly; the cause is not known";
    log.warn("the previous server did not shut down cleanly", { ended });
    await audit.record({ actor: "system", action: "server.restart", subject: name, result: "ok", detail: { ended } });
  }
  await writeFile(file, `${process.pid}\n`, { mode: 0o600 });
  scope.defer(() => rm(file, { force: true }));
}

/** Removes sockets of processes that were killed; their names have the pid. */
async function removeDeadSockets(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (/^\d+\.sock$/.test(name) && !isAlive(Number.parseInt(name, 10)))
      await rm(join(directory, name), { force: true });
  }
}

/** Brings the database up to date without serving. */
export async function migrateDatabase(options: { settings: Settings; log: Log }): Promise<void> {
  await using scope = new Scope("migrate");
  const directory = await openDataDirectory(scope, options.settings.data, options.log);
  const url = options.settings.database.url || (await embedded(scope, options.settings, directory, options.log));
  await migrate(url, options.log);
}

interface DataDirectory {
  /** DIR, absolute. */
  readonly data: string;
  readonly lock: FileLock;
}

/** DIR with its lock: a second server on the same directory would fight over the database and the host key. */
async function openDataDirectory(scope: Scope, name: string, log: Log): Promise<DataDirectory> {
  const data = resolve(name);
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    await chmod(data, 0o700);
  } catch (cause) {
    throw new UserError("data-in-use", `can't use the data directory ${data}`, "Give another one with --data DIR.", {
      cause,
    });
  }
  let findings = await checkMachine(data);
  if (findings.some(({ fatal }) => fatal)) {
    // Perhaps there is no room: the reserve goes first. It is made again when there is plenty (base/disk-room).
    await rm(join(data, "reserve"), { recursive: true, force: true });
    findings = await checkMachine(data);
  }
  for (const { sentence, remedy } of findings) log.warn("something is missing on this machine", { sentence, remedy });
  refuseFatal(findings);
  // A second check: somebody could have removed the lock file of a running server. It comes first, so that the lock is
  // not touched.
  const runs = await answers(socketPath(join(data, "control.sock")));
  const lock = runs
    ? undefined
    : await lockFile(join(data, "lock"), { onLost: () => stopInOrder(data, log), clock: systemClock, log });
  if (!lock) {
    throw new UserError(
      "data-in-use",
      `another classh is running on ${data}`,
      "Stop it first, or give another directory with --data DIR.",
    );
  }
  scope.own(lock);
  return { data, lock };
}

/** Stops the server that lost its lock: two servers on one directory would destroy each other's work. */
function stopInOrder(data: string, log: Log): void {
  log.error("another classh has taken the data directory; stopping", { data });
  process.kill(process.pid, "SIGTERM");
}

/** Whether somebody listens on a socket. */
async function answers(path: string): Promise<boolean> {
  const socket = createConnection(path);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false; // nobody: the usual case
  } finally {
    socket.destroy();
  }
}

async function tryToListen(listen: string): Promise<void> {
  const server = createServer();
  try {
    await listenOn(server, listen);
  } finally {
    server.close();
  }
}

async function embedded(scope: Scope, settings: Settings, { data, lock }: DataDirectory, log: Log): Promise<string> {
  const binaries = settings.database.binaries || undefined;
  const postgres = await startEmbeddedPostgres({
    directory: join(data, "postgres"),
    binaries,
    log,
    onRestart(ended) {
      tallies.restart.add("database");
      noteDatabaseRestart(settings, postgres.url, ended, log).catch((error: unknown) => logBug(error, log));
    },
  });
  // Whoever has the directory by then has the database, too.
  scope.defer(() => (lock.lost ? postgres.leave() : postgres[Symbol.asyncDispose]()));
  return postgres.url;
}

/**
 * Records a restart of the database, over a connection of its own: this process has no other one for as long as the
 * server lives.
 */
async function noteDatabaseRestart(settings: Settings, url: string, ended: string, log: Log): Promise<void> {
  await using database = await Database.connect({ ...settings.database, url, poolSize: 1, log });
  await new Audit(database, log).record({
    actor: "system",
    action: "database.restart",
    subject: nodeName(settings),
    result: "ok",
    detail: { ended },
  });
}

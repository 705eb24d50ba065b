/** The wiring diagram: every part of a server is made here, once, into one scope. Read it from top to bottom. */
import { access, chmod, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Accounts } from "./auth/accounts.ts";
import type { Account } from "./auth/account.ts";
import { Audit } from "./auth/audit.ts";
import { createDemoClass } from "./auth/demo-class.ts";
import { PasswordHasher } from "./auth/password-hasher.ts";
import { systemClock } from "./base/clock.ts";
import { UserError } from "./base/errors.ts";
import { lockFile } from "./base/lock-file.ts";
import type { Log } from "./base/log.ts";
import { Scope } from "./base/scope.ts";
import { ControlSocket } from "./commands/control-socket.ts";
import type { Services } from "./commands/services.ts";
import type { Settings } from "./config/schema.ts";
import { Database } from "./db/database.ts";
import { startEmbeddedPostgres } from "./db/embedded.ts";
import { migrate } from "./db/migrate.ts";
import { LoginThrottle } from "./limits/login-throttle.ts";
import { RateLimiter } from "./limits/rate.ts";
import { Front } from "./front.ts";
import { Runner } from "./runner/runner.ts";
import { Recovery } from "./session/recovery.ts";
import { SessionRegistry } from "./session/registry.ts";
import { SshServer } from "./ssh/server.ts";
import { warmUp } from "./tui/attach.ts";
import { CourseWatch } from "./workspace/course-watch.ts";
import { Workspaces } from "./workspace/workspaces.ts";

export interface StartOptions {
  readonly settings: Settings;
  /** Create the demo class on an empty database; otherwise only `admin`. */
  readonly demo: boolean;
  readonly log: Log;
}

/** A running server. Disposing ends it at once; `drain` first gives people their work back. */
export interface Server extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly fingerprint: string;
  readonly services: Services;
  /** Where the initial passwords are; undefined when an admin has deleted the file. */
  readonly firstLoginFile: string | undefined;
  /** There is a demo class to try. */
  readonly demo: boolean;
  /** Stops new logins, tells everyone, keeps unsaved work; then dispose. */
  drain(): Promise<void>;
}

/** Starts everything. Rejects with a UserError for what an admin can mend; then nothing is left running. */
export async function start(options: StartOptions): Promise<Server> {
  const scope = new Scope("server");
  try {
    return await build(scope, options);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

/** The part that `serve` and `local` share: everything but the ssh edge. */
export async function buildServices(scope: Scope, { settings, demo, log }: StartOptions): Promise<{ services: Services; recovery: Recovery; firstLoginFile: string }> {
  const clock = systemClock;
  const data = await openDataDirectory(scope, settings.data);

  const url = settings.database.url || (await embedded(scope, settings, data, log));
  // The pool first: it waits for a server that is still starting, and refuses one that is too old.
  const database = scope.own(await Database.connect({ ...settings.database, url, log }));
  await migrate(url, log);

  const audit = new Audit(database, log);
  const hasher = new PasswordHasher({ cost: settings.accounts.bcryptCost });
  const accounts = new Accounts({ database, hasher, passwordLength: settings.accounts.passwordLength });
  const firstLogin = join(data, "first-login.txt");
  await createDemoClass(accounts, firstLogin, { demo });

  const workspaces = new Workspaces({ directory: join(data, "files"), limits: settings.limits, log, clock });
  await workspaces.prepare();
  const course = scope.own(new CourseWatch({ directory: join(data, "files"), clock, log }));
  const runner = scope.own(
    await Runner.start({ settings: settings.runner, limits: settings.limits, directory: join(data, "run"), log, clock }),
  );
  const recovery = new Recovery(join(data, "recovery"), log);
  const sessions = scope.own(new SessionRegistry({ limit: settings.limits.sessions, settings: settings.session, clock, log }));
  const runs = new RateLimiter({ perMinute: settings.limits.runsPerMinute, burst: settings.limits.runsPerMinute, clock });

  const services: Services = {
    settings, accounts, audit, database, workspaces, course, runner, sessions, runs, clock,
    startedAt: clock.now(),
    version: await packageVersion(),
    connections: () => ({ open: 0, loggedIn: 0 }),
  };
  return { services, recovery, firstLoginFile: firstLogin };
}

async function build(scope: Scope, options: StartOptions): Promise<Server> {
  const { settings, log } = options;
  const built = await buildServices(scope, options);
  const throttle = new LoginThrottle({ ...settings.accounts, clock: systemClock });
  let ssh: SshServer<Account> | undefined;
  const services: Services = {
    ...built.services,
    connections: () => {
      const { authenticated = 0, waiting = 0 } = ssh?.connections ?? {};
      return { open: authenticated + waiting, loggedIn: authenticated };
    },
  };
  const front = new Front({ services, recovery: built.recovery, throttle, log });
  scope.own(await ControlSocket.listen(join(resolve(settings.data), "control.sock"), services, log));
  await warmUp();
  ssh = scope.own(
    await SshServer.start({
      listen: settings.listen,
      hostKeyFile: join(resolve(settings.data), "host-key"),
      settings: settings.ssh,
      handlers: front,
      log,
      clock: systemClock,
    }),
  );
  const edge = ssh;
  log.info("listening", { host: edge.address.host, port: edge.address.port });
  return {
    host: edge.address.host,
    port: edge.address.port,
    fingerprint: edge.fingerprint,
    services,
    firstLoginFile: await exists(built.firstLoginFile) ? built.firstLoginFile : undefined,
    demo: (await services.accounts.find("ada")) !== undefined,
    async drain() {
      edge.stopAccepting();
      services.sessions.drain();
      await services.sessions.endAll("The server is restarting. Your work is kept: log in again in a minute.");
      log.info("drained");
    },
    [Symbol.asyncDispose]: () => scope.close(),
  };
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
  const postgres = await startEmbeddedPostgres({ directory: join(data, "postgres"), binaries, log });
  return scope.own(postgres).url;
}

/** Brings the database up to date without serving. */
export async function migrateDatabase(options: { settings: Settings; log: Log }): Promise<void> {
  await using scope = new Scope("migrate");
  const data = await openDataDirectory(scope, options.settings.data);
  const url = options.settings.database.url || (await embedded(scope, options.settings, data, options.log));
  await migrate(url, options.log);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(() => true, () => false);
}

async function packageVersion(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && "version" in value ? String(value.version) : "unknown";
}

/** The wiring diagram: every part of a process is made here, once, in one scope. Read it from top to bottom. */
import { access, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { packageVersion } from "../base/package-version.ts";
import { Accounts } from "../auth/accounts.ts";
import { Backups } from "../backup/backups.ts";
import type { Account } from "../auth/account.ts";
import { Audit } from "../auth/audit.ts";
import { keepAuditShort } from "../auth/audit-retention.ts";
import { ExternalLogin } from "../auth/external/external-login.ts";
import { StudentDirectory } from "../auth/student-directory.ts";
import { PasswordHasher } from "../auth/password-hasher.ts";
import { systemClock, type Clock } from "../base/clock.ts";
import { DiskRoom } from "../base/disk-room.ts";
import { EventLoopDelay } from "../base/event-loop.ts";
import type { Event } from "../base/events.ts";
import { LogLines } from "../base/log-lines.ts";
import { tallies } from "../base/measures.ts";
import { RetentionTime } from "../base/retention-time.ts";
import { Slowest } from "../base/slowest.ts";
import { Scope } from "../base/scope.ts";
import { Classroom } from "../classroom/classroom.ts";
import { UsageCounter } from "../classroom/usage-counter.ts";
import { keepUsageShort } from "../classroom/usage-retention.ts";
import { Cluster } from "../cluster/cluster.ts";
import { startsAtOnce, workerCount } from "../cluster/worker-count.ts";
import { ControlSocket } from "../commands/control-socket.ts";
import type { Services } from "../commands/services.ts";
import { useTimeZone } from "../config/environment.ts";
import { Assignments } from "../courses/assignments.ts";
import { Database } from "../db/database.ts";
import { layFoundation, nodeName, type Foundation, type StartOptions } from "./foundation.ts";
import { RoleRateLimiter } from "../limits/role-rate.ts";
import { SharedLoginThrottle } from "../limits/shared-login-throttle.ts";
import { SharedRateLimiter } from "../limits/shared-rate.ts";
import { SharedState } from "../limits/shared-state.ts";
import { LockManager } from "../locks/lock-manager.ts";
import { Slots } from "../locks/slots.ts";
import { Router } from "../front/router.ts";
import type { ProcessReport } from "../metrics/process-report.ts";
import { Runner } from "../runner/runner.ts";
import type { Monitor, MonitorOptions } from "./monitor.ts";
import type { Served } from "./served.ts";
import { Recovery } from "../session/recovery.ts";
import { keepRecoveryShort } from "../session/recovery-retention.ts";
import { SessionRegistry } from "../session/session-registry.ts";
import { SessionUsage } from "../session/session-usage.ts";
import { StudentSandboxes } from "../session/student-sandboxes.ts";
import { loadHostKey } from "../ssh/host-keys.ts";
import { parseListen } from "../ssh/listen.ts";
import { SshServer, type ConnectionCounts } from "../ssh/server.ts";
import type { Ticket } from "../ssh/startups.ts";
import { warmUp } from "../tui/attach.ts";
import { Archives } from "../workspace/archives.ts";
import { sweepCopies } from "../workspace/home-copy.ts";
import { CourseWatch } from "../workspace/course-watch.ts";
import type { ForeignChange } from "../workspace/workspace.ts";
import { homesFolder } from "../workspace/access.ts";
import { ProjectQuotas, projectRange } from "../workspace/project-quotas.ts";
import { Workspaces } from "../workspace/workspaces.ts";

export type { StartOptions } from "./foundation.ts";

/** A running server in one process. Disposing ends it at once; `drain` first lets people save and leave. */
export interface Server extends Node, Omit<Served, "drain"> {}

/** A process that has people's sessions: all of a server, or one of its workers. */
export interface Node extends AsyncDisposable {
  readonly fingerprint: string;
  readonly services: Services;
  readonly connections: ConnectionCounts;
  /** Fires when `connections` changed. */
  readonly onConnections: Event<void>;
  /** Fires when somebody asked for the end of this process: `node drain`. */
  readonly onDrainAsked: Event<void>;
  /** Whether it is ending. */
  readonly draining: boolean;
  /** Takes a connection that another process has accepted, paused. */
  accept(socket: Socket, ticket?: Ticket): void;
  /** Its metrics; undefined where nobody asked for any (`metrics.listen`). */
  readonly report: (() => Promise<ProcessReport>) | undefined;
  /** Ends a connection of this address that keeps us waiting. */
  makeRoom(source: string): void;
  /** Takes a connection to the control socket. */
  acceptControl(socket: Socket): void;
  /**
   * Stops new logins, tells everyone, keeps unsaved work; then dispose. `alone` means that other processes of this
   * server go on.
   */
  drain(options?: { readonly alone: boolean }): Promise<void>;
}

/** What a process is among the others of its server. */
export interface NodeRole {
  /** Number of the worker; undefined for a server in one process. */
  readonly worker: number | undefined;
}

/**
 * A whole server in this process. Rejects with a UserError for what an admin can mend; then nothing is left running.
 */
export async function start(options: StartOptions): Promise<Server> {
  const scope = new Scope("server");
  try {
    const { settings, log } = options;
    const foundation = await layFoundation(scope, options);
    const { node, edge, control } = await build(scope, options, foundation, { worker: undefined });
    await control.listen(join(foundation.data, "control.sock"));
    await edge.listen(settings.listen, options.listener);
    const metrics = await serveMetrics(scope, options, node);
    const { host, port } = edge.address;
    log.info("listening", { host, port });
    return {
      ...node,
      // A spread would copy the value of this moment.
      get connections() {
        return edge.connections;
      },
      host,
      port,
      hostKeyChange: foundation.hostKeyChange,
      metrics,
      jail: node.services.runner.jail,
      firstLoginFile: (await exists(foundation.firstLoginFile)) ? foundation.firstLoginFile : undefined,
      demo: (await node.services.accounts.find("ada")) !== undefined,
      [Symbol.asyncDispose]: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

/** Serves the metrics of a server in one process, where they are wanted. */
async function serveMetrics(scope: Scope, { settings, log }: StartOptions, node: Node): Promise<Served["metrics"]> {
  const { report } = node;
  if (!report) return undefined;
  const { MetricsEndpoint } = await import("./metrics-endpoint.ts");
  const collect = async () => [await report()];
  const { listen } = settings.metrics;
  return scope.own(
    await MetricsEndpoint.open({ listen, collect, draining: () => node.draining, clock: systemClock, log }),
  );
}

/** One of several processes of a server, on the foundation. It does not listen: `accept` gives it its connections. */
export async function startWorker(options: StartOptions, foundation: Foundation, worker: number): Promise<Node> {
  const scope = new Scope(`worker ${worker}`);
  try {
    return (await build(scope, options, foundation, { worker })).node;
  } catch (error) {
    await scope.close();
    throw error;
  }
}

/** What the parts of a process are made with. */
interface Wiring extends StartOptions, Foundation, NodeRole {
  readonly scope: Scope;
  readonly clock: Clock;
}

/** What this process shares with the others of its server. */
async function joinNodes({ scope, settings, data, url, sockets, worker, clock, log }: Wiring) {
  const logLines = new LogLines(log);
  const database = scope.own(await Database.connect({ ...settings.database, url, log }));
  const name = nodeName(settings, worker);
  const locks = scope.own(
    await LockManager.start({
      database,
      url,
      name,
      leaseSeconds: settings.locks.leaseSeconds,
      machines: settings.cluster.listen === "" ? "one" : "several-watched",
      clock,
      log,
    }),
  );
  const { privateKey } = await loadHostKey(settings.cluster.keyFile || join(data, "cluster-key"), "cluster key");
  const socket = join(sockets, `${process.pid}.sock`);
  scope.defer(() => rm(socket, { force: true }));
  const cluster = scope.own(
    await Cluster.start({
      name,
      database,
      lease: locks,
      key: privateKey,
      socket,
      listen: nodeListen(settings.cluster.listen, worker ?? 0),
      advertise: settings.cluster.advertise,
      maxSessions: settings.limits.sessions,
      logLines,
      clock,
      log,
    }),
  );
  return { database, name, locks, cluster, logLines };
}

/** What keeps people's files. */
async function openFiles(
  { scope, settings, data, worker, clock, log }: Wiring,
  { accounts, audit }: { readonly accounts: Accounts; readonly audit: Audit },
) {
  const room = scope.own(
    await DiskRoom.open({ directory: data, ...settings.disk, keeps: (worker ?? 1) === 1, clock, log }),
  );
  const copies = worker === undefined ? join(data, "copies") : join(data, "copies", String(process.pid));
  // What a crash left; of several processes the primary sweeps.
  if (worker === undefined) await sweepCopies(copies);
  scope.defer(() => sweepCopies(copies));
  const projects = scope.own(
    await ProjectQuotas.open({
      directory: join(data, "projects"),
      homes: join(data, "files", homesFolder),
      range: projectRange(settings.disk.projectIds),
      limitBytes: settings.limits.workspaceMebibytes * 2 ** 20,
      python: settings.runner.python,
      sweeps: (worker ?? 1) === 1,
      log,
    }),
  );
  const workspaces = new Workspaces({
    directory: join(data, "files"),
    copies,
    limits: settings.limits,
    students: new StudentDirectory({ accounts, clock }),
    onForeignChange: recordForeignChange(audit),
    room,
    projects,
    log,
    clock,
  });
  await workspaces.prepare();
  const studentSandboxes = new StudentSandboxes(workspaces, settings.limits);
  const course = scope.own(new CourseWatch({ directory: join(data, "files"), clock, log }));
  return { room, projects, workspaces, studentSandboxes, course };
}

// oxlint-disable-next-line max-lines-per-function -- wiring: a few lines for each service
async function buildServices(wiring: Wiring) {
  const { scope, settings, data, url, worker, clock, log } = wiring;
  const { database, name, locks, cluster, logLines } = await joinNodes(wiring);
  const audit = new Audit(database, log);
  const retention = scope.own(
    await RetentionTime.start({ file: join(data, "clock.json"), databaseTime: () => timeOf(database), clock, log }),
  );
  const mayRemove = (): Promise<boolean> => retention.mayRemove();
  scope.own(keepAuditShort({ database, audit, keepDays: settings.audit.keepDays, mayRemove, clock, log }));
  scope.own(keepUsageShort({ database, keepDays: settings.usage.keepDays, mayRemove, clock, log }));
  const usage = scope.own(new UsageCounter({ database, clock, log }));
  const hasher = new PasswordHasher({ cost: settings.accounts.bcryptCost });
  const accounts = new Accounts({
    database,
    hasher,
    passwordLength: settings.accounts.passwordLength,
    passwordHelp: settings.auth.external.passwordHelp,
  });
  const external =
    settings.auth.external.command.length > 0
      ? scope.own(new ExternalLogin({ settings: settings.auth.external, accounts, audit, clock, log }))
      : undefined;
  const { room, projects, workspaces, studentSandboxes, course } = await openFiles(wiring, { accounts, audit });
  const run = worker === undefined ? join(data, "run") : join(data, "run", String(process.pid));
  const onBrokerRestart = (ended: string): void => {
    tallies.restart.add("broker");
    void audit.record({ actor: "system", action: "broker.restart", subject: name, result: "ok", detail: { ended } });
  };
  const runner = scope.own(
    await Runner.start({
      settings: settings.runner,
      limits: settings.limits,
      timeZone: settings.timeZone,
      directory: run,
      jailUserDirectory: join(data, "jail-user"),
      specs: new Slots(locks, { kind: "slot", max: settings.limits.runsAtOnce }),
      startsAtOnce: startsAtOnce(workerCount(settings)),
      room,
      log,
      clock,
      onBrokerRestart,
    }),
  );
  const scratch = join(
    worker === undefined ? join(data, "copies") : join(data, "copies", String(process.pid)),
    "checks",
  );
  const assignments = new Assignments({ settings, runner, scratch });
  const recovery = new Recovery({ directory: join(data, "recovery"), room, clock, log });
  scope.own(keepRecoveryShort({ directory: join(data, "recovery"), mayRemove, clock, log }));
  const archives = new Archives({
    directory: join(data, "archive"),
    sources: {
      home: (username) => workspaces.homeDirectory(username),
      unsaved: (username) => recovery.directoryOf(username),
    },
    clock,
    log,
  });
  const backupSlot = new Slots(locks, { kind: "backup", max: 1 });
  const backups = scope.own(
    new Backups({
      settings: settings.backup,
      source: { data, databaseUrl: url, version: await packageVersion(), server: name },
      claim: () => backupSlot.take("server"),
      daily: (worker ?? 1) === 1,
      attempted: ({ file, failure }) =>
        audit.record({
          actor: "system",
          action: "backup.create",
          result: failure === undefined ? "ok" : "failed",
          detail: { file, failure },
        }),
      clock,
      log,
    }),
  );
  const sessions = scope.own(
    new SessionRegistry({ limit: settings.limits.sessions, settings: settings.session, clock, log }),
  );
  const sessionUsage = scope.own(new SessionUsage({ sessions, usage, clock }));
  const limits = scope.own(new SharedState({ database, clock, log }));
  const {
    runsPerMinute,
    commandsPerMinute,
    fileOperationsPerMinute,
    messagesPerMinute,
    roleFactors: factors,
  } = settings.limits;
  const runs = new SharedRateLimiter({ name: "runs", perMinute: runsPerMinute, factors, state: limits });
  const commands = new SharedRateLimiter({ name: "commands", perMinute: commandsPerMinute, factors, state: limits });
  const fileOperations = new RoleRateLimiter({ perMinute: fileOperationsPerMinute, factors, clock });
  const messages = new SharedRateLimiter({ name: "messages", perMinute: messagesPerMinute, factors, state: limits });
  const classroom = scope.own(
    new Classroom({
      database,
      url,
      accounts,
      audit,
      settings: settings.classroom,
      limiter: messages,
      mayRemove,
      clock,
      log,
    }),
  );
  const throttle = new SharedLoginThrottle({ ...settings.accounts, state: limits });
  const eventLoop = scope.own(new EventLoopDelay(clock));
  const version = await packageVersion();
  const services = {
    settings,
    accounts,
    external,
    audit,
    database,
    workspaces,
    studentSandboxes,
    archives,
    assignments,
    backups,
    course,
    runner,
    sessions,
    locks,
    cluster,
    limits,
    transfers: new Slots(locks, { kind: "transfer", max: settings.limits.transfersAtOnce }),
    runs,
    commands,
    fileOperations,
    messages,
    classroom,
    usage,
    sessionUsage,
    throttle,
    eventLoop,
    slowest: scope.own(new Slowest(clock)),
    logLines,
    logHealth: () => log.health?.(),
    retention,
    room,
    projects,
    clock,
    startedAt: clock.now(),
    version,
  };
  return { services, recovery };
}

async function build(scope: Scope, options: StartOptions, foundation: Foundation, role: NodeRole) {
  const { settings, log } = options;
  useTimeZone(settings.timeZone);
  const built = await buildServices({ ...options, ...foundation, ...role, scope, clock: systemClock });
  let edge: SshServer<Account> | undefined;
  let router: Router | undefined;
  const services: Services = {
    ...built.services,
    async disconnect(username, text, keep) {
      await router?.dismiss(username, text, keep);
      await edge?.disconnect((account) => account.username === username && account !== keep, text);
    },
    connections: () => {
      const { authenticated = 0, waiting = 0 } = edge?.connections ?? {};
      return { open: authenticated + waiting, loggedIn: authenticated };
    },
  };
  router = new Router({ services, recovery: built.recovery, log });
  scope.own(router);
  const control = scope.own(new ControlSocket(services, log));
  await warmUp(log);
  const hostKeyFile = join(foundation.data, "host-key");
  const server = scope.own(
    await SshServer.create({ hostKeyFile, settings: settings.ssh, handlers: router, log, clock: systemClock }),
  );
  edge = server;
  let draining = false;
  const monitor = await openMonitor(scope, services, { data: foundation.data, ...role, draining: () => draining });
  const node: Node = {
    fingerprint: server.fingerprint,
    services,
    get connections() {
      return server.connections;
    },
    onConnections: server.onConnections,
    onDrainAsked: router.onDrainAsked,
    report: monitor && (() => monitor.report()),
    get draining() {
      return draining;
    },
    accept: (socket, ticket) => server.accept(socket, ticket),
    makeRoom: (source) => server.makeRoom(source),
    acceptControl: (socket) => control.accept(socket),
    async drain({ alone } = { alone: false }) {
      draining = true;
      server.stopAccepting();
      await Promise.all([router.drain({ alone }), recordNode(services, "node.stop")]);
      log.info("drained");
    },
    [Symbol.asyncDispose]: () => scope.close(),
  };
  await recordNode(services, "node.start");
  return { node, edge: server, control };
}

/** What reports this process to the one that serves metrics; undefined, and nothing is measured, where they are not wanted. */
async function openMonitor(
  scope: Scope,
  services: Services,
  options: Omit<MonitorOptions, "services">,
): Promise<Monitor | undefined> {
  if (services.settings.metrics.listen === "") return undefined;
  const loaded = await import("./monitor.ts");
  return scope.own(new loaded.Monitor({ services, ...options }));
}

/** Records each change of somebody else's files in the audit trail: who, whose, which, how large; never the content. */
function recordForeignChange(audit: Audit): (change: ForeignChange) => Promise<void> {
  return ({ by, owner, what, path, before, after, to }) =>
    audit.record({
      actor: by.username,
      action: `file.${what}`,
      subject: owner,
      result: "ok",
      detail: {
        path,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
        ...(to === undefined ? {} : { to }),
      },
    });
}

/** The database's clock, milliseconds since the epoch. */
async function timeOf(database: Database): Promise<number> {
  const [row] = await database.queryRepeatable<{ now: Date }>("SELECT clock_timestamp() AS now");
  return row?.now.getTime() ?? Number.NaN;
}

/** Records starts and ends in the audit trail: they explain times without entries. */
async function recordNode({ audit, cluster, version }: Services, action: "node.start" | "node.stop"): Promise<void> {
  await audit.record({
    actor: "system",
    action,
    subject: cluster.name,
    result: "ok",
    detail: { version, pid: process.pid },
  });
}

/** The address on which a node listens: each worker takes its own port, counted from the one in the settings. */
function nodeListen(listen: string, offset: number): { readonly host: string; readonly port: number } | undefined {
  if (listen === "") return undefined;
  const { host, port } = parseListen(listen);
  return { host, port: port === 0 ? 0 : port + offset };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

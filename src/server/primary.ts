/**
 * A server of several processes. The primary lays the foundation, listens, refuses connections that are too many before
 * any cryptography is done for them, and passes all others, unread, to workers. It has no sessions itself: a worker
 * that fails takes down only its own people's.
 */
import { access, rm } from "node:fs/promises";
import { createServer, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Audit } from "../auth/audit.ts";
import { systemClock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { tallies } from "../base/measures.ts";
import { programFile } from "../base/program-file.ts";
import { Scope } from "../base/scope.ts";
import { workerSettings } from "../cluster/worker-count.ts";
import { WorkerPool } from "../cluster/worker-pool.ts";
import { listenForControl } from "../commands/control-listener.ts";
import { Database } from "../db/database.ts";
import { layFoundation, nodeName, type Foundation, type StartOptions } from "./foundation.ts";
import { forgetProcess } from "../locks/lock-table.ts";
import { identifyProcess } from "../locks/process-identity.ts";
import type { Served } from "./served.ts";
import { loadHostKey } from "../ssh/host-keys.ts";
import { listenOn } from "../ssh/listen.ts";
import { trustedAddresses } from "../ssh/proxy-protocol.ts";
import { refuse, StartupGate } from "../ssh/startups.ts";
import { sweepCopies } from "../workspace/home-copy.ts";
import { shutdownTimes } from "./shutdown-times.ts";

const restarting = "classh is restarting. Try again in a minute.";

/** A server with at least two workers. Rejects with a UserError for what an admin can mend. */
export async function startPrimary(options: StartOptions, workers: number): Promise<Served> {
  const scope = new Scope("primary");
  try {
    return await build(scope, options, workers);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

interface PoolOptions extends StartOptions {
  readonly scope: Scope;
  readonly foundation: Foundation;
  readonly workers: number;
}

/** The workers, not started yet. */
async function makePool({ scope, settings, log, foundation, workers }: PoolOptions): Promise<WorkerPool> {
  const clock = systemClock;
  const { url } = foundation;
  const database = scope.own(await Database.connect({ ...settings.database, url, poolSize: 2, log }));
  const audit = new Audit(database, log);
  await clearOldRuns(foundation);
  const { host: machine } = await identifyProcess();
  const forWorkers = workerSettings(settings, workers);
  const { file, execArgv } = programFile("server/worker");
  return scope.own(
    new WorkerPool({
      count: workers,
      file: fileURLToPath(file),
      execArgv,
      startOf: (worker) => ({ type: "start", worker, settings: forWorkers, foundation }),
      onGone: (pid) => forget(database, machine, pid, foundation),
      giveUp(socket, visitor) {
        if (visitor !== "control") {
          visitor.end("left");
          refuse(socket, restarting, clock);
        } else {
          socket.destroy();
        }
      },
      onRestart(worker, ended) {
        tallies.restart.add("worker");
        void audit.record({
          actor: "system",
          action: "worker.restart",
          subject: nodeName(settings, worker),
          result: "ok",
          detail: { ended },
        });
      },
      clock,
      log,
    }),
  );
}

async function build(scope: Scope, options: StartOptions, workers: number): Promise<Served> {
  const { settings, log } = options;
  const clock = systemClock;
  const foundation = await layFoundation(scope, options);
  const { data } = foundation;
  const pool = await makePool({ ...options, scope, foundation, workers });
  const { fingerprint } = await loadHostKey(join(data, "host-key"));
  const { jail, demo } = await pool.start();

  let accepting = true;
  const isTrusted = trustedAddresses(settings.ssh.trustedProxies);
  const gate = new StartupGate({
    settings: settings.ssh,
    isTrusted,
    clock,
    makeRoom: (source) => pool.makeRoom(source),
  });
  const control = await listenForControl(join(data, "control.sock"), {
    paused: true,
    log,
    accept: (socket) => void (pool.give("control", keep(socket, log)) || socket.destroy()),
  });
  scope.defer(() => closed(control));
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    keep(socket, log);
    const { ticket, refusal } = accepting ? gate.admit(socket.remoteAddress ?? "") : { refusal: restarting };
    if (!ticket) return refuse(socket, refusal, clock);
    if (pool.give(ticket, socket)) return undefined;
    ticket.end("left");
    return refuse(socket, restarting, clock);
  });
  await listenOn(server, settings.listen, options.listener);
  const metrics = await serveMetrics({ scope, options, pool, draining: () => !accepting });
  scope.defer(() => closed(server));
  const { address: host, port } = server.address() as AddressInfo;
  log.info("listening", { host, port, workers });
  return {
    host,
    port,
    fingerprint,
    hostKeyChange: foundation.hostKeyChange,
    metrics,
    jail,
    demo,
    firstLoginFile: await access(foundation.firstLoginFile).then(
      () => foundation.firstLoginFile,
      () => undefined,
    ),
    onDrainAsked: new Emitter<void>().on, // workers are asked, not the primary
    async drain() {
      accepting = false;
      await pool.drain(shutdownTimes.workersMs);
      log.info("drained");
    },
    [Symbol.asyncDispose]: () => scope.close(),
  };
}

/** Time in which a worker has to tell its metrics. Prometheus waits 10 seconds for all of them. */
const reportMs = 3_000;

/** Serves the metrics of all processes, where they are wanted. */
async function serveMetrics({
  scope,
  options: { settings, log },
  pool,
  draining,
}: {
  readonly scope: Scope;
  readonly options: StartOptions;
  readonly pool: WorkerPool;
  readonly draining: () => boolean;
}): Promise<Served["metrics"]> {
  const { listen } = settings.metrics;
  if (listen === "") return undefined;
  const { MetricsEndpoint } = await import("./metrics-endpoint.ts");
  const { PrimaryMonitor } = await import("./primary-monitor.ts");
  const monitor = scope.own(new PrimaryMonitor(systemClock, () => pool.inLine));
  const collect = async () => (await Promise.all([monitor.report(), pool.reports(reportMs)])).flat();
  return scope.own(await MetricsEndpoint.open({ listen, collect, draining, clock: systemClock, log }));
}

/** Frees what a process that is gone had: its lease with its sessions, its locks, its files. */
async function forget(database: Database, machine: string, pid: number, { data, sockets }: Foundation): Promise<void> {
  await Promise.all([
    rm(join(data, "run", String(pid)), { recursive: true, force: true }),
    sweepCopies(join(data, "copies", String(pid))),
    rm(join(sockets, `${pid}.sock`), { force: true }),
    // Without a database its lease ends by itself.
    forgetProcess(database, { host: machine, pid }),
  ]);
}

/** Removes files of a server that was killed. Its workers, if they still run, are about to end. */
async function clearOldRuns({ data }: Foundation): Promise<void> {
  await rm(join(data, "run"), { recursive: true, force: true });
  await sweepCopies(join(data, "copies"));
}

/** Keeps a socket until it is passed on; a client that leaves before is no error. */
function keep(socket: Socket, log: Log): Socket {
  socket.on("error", (error) => log.debug("connection error", { error }));
  return socket;
}

function closed(server: TcpServer): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

/**
 * `classh serve`: starts a server, says how to connect, and ends it in order on SIGTERM, SIGINT, or when its terminal
 * closes.
 */
import { relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { hostKeyHint, hostKeyWarning } from "../auth/host-key-history.ts";
import { logUncaught } from "../base/error-report.ts";
import { outOfSupport } from "../base/node-release.ts";
import type { Log } from "../base/log.ts";
import { tellSupervisor } from "../config/environment.ts";
import { workerCount } from "../cluster/worker-count.ts";
import type { StartOptions } from "./foundation.ts";
import type { Served } from "./served.ts";
import { shutdownTimes } from "./shutdown-times.ts";

/** Serves; resolves with the exit status after the server has ended. */
export async function serve(options: StartOptions): Promise<number> {
  guardProcess(options.log);
  // The reader of our output may be gone: no reason to stop, and none to stop badly.
  process.stdout.on("error", (error) => options.log.warn("nobody reads standard output", { error }));
  process.stderr.on("error", () => undefined);
  const workers = workerCount(options.settings);
  const signalled = firstSignal();
  const server = await startUnlessTold(options, workers, signalled);
  if (!server) return 0;
  const asked = new Promise<readonly string[]>((resolve) => server.onDrainAsked(() => resolve(["node drain"])));
  const told = Promise.race([signalled, asked]);
  tellSupervisor();
  // Only now: whoever reads it may send a signal at once.
  process.stdout.write(greeting(server));
  const outdated = outOfSupport(process.versions.node, Date.now());
  if (outdated !== undefined) {
    process.stdout.write(`classh: ${outdated}\n`);
    options.log.warn("the runtime is out of support", { detail: outdated });
  }
  const [why] = await told;
  options.log.info("stopping", { signal: why });
  process.stdout.write("classh: stopping; unsaved work is kept\n");
  const ended = await Promise.race([end(server).then(() => true), delay(shutdownTimes.processMs, false)]);
  if (!ended) options.log.error("did not end in time");
  return 0;
}

/**
 * The first signal to stop. Later ones change nothing, whoever sends them (a service manager and our supervisor at once, an impatient Ctrl-C): the end
 * takes a bounded time, and to be ended half-way would leave the database behind.
 */
async function firstSignal(): Promise<readonly [string]> {
  return await new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => resolve([signal]));
  });
}

/** The server; undefined when a signal came first: then what was begun is ended, and nothing is left running. */
async function startUnlessTold(
  options: StartOptions,
  workers: number,
  signalled: Promise<readonly unknown[]>,
): Promise<Served | undefined> {
  const giveUp = new AbortController();
  const told = signalled.then(([signal]) => {
    options.log.info("told to stop while starting", { signal: String(signal) });
    giveUp.abort();
  });
  // If the start ends first, nobody awaits this.
  told.catch(() => undefined);
  const withStop = { ...options, stop: giveUp.signal };
  try {
    // Only what is needed is loaded: a primary has no screens, no editor and no commands.
    const server =
      workers > 0
        ? await (await import("./primary.ts")).startPrimary(withStop, workers)
        : await (await import("./main.ts")).start(withStop);
    if (!giveUp.signal.aborted) return server;
    await end(server);
  } catch (error) {
    if (!giveUp.signal.aborted) throw error;
    // What fails because it was stopped is no failure: a Ctrl-C also ends children that were working.
    options.log.debug("the start was given up", { error });
  }
  return undefined;
}

async function end(server: Served): Promise<void> {
  await server.drain();
  await server[Symbol.asyncDispose]();
}

/** What the person who started the server reads. */
export function greeting(server: Served): string {
  const address = server.host.includes(":") ? `[${server.host}]` : server.host;
  const host = ["0.0.0.0", "::"].includes(server.host) ? "localhost" : server.host;
  const port = server.port === 22 ? "" : `-p ${server.port} `;
  const user = server.demo ? "ada" : "admin";
  const file = server.firstLoginFile;
  const passwords = file ? `        (initial passwords: ${near(file)})` : "";
  const { jail } = server;
  const account = jail.user === undefined ? "the server's own account (see classh doctor)" : jail.user;
  const warning = jail.available
    ? `classh: programs run as ${account}\n`
    : `classh: programs can't be run: ${jail.reason ?? "no jail"}\n${jail.install ? `        to fix it: ${jail.install}\n` : ""}`;
  return (
    `classh: listening on ${address}:${server.port}, host key ${server.fingerprint}\n` +
    (server.hostKeyChange
      ? `classh: WARNING: ${hostKeyWarning(server.hostKeyChange)}.\n        ${hostKeyHint}\n`
      : "") +
    (server.metrics?.problem === undefined ? "" : `classh: WARNING: ${server.metrics.problem}; it is tried again\n`) +
    `Try it:  ssh ${port}${user}@${host}${passwords}\n${warning}`
  );
}

function near(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

/** Logs what nobody caught, and goes on: a bug must end one session, not everybody's. */
function guardProcess(log: Log): void {
  process.on("uncaughtException", (error) => logUncaught(error, log, { where: "uncaught exception" }));
  process.on("unhandledRejection", (error) => logUncaught(error, log, { where: "unhandled rejection" }));
}

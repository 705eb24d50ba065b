/**
 * A worker, or a whole server on another machine, is killed: how soon its people's sessions and files are free. The other machine is
 * a pid namespace of its own; database, files and network are shared, as they are between machines.
 */
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import type { Scope } from "../../src/base/scope.ts";
import { Fleet } from "../clients/fleet.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { startClassh, type ClasshServer } from "../servers/classh.ts";
import { control } from "../servers/control.ts";
import type { Target } from "../servers/target.ts";
import { median } from "../statistics.ts";

const timeLimit = 300_000;
/** A new worker takes its place; the one that was killed must have lived for a while, or the primary waits before it starts one. */
const restMs = 12_000;
const cheap = { CLASSH_ACCOUNTS_BCRYPT_COST: "4", CLASSH_INITIAL_PASSWORD_CHANGE: "off" };

export async function takeover(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  await using scope = parent.child("takeover");
  const workers = await deathsOfWorkers(scope, options.quick ? 1 : 5);
  const machines = await deathsOfMachines(scope, options.quick ? 1 : 5);
  return {
    scenario: "takeover",
    title: `take-over: sessions and files of what was killed are free, ${workers.length} workers and ${machines.length} servers on another machine`,
    rows: [
      { what: "after a worker's death, median", unit: "ms", classh: median(workers) },
      { what: "after a worker's death, worst", unit: "ms", classh: Math.max(...workers) },
      { what: "after kill -9 of a whole server elsewhere, median", unit: "ms", classh: median(machines) },
      { what: "after kill -9 of a whole server elsewhere, worst", unit: "ms", classh: Math.max(...machines) },
    ],
    details: { workers, machines },
  };
}

async function deathsOfWorkers(parent: Scope, rounds: number): Promise<readonly number[]> {
  await using scope = parent.child("workers");
  const server = scope.own(await startClassh(scope, { accounts: 1, login: "key", settings: cheap, workers: 2 }));
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await delay(round === 0 ? 0 : restMs);
    await using _person = await somebody(scope, server.targets);
    const [session] = await rows<{ node: string }>(server, "session list --json");
    const worker = (await rows<{ name: string; pid: number }>(server, "node list --json")).find(
      ({ name }) => name === session?.node,
    );
    if (!worker) throw new Error("nobody has the session");
    times.push(await untilFree(server, worker.pid));
  }
  return times;
}

async function deathsOfMachines(parent: Scope, rounds: number): Promise<readonly number[]> {
  await using scope = parent.child("machines");
  const network = { ...cheap, CLASSH_CLUSTER_LISTEN: "127.0.0.1:0" };
  const near = scope.own(await startClassh(scope, { accounts: 1, login: "key", settings: network, workers: 1 }));
  const socket = encodeURIComponent(join(near.data, "postgres.socket"));
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await using machine = scope.child("machine");
    const far = machine.own(
      await startClassh(machine, {
        accounts: 0,
        login: "key",
        workers: 2,
        settings: {
          ...network,
          DATABASE_URL: `postgresql://classh@/classh?host=${socket}`,
          CLASSH_CLUSTER_KEY_FILE: join(near.data, "cluster-key"),
        },
        launcher: (data) => anotherMachine(near.data, data),
      }),
    );
    await using _person = await somebody(
      machine,
      near.targets.map((target) => ({ ...target, port: far.port })),
    );
    times.push(await untilFree(near, far.pid));
  }
  return times;
}

/** Its processes can't be seen from here, and die with the launcher. */
function anotherMachine(near: string, data: string): readonly string[] {
  return [
    "/usr/bin/bwrap",
    "--dev-bind",
    "/",
    "/",
    "--bind",
    join(near, "files"),
    join(data, "files"),
    "--unshare-pid",
    "--proc",
    "/proc",
    "--die-with-parent",
    "--",
  ];
}

/** Somebody is in the IDE with a file open, and everybody knows. */
async function somebody(scope: Scope, targets: readonly Target[]): Promise<AsyncDisposable> {
  const fleet = await Fleet.start(scope, targets);
  await fleet.logIn(0, timeLimit);
  await delay(1500);
  return fleet;
}

/** Kills a process and waits until nobody is listed and nothing is locked any more. Milliseconds. */
async function untilFree(server: ClasshServer, pid: number): Promise<number> {
  const held = await left(server);
  if (held < 2) throw new Error("there is no session with an open file");
  const began = performance.now();
  process.kill(pid, "SIGKILL");
  while ((await left(server)) > 0) {
    if (performance.now() - began > timeLimit) throw new Error("nobody took over");
    await delay(2);
  }
  return performance.now() - began;
}

async function left(server: ClasshServer): Promise<number> {
  // The one that is asked may be the one that dies.
  const counts = await Promise.all(
    ["session list --json", "lock list --json"].map((line) =>
      rows(server, line).then(
        ({ length }) => length,
        () => 1,
      ),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function rows<T>(server: ClasshServer, line: string): Promise<readonly T[]> {
  return JSON.parse(await control(join(server.data, "control.sock"), { line })) as T[];
}

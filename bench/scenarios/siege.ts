/** Ten people attack at once, each in another way, for ten minutes, and come back whenever they are thrown out: what do ten who type notice, and what stays? */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Scope } from "../../src/base/scope.ts";
import { patienceMs, Worker } from "../base/worker.ts";
import { attackersNiceness, attackKinds, typistsNiceness, type AttackerCalls } from "../clients/attackers.ts";
import { Fleet } from "../clients/fleet.ts";
import type { Echoes } from "../clients/typing.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { startClassh, type ClasshServer } from "../servers/classh.ts";
import { control } from "../servers/control.ts";
import { percentile } from "../statistics.ts";
import { cheapHashes } from "./echo.ts";

const fullTypists = 10;
const quickTypists = 2;
const keysPerSecond = 5;
/** Of typing, which is measured as one. */
const stretch = 20;
/** Until everybody's Python has started, and until what the attackers did is over and their sessions are ended, milliseconds. */
const restMs = 15_000;

export async function siege(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const seconds = options.seconds ?? (options.quick ? 3 : 600);
  const typists = options.quick ? quickTypists : fullTypists;
  const rest = options.quick ? 1000 : restMs;
  await using scope = parent.child("siege");
  const kinds = attackKinds.filter((kind) => kind !== "nothing");
  const server = scope.own(
    await startClassh(scope, {
      accounts: typists + kinds.length,
      login: "key",
      settings: cheapHashes,
      profile: options.profile,
      workers: options.workers,
    }),
  );
  const fleet = scope.own(
    await Fleet.start(scope, server.targets.slice(0, typists), options.quick ? undefined : typistsNiceness),
  );
  const worker = scope.own(
    new Worker<AttackerCalls>(
      new URL("../clients/attackers.ts", import.meta.url),
      options.quick ? undefined : attackersNiceness,
    ),
  );
  await worker.call("ready", undefined);
  await fleet.logIn(80, patienceMs);
  await delay(rest);
  const before = { echoes: await fleet.type(Math.min(stretch, seconds), keysPerSecond), ...(await remains(server)) };
  const attackers = server.targets.slice(typists);
  await worker.call("begin", { kinds, targets: attackers });
  const during: Echoes[] = [];
  const begin = performance.now();
  while (performance.now() - begin < seconds * 1000)
    during.push(...(await fleet.type(Math.min(stretch, seconds), keysPerSecond)));
  const deeds = await worker.call("end", undefined);
  await endSessions(server, new Set(attackers.map(({ username }) => username)));
  await delay(rest);
  const after = { echoes: await fleet.type(Math.min(stretch, seconds), keysPerSecond), ...(await remains(server)) };
  const idle = Math.max(p99(before.echoes), p99(after.echoes));
  return {
    scenario: "siege",
    title: `siege: ${typists} students who type ${keysPerSecond} keys a second while ${kinds.length} others attack in as many ways for ${seconds} s`,
    peers: ["without"],
    rows: [
      { what: "echo, p50", unit: "ms", classh: at(during, 50), peers: { without: at(before.echoes, 50) } },
      { what: "echo, p99", unit: "ms", classh: p99(during), peers: { without: idle } },
      { what: "echo, longest", unit: "ms", classh: at(during, 100), peers: { without: at(before.echoes, 100) } },
      { what: "keys without an echo", unit: "", classh: unanswered(during) + unanswered(after.echoes) },
      { what: "memory afterwards", unit: "MB", classh: after.megabytes, peers: { without: before.megabytes } },
      {
        what: "files of the attackers afterwards, of the server before",
        unit: "MB",
        classh: after.diskMegabytes,
        peers: { without: before.diskMegabytes },
      },
      { what: "jails afterwards", unit: "", classh: after.jails, peers: { without: before.jails } },
    ],
    details: { seconds, deeds, before, after },
  };
}

/** Sessions would be kept for whoever comes back. */
async function endSessions(server: ClasshServer, of: ReadonlySet<string>): Promise<void> {
  const socket = join(server.data, "control.sock");
  const sessions = JSON.parse(await control(socket, { line: "session list --json" })) as readonly {
    readonly user: string;
  }[];
  for (const user of new Set(sessions.map((session) => session.user)))
    if (of.has(user)) await control(socket, { line: `session kick ${user}` });
}

/** What there is of the server while nobody does anything. */
async function remains(
  server: ClasshServer,
): Promise<{ readonly megabytes: number; readonly diskMegabytes: number; readonly jails: number }> {
  const { own } = await server.memory();
  const { jails } = await server.started();
  const { stdout } = await promisify(execFile)("/usr/bin/du", ["-sk", server.data]);
  return { megabytes: own / 1e6, diskMegabytes: Number.parseInt(stdout, 10) / 1000, jails };
}

const at = (echoes: readonly Echoes[], percent: number): number =>
  percentile(
    echoes.flatMap(({ ms }) => ms),
    percent,
  );
const p99 = (echoes: readonly Echoes[]): number => at(echoes, 99);
const unanswered = (echoes: readonly Echoes[]): number => echoes.reduce((sum, echo) => sum + echo.unanswered, 0);

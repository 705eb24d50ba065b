/** Some students type while ten others do what is expensive, as fast as they can: what those who type notice of it. */
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { patienceMs, Worker } from "../base/worker.ts";
import {
  attackersNiceness,
  attackKinds,
  typistsNiceness,
  type AttackerCalls,
  type AttackKind,
} from "../clients/attackers.ts";
import { Fleet } from "../clients/fleet.ts";
import type { BenchOptions } from "../options.ts";
import type { Row, ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { percentile } from "../statistics.ts";
import { cheapHashes } from "./echo.ts";

const fullPeople = { typists: 10, attackers: 10 };
const quickPeople = { typists: 2, attackers: 2 };
const keysPerSecond = 5;
/** How long a figure is measured; until the typists' Pythons have started, and those who attacked are gone; until the attack is what it will be. */
const fullTimes = { seconds: 20, restMs: 8000, beginMs: 6000 };
const quickTimes = { seconds: 1, restMs: 300, beginMs: 500 };

interface Figures {
  readonly kind: AttackKind;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly keys: number;
  readonly unanswered: number;
  /** How often the attackers did it. */
  readonly deeds: number;
  readonly megabytes: number;
}

export async function attack(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const { seconds, restMs, beginMs } = options.quick ? quickTimes : fullTimes;
  const { typists, attackers } = options.quick ? quickPeople : fullPeople;
  await using scope = parent.child("attack");
  // In one process, so that nobody is spared by being elsewhere.
  const server = await startClassh(scope, {
    accounts: typists + attackers,
    login: "key",
    settings: cheapHashes,
    profile: options.profile,
    workers: options.workers ?? 0,
  });
  scope.own(server);
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
  await delay(restMs);
  const figures: Figures[] = [];
  for (const kind of [...(options.quick ? (["output", "keys"] as const) : attackKinds), "nothing"] as const) {
    // It takes minutes.
    process.stderr.write(`attack: ${kind}\n`);
    await worker.call("begin", { kinds: [kind], targets: server.targets.slice(typists) });
    await delay(kind === "nothing" ? 0 : beginMs);
    const echoes = await fleet.type(seconds, keysPerSecond);
    const { own } = await server.memory();
    const deeds = await worker.call("end", undefined);
    figures.push({ kind, ...inAll(echoes), deeds, megabytes: own / 1e6 });
    await delay(restMs);
  }
  await fleet.leave();
  // The slower one of before and after: a machine that others use is not as quiet at the end as it was.
  const idle = figures.filter(({ kind }) => kind === "nothing").toSorted((a, b) => b.p99 - a.p99)[0];
  return {
    scenario: "attack",
    title: `attack: ${typists} students who type ${keysPerSecond} keys a second while ${attackers} others do one thing as fast as they can`,
    peers: ["idle"],
    rows: [
      ...figures.map(({ kind, p99 }) => beside(`${kind}, p99`, "ms", [p99, idle?.p99])),
      ...figures.map(({ kind, p50 }) => beside(`${kind}, p50`, "ms", [p50, idle?.p50])),
      ...figures.map(({ kind, megabytes }) => beside(`${kind}, memory`, "MB", [megabytes, figures[0]?.megabytes])),
      { what: "keys without an echo", unit: "", classh: figures.reduce((sum, { unanswered }) => sum + unanswered, 0) },
    ],
    details: figures,
  };
}

function beside(what: string, unit: string, [figure, idle]: readonly [number, number | undefined]): Row {
  return { what, unit, classh: figure, peers: idle === undefined ? {} : { idle } };
}

function inAll(
  echoes: Awaited<ReturnType<Fleet["type"]>>,
): Pick<Figures, "p50" | "p99" | "longest" | "keys" | "unanswered"> {
  const ms = echoes.flatMap((echo) => echo.ms);
  return {
    p50: percentile(ms, 50),
    p99: percentile(ms, 99),
    longest: percentile(ms, 100),
    keys: echoes.reduce((sum, { keys }) => sum + keys, 0),
    unanswered: echoes.reduce((sum, { unanswered }) => sum + unanswered, 0),
  };
}

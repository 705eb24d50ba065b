/** A class that begins at ten o'clock: everybody logs in with a password at the same moment. */
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { Fleet } from "../clients/fleet.ts";
import { patienceMs } from "../base/worker.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import type { BenchServer } from "../servers/target.ts";
import { median, percentile } from "../statistics.ts";

interface Round {
  /** From the first connection to the first paint of the last screen, milliseconds. */
  readonly last: number;
  readonly firstPaints: readonly number[];
}

export async function login(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const people = options.quick ? 10 : 60;
  const count = options.quick ? 1 : 3;
  await using scope = parent.child("login");
  // All settings are the defaults: bcrypt's cost too.
  const server = scope.own(await startClassh(scope, { accounts: people, login: "password", profile: options.profile }));
  const rounds: Round[] = [];
  for (let i = 0; i < count; i++) rounds.push(await round(scope, server));
  const firstPaints = rounds.flatMap(({ firstPaints }) => firstPaints);
  return {
    scenario: "login",
    title: `login: ${people} people with passwords at once, ${count} rounds`,
    rows: [
      { what: "the last one is in (median of rounds)", unit: "ms", classh: median(rounds.map(({ last }) => last)) },
      { what: "the last one is in (worst round)", unit: "ms", classh: Math.max(...rounds.map(({ last }) => last)) },
      { what: "each one, p50", unit: "ms", classh: percentile(firstPaints, 50) },
    ],
    details: { people, rounds },
  };
}

async function round(scope: Scope, server: BenchServer): Promise<Round> {
  await using fleet = await Fleet.start(scope, server.targets);
  const { last, firstPaints } = await fleet.logIn(0, patienceMs);
  await fleet.quit();
  await quiet(server);
  return { last, firstPaints };
}

/** The next round begins when everybody's Python has ended. */
async function quiet(server: BenchServer): Promise<void> {
  const deadline = performance.now() + 20_000;
  while ((await server.started()).jails > 0) {
    if (performance.now() > deadline) throw new Error("jails are left 20 s after everybody has gone");
    await delay(200);
  }
}

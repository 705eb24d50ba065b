/** Connections break, people come back: how soon they see their session again. */
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { Fleet } from "../clients/fleet.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { percentile } from "../statistics.ts";
import { cheapHashes } from "./echo.ts";

/** Between two people, milliseconds. */
const pace = 150;
/** Until the server has noticed that the connections are gone, and everybody's Python has started. */
const restMs = 5_000;
const timeLimit = 300_000;

export async function resume(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const people = options.quick ? 5 : 40;
  const rounds = options.quick ? 1 : 3;
  await using scope = parent.child("resume");
  const server = scope.own(
    await startClassh(scope, {
      accounts: people,
      login: "key",
      settings: cheapHashes,
      profile: options.profile,
      workers: options.workers,
    }),
  );
  await using fleet = await Fleet.start(scope, server.targets);
  const { firstPaints: first } = await fleet.logIn(pace, timeLimit);
  const again: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await delay(restMs);
    await fleet.leave();
    await delay(restMs);
    again.push(...(await fleet.logIn(pace, timeLimit)).firstPaints);
  }
  return {
    scenario: "resume",
    title: `resume: ${people} people whose connections broke log in again, ${rounds} times each`,
    rows: [
      { what: "first paint of a new session, p50", unit: "ms", classh: percentile(first, 50) },
      { what: "first paint of a resumed session, p50", unit: "ms", classh: percentile(again, 50) },
      { what: "first paint of a resumed session, p99", unit: "ms", classh: percentile(again, 99) },
    ],
    details: { people, first, again },
  };
}

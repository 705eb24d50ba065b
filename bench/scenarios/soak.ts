/** A long day: a hundred people log in, type, leave and come back; does the server's memory grow? */
import type { Scope } from "../../src/base/scope.ts";
import { Fleet } from "../clients/fleet.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { slope } from "../statistics.ts";
import { cheapHashes } from "./echo.ts";

const keysPerSecond = 1;
/** Between two looks at the memory, seconds of typing; every so many of these everybody's connection breaks and everybody comes back. */
const full = { people: 100, seconds: 3600, stretch: 20, comeBackEvery: 6 };
const quick = { people: 4, seconds: 4, stretch: 1, comeBackEvery: 2 };
/** Caches and compiled code fill up in the first part, which is left out of the slope. */
const warmUpShare = 0.25;
const pace = 80;
const timeLimit = 300_000;

export async function soak(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const { people, stretch, comeBackEvery, ...usual } = options.quick ? quick : full;
  const seconds = options.seconds ?? usual.seconds;
  await using scope = parent.child("soak");
  const settings = { ...cheapHashes, CLASSH_SSH_CONNECTIONS_PER_MINUTE: "100000" };
  const server = scope.own(
    await startClassh(scope, {
      accounts: people,
      login: "key",
      settings,
      profile: options.profile,
      workers: options.workers,
    }),
  );
  await using fleet = await Fleet.start(scope, server.targets);
  await fleet.logIn(pace, timeLimit);
  const samples: { readonly seconds: number; readonly memory: number }[] = [];
  const begin = performance.now();
  const elapsed = (): number => (performance.now() - begin) / 1000;
  for (let count = 1; elapsed() < seconds; count++) {
    await fleet.type(Math.min(stretch, seconds), keysPerSecond);
    if (count % comeBackEvery === 0) {
      await fleet.leave();
      await fleet.logIn(pace, timeLimit);
    }
    samples.push({ seconds: elapsed(), memory: (await server.memory()).own });
  }
  const counted = samples.slice(Math.floor(samples.length * warmUpShare));
  const perHour = 3600 * slope(counted.map(({ seconds, memory }) => [seconds, memory]));
  const megabytes = (index: number): number => (counted.at(index)?.memory ?? 0) / 1e6;
  return {
    scenario: "soak",
    title: `soak: ${people} people typing and coming back for ${Math.round(elapsed())} s`,
    rows: [
      { what: "memory after warming up", unit: "MB", classh: megabytes(0) },
      { what: "memory at the end", unit: "MB", classh: megabytes(-1) },
      { what: "slope of a line through all samples in between", unit: "MB an hour", classh: perHour / 1e6 },
    ],
    details: { people, samples },
  };
}

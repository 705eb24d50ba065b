/** A class that begins at ten o'clock: everybody logs in with a password at the same moment. */
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { Fleet } from "../clients/fleet.ts";
import { findProgram } from "../base/programs.ts";
import { patienceMs } from "../base/worker.ts";
import type { BenchOptions } from "../options.ts";
import { row, type Row, type ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { noEditor, startSshdIfPossible, type Absent } from "../servers/peers.ts";
import type { BenchServer } from "../servers/target.ts";
import { median, percentile } from "../statistics.ts";

interface Round {
  /** From the first connection to the first paint of the last screen, milliseconds. */
  readonly last: number;
  readonly firstPaints: readonly number[];
}

const sshdName = "sshd + nano";
/** Until an sshd has cleared away its sessions, before the next round, milliseconds. */
const pauseMs = 2000;

export async function login(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const people = options.quick ? 6 : 60;
  const count = options.quick ? 1 : 3;
  await using scope = parent.child("login");
  const classh = await measureClassh(scope, options, { people, count });
  const sshd = await startSshd(scope, people);
  const peers = new Map<string, readonly Round[]>();
  if (!("absent" in sshd)) {
    scope.own(sshd);
    const rounds: Round[] = [];
    for (let i = 0; i < count; i++) {
      if (i > 0) await delay(pauseMs);
      rounds.push(await round(scope, sshd, (fleet) => fleet.leave()));
    }
    peers.set(sshdName, rounds);
  }
  const line = (what: string, pick: (rounds: readonly Round[]) => number): Row =>
    row(what, "ms", { classh, peers, pick });
  return {
    scenario: "login",
    title: `login: ${people} people with passwords at once, ${count} rounds`,
    size: people,
    peers: [sshdName],
    absent: "absent" in sshd ? { [sshdName]: sshd.absent } : {},
    rows: [
      line("the last one is in (median of rounds)", (rounds) => median(rounds.map(({ last }) => last))),
      line("the last one is in (worst round)", (rounds) => Math.max(...rounds.map(({ last }) => last))),
      line("each one, p50", (rounds) => percentile(firstPaintsOf(rounds), 50)),
      line("each one, p99", (rounds) => percentile(firstPaintsOf(rounds), 99)),
    ],
    details: { people, classh, peers: Object.fromEntries(peers) },
  };
}

async function startSshd(scope: Scope, sessions: number): Promise<BenchServer | Absent> {
  const nano = await findProgram("nano");
  if (nano === undefined) return noEditor("nano");
  return await startSshdIfPossible(scope, {
    name: sshdName,
    sessions,
    login: "password",
    command: `exec ${nano} welcome.py`,
  });
}

function firstPaintsOf(rounds: readonly Round[]): readonly number[] {
  return rounds.flatMap(({ firstPaints }) => firstPaints);
}

async function measureClassh(
  parent: Scope,
  options: BenchOptions,
  { people, count }: { readonly people: number; readonly count: number },
): Promise<readonly Round[]> {
  // All settings are the defaults: bcrypt's cost too.
  await using server = await startClassh(parent, { accounts: people, login: "password", profile: options.profile });
  const rounds: Round[] = [];
  for (let i = 0; i < count; i++)
    rounds.push(
      await round(parent, server, async (fleet) => {
        await fleet.quit();
        await quiet(server);
      }),
    );
  return rounds;
}

async function round(scope: Scope, server: BenchServer, end: (fleet: Fleet) => Promise<void>): Promise<Round> {
  await using fleet = await Fleet.start(scope, server.targets);
  const { last, firstPaints } = await fleet.logIn(0, patienceMs);
  await end(fleet);
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

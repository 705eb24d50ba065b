/** Sessions that type: how fast the screen is there, how fast keys come back, what a session costs. */
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { Fleet } from "../clients/fleet.ts";
import type { BenchOptions } from "../options.ts";
import type { Row, ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { startSshdNano } from "../servers/sshd.ts";
import type { BenchServer, Delay } from "../servers/target.ts";
import { percentile } from "../statistics.ts";

const keysPerSecond = 5;
/** Between two logins, milliseconds: on two cores a Python and its jail take most of that to start. */
const pace = 80;
/** Typing is measured once everybody's Python has started: then the server is at rest for this long, or this limit is over. */
const restMs = 2000;
const restLimit = 40_000;
/** And this for each session: two Pythons take most of it to start. */
const restLimitPerSession = 250;
/** At rest, what the server has started beside itself uses less than this share of one core. */
const restShare = 0.05;

/** For accounts that log in by key. */
export const cheapHashes = { CLASSH_ACCOUNTS_BCRYPT_COST: "4" };

export interface EchoFigures {
  readonly firstPaintP50: number;
  readonly firstPaintP99: number;
  readonly echoP50: number;
  readonly echoP99: number;
  readonly firstByteP50: number;
  readonly firstByteP99: number;
  readonly echoMax: number;
  /** Bytes of the server's own processes for each session. */
  readonly memoryPerSession: number;
  readonly memoryWithout: number;
  /** Percent of one core while everybody types. */
  readonly cpuPercent: number;
  readonly cpuPercentByPart: Readonly<Record<string, number>>;
  /** Milliseconds from the last first paint until the server was at rest. */
  readonly settled: number;
  readonly delays: readonly Delay[];
  readonly jailMemoryPerSession: number;
  readonly jails: number;
  readonly keys: number;
  readonly unanswered: number;
  readonly preceded: number;
  readonly bytesPerKey: number;
}

export async function echo(parent: Scope, options: BenchOptions, sessions: number): Promise<ScenarioReport> {
  const seconds = options.quick ? 3 : 10;
  await using scope = parent.child("echo");
  const classh = await withServer(
    // Logins by key, and only here cheap hashes: passwords are the scenario `login`.
    () =>
      startClassh(scope, {
        accounts: sessions,
        login: "key",
        settings: cheapHashes,
        profile: options.profile,
        workers: options.workers,
      }),
    (server) => measureTyping(scope, server, { seconds }),
  );
  const peer = options.vsSshdNano
    ? await withServer(
        () => startSshdNano(scope, sessions),
        (server) => measureTyping(scope, server, { seconds }),
      )
    : undefined;
  return {
    scenario: "echo",
    title: `echo: ${sessions} sessions, each typing ${keysPerSecond} keys a second for ${seconds} s`,
    peer: peer && "sshd + nano",
    rows: rows(classh, peer),
    details: { sessions, seconds, classh, sshdNano: peer },
  };
}

async function withServer(
  start: () => Promise<BenchServer>,
  use: (server: BenchServer) => Promise<EchoFigures>,
): Promise<EchoFigures> {
  await using server = await start();
  return await use(server);
}

/** The first keys of everybody, which nobody counts: files of unsaved text are made, code is compiled, on both sides. */
const warmUpSeconds = 5;

/** Everybody logs in, `share` of them type. */
export async function measureTyping(
  parent: Scope,
  server: BenchServer,
  { seconds, share = 1 }: { readonly seconds: number; readonly share?: number },
): Promise<EchoFigures> {
  const sessions = server.targets.length;
  await using fleet = await Fleet.start(parent, server.targets);
  const without = await server.memory();
  const { firstPaints } = await fleet.logIn(pace, 75_000 + sessions * pace);
  const settled = await rest(server, restLimit + sessions * restLimitPerSession);
  const meter = await server.meter();
  const [echoes, begin] = await Promise.all([
    fleet.type(seconds, keysPerSecond, { share, warmUpSeconds }),
    // While they go on: after a pause both sides tidy up their memory.
    delay(warmUpSeconds * 1000).then(async () => ({ work: await meter(), at: performance.now() })),
  ]);
  const before = begin.work;
  const took = (performance.now() - begin.at) / 1000;
  const after = await meter();
  const { jails } = await server.started();
  const delays = (await server.delays?.()) ?? [];
  const memory = await server.memory();
  await fleet.leave();
  const ms = echoes.flatMap((echo) => echo.ms);
  const firstBytes = echoes.flatMap((echo) => echo.firstBytes);
  const sum = (pick: (echo: (typeof echoes)[number]) => number): number =>
    echoes.reduce((total, echo) => total + pick(echo), 0);
  return {
    firstPaintP50: percentile(firstPaints, 50),
    firstPaintP99: percentile(firstPaints, 99),
    echoP50: percentile(ms, 50),
    echoP99: percentile(ms, 99),
    firstByteP50: percentile(firstBytes, 50),
    firstByteP99: percentile(firstBytes, 99),
    echoMax: percentile(ms, 100),
    memoryPerSession: (memory.own - without.own) / sessions,
    memoryWithout: without.own,
    settled,
    delays,
    cpuPercentByPart: Object.fromEntries(
      Object.entries(after.cpuSecondsByPart).map(([part, seconds]) => [
        part,
        (100 * (seconds - (before.cpuSecondsByPart[part] ?? 0))) / took,
      ]),
    ),
    cpuPercent: (100 * (after.cpuSeconds - before.cpuSeconds)) / took,
    jailMemoryPerSession: (memory.jails - without.jails) / sessions,
    jails,
    keys: sum((echo) => echo.keys),
    unanswered: sum((echo) => echo.unanswered),
    preceded: sum((echo) => echo.preceded),
    bytesPerKey: sum((echo) => echo.bytes) / sum((echo) => echo.keys),
  };
}

/** Milliseconds until the server was at rest. */
async function rest(server: BenchServer, limit: number): Promise<number> {
  const begin = performance.now();
  let last = { ...(await server.started()), at: performance.now() };
  for (;;) {
    await delay(restMs);
    const now = { ...(await server.started()), at: performance.now() };
    // Jails that started meanwhile count too, and ended ones can only make the difference smaller.
    const share = (1000 * (now.cpuSeconds - last.cpuSeconds)) / (now.at - last.at);
    const took = performance.now() - begin;
    if ((share < restShare && now.jails === last.jails) || took > limit) return took;
    last = now;
  }
}

/** The figures that people compare. */
export function rows(classh: EchoFigures, peer: EchoFigures | undefined): readonly Row[] {
  const row = (what: string, unit: string, pick: (figures: EchoFigures) => number): Row => ({
    what,
    unit,
    classh: pick(classh),
    peer: peer && pick(peer),
  });
  return [
    row("first paint, p50", "ms", (figures) => figures.firstPaintP50),
    row("first paint, p99", "ms", (figures) => figures.firstPaintP99),
    row("echo, p50", "ms", (figures) => figures.echoP50),
    row("echo, p99", "ms", (figures) => figures.echoP99),
    row("first byte after a key, p50", "ms", (figures) => figures.firstByteP50),
    row("first byte after a key, p99", "ms", (figures) => figures.firstByteP99),
    row("memory a session", "MB", (figures) => figures.memoryPerSession / 1e6),
    row("CPU while typing", "% of a core", (figures) => figures.cpuPercent),
    row("bytes a key", "", (figures) => figures.bytesPerKey),
    row("keys without an echo", "", (figures) => figures.unanswered),
    { what: "Python and jail a session", unit: "MB", classh: classh.jailMemoryPerSession / 1e6 },
  ];
}

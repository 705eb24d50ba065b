/** Sessions that type: how fast the screen is there, how fast keys come back, what a key and a session cost. */
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { Fleet } from "../clients/fleet.ts";
import type { Echoes } from "../clients/typing.ts";
import type { BenchOptions } from "../options.ts";
import { row, type Row, type ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { measurePeers } from "../servers/peers.ts";
import type { BenchServer, Delay, Work } from "../servers/target.ts";
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

/** How long each part takes, seconds. */
export interface Times {
  /** Nobody does anything: before the first login, and again with everybody logged in. */
  readonly idle: number;
  /** The first typing that the process sees. */
  readonly cold: number;
  /** Typing in between, which is not counted. */
  readonly between: number;
  /** What comes then. */
  readonly warm: number;
}

const fullTimes: Times = { idle: 20, cold: 10, between: 50, warm: 10 };
const quickTimes: Times = { idle: 0.5, cold: 1, between: 0.5, warm: 1 };

/** Of some seconds in which people typed. */
export interface TypingFigures {
  readonly echoP50: number;
  readonly echoP99: number;
  readonly echoMax: number;
  readonly firstByteP50: number;
  readonly firstByteP99: number;
  /** Of all threads of the server's own processes, microseconds. */
  readonly cpuPerKey: number;
  /** The same with its database. */
  readonly cpuPerKeyWithDatabase: number;
  readonly cpuPerKeyByPart: Readonly<Record<string, number>>;
  /** Percent of one core. */
  readonly cpuPercent: number;
  /** Letters and Enters. */
  readonly keys: number;
  readonly unanswered: number;
  readonly preceded: number;
  readonly bytesPerKey: number;
}

export interface EchoFigures {
  readonly firstPaintP50: number;
  readonly firstPaintP99: number;
  readonly cold: TypingFigures;
  readonly warm: TypingFigures;
  /** CPU of the server's own processes while nobody does anything, for each session, milliseconds a second. */
  readonly idleCpu: number;
  readonly idleCpuWithDatabase: number;
  /** Bytes of the server's own processes for each session. */
  readonly memoryPerSession: number;
  readonly memoryWithout: number;
  /** Milliseconds from the last first paint until the server was at rest. */
  readonly settled: number;
  readonly delays: readonly Delay[];
  readonly jailMemoryPerSession: number;
  readonly jails: number;
}

export async function echo(parent: Scope, options: BenchOptions, sessions: number): Promise<ScenarioReport> {
  const times = options.quick ? quickTimes : fullTimes;
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
    (server) => measureTyping(scope, server, { times }),
  );
  const peers = await measurePeers(scope, { names: options.peers, sessions }, (server) =>
    measureTyping(scope, server, { times }),
  );
  return {
    scenario: "echo",
    title: `echo: ${sessions} sessions, each typing ${keysPerSecond} keys a second; cold: the first ${times.cold} s of it, warm: ${times.warm} s after ${times.cold + times.between} s`,
    size: sessions,
    peers: peers.names,
    absent: peers.absent,
    rows: rows(classh, peers.figures),
    details: { sessions, times, classh, peers: Object.fromEntries(peers.figures) },
  };
}

async function withServer(
  start: () => Promise<BenchServer>,
  use: (server: BenchServer) => Promise<EchoFigures>,
): Promise<EchoFigures> {
  await using server = await start();
  return await use(server);
}

/** Everybody logs in, `share` of them type. */
export async function measureTyping(
  parent: Scope,
  server: BenchServer,
  { times, share = 1 }: { readonly times: Times; readonly share?: number },
): Promise<EchoFigures> {
  const sessions = server.targets.length;
  await using fleet = await Fleet.start(parent, server.targets);
  const without = await server.memory();
  const idleWithout = await measureIdle(server, times.idle);
  const { firstPaints } = await fleet.logIn(pace, 75_000 + sessions * pace);
  const settled = await rest(server, restLimit + sessions * restLimitPerSession);
  const idle = await measureIdle(server, times.idle);
  const type = (seconds: number): Promise<readonly Echoes[]> => fleet.type(seconds, keysPerSecond, share);
  const cold = await measureKeys(server, () => type(times.cold));
  await type(times.between);
  const warm = await measureKeys(server, () => type(times.warm));
  const { jails } = await server.started();
  const delays = (await server.delays?.()) ?? [];
  const memory = await server.memory();
  await fleet.leave();
  return {
    firstPaintP50: percentile(firstPaints, 50),
    firstPaintP99: percentile(firstPaints, 99),
    cold,
    warm,
    idleCpu: (1000 * (idle.own - idleWithout.own)) / sessions,
    idleCpuWithDatabase: (1000 * (idle.withDatabase - idleWithout.withDatabase)) / sessions,
    memoryPerSession: (memory.own - without.own) / sessions,
    memoryWithout: without.own,
    settled,
    delays,
    jailMemoryPerSession: (memory.jails - without.jails) / sessions,
    jails,
  };
}

/** CPU seconds a second. */
async function measureIdle(server: BenchServer, seconds: number): Promise<{ own: number; withDatabase: number }> {
  const { work, took } = await spent(server, () => delay(seconds * 1000));
  return { own: work.cpuSeconds / took, withDatabase: withDatabase(work) / took };
}

function withDatabase({ cpuSeconds, cpuSecondsByPart: { postgres = 0 } }: Work): number {
  return cpuSeconds + postgres;
}

async function measureKeys(server: BenchServer, type: () => Promise<readonly Echoes[]>): Promise<TypingFigures> {
  const { result: echoes, work, took } = await spent(server, type);
  const ms = echoes.flatMap((echo) => echo.ms);
  const firstBytes = echoes.flatMap((echo) => echo.firstBytes);
  const sum = (pick: (echo: Echoes) => number): number => echoes.reduce((total, echo) => total + pick(echo), 0);
  const keys = sum((echo) => echo.keys + echo.enters);
  const perKey = (seconds: number): number => (1e6 * seconds) / keys;
  return {
    echoP50: percentile(ms, 50),
    echoP99: percentile(ms, 99),
    echoMax: percentile(ms, 100),
    firstByteP50: percentile(firstBytes, 50),
    firstByteP99: percentile(firstBytes, 99),
    cpuPerKey: perKey(work.cpuSeconds),
    cpuPerKeyWithDatabase: perKey(withDatabase(work)),
    cpuPerKeyByPart: Object.fromEntries(
      Object.entries(work.cpuSecondsByPart).map(([part, seconds]) => [part, perKey(seconds)]),
    ),
    cpuPercent: (100 * work.cpuSeconds) / took,
    keys,
    unanswered: sum((echo) => echo.unanswered),
    preceded: sum((echo) => echo.preceded),
    bytesPerKey: sum((echo) => echo.bytes) / keys,
  };
}

/** What the server did meanwhile, and how long that was, in seconds. */
async function spent<T>(
  server: BenchServer,
  during: () => Promise<T>,
): Promise<{ result: T; work: Work; took: number }> {
  const meter = await server.meter();
  const before = await meter();
  const begin = performance.now();
  const result = await during();
  const after = await meter();
  const byPart = Object.entries(after.cpuSecondsByPart).map(([part, seconds]) => [
    part,
    seconds - (before.cpuSecondsByPart[part] ?? 0),
  ]);
  return {
    result,
    work: { cpuSeconds: after.cpuSeconds - before.cpuSeconds, cpuSecondsByPart: Object.fromEntries(byPart) },
    took: (performance.now() - begin) / 1000,
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
export function rows(classh: EchoFigures, peers: ReadonlyMap<string, EchoFigures>): readonly Row[] {
  const line = (what: string, unit: string, pick: (figures: EchoFigures) => number): Row =>
    row(what, unit, { classh, peers, pick });
  const typing = (name: "cold" | "warm"): readonly Row[] => [
    line(`${name}: echo, p50`, "ms", (figures) => figures[name].echoP50),
    line(`${name}: echo, p99`, "ms", (figures) => figures[name].echoP99),
    line(`${name}: CPU a key`, "us", (figures) => figures[name].cpuPerKey),
    line(`${name}: CPU a key, with PostgreSQL`, "us", (figures) => figures[name].cpuPerKeyWithDatabase),
  ];
  return [
    line("first paint, p50", "ms", (figures) => figures.firstPaintP50),
    line("first paint, p99", "ms", (figures) => figures.firstPaintP99),
    ...typing("cold"),
    ...typing("warm"),
    line("warm: first byte after a key, p50", "ms", (figures) => figures.warm.firstByteP50),
    line("warm: first byte after a key, p99", "ms", (figures) => figures.warm.firstByteP99),
    line("warm: CPU while typing", "% of a core", (figures) => figures.warm.cpuPercent),
    line("warm: bytes a key", "", (figures) => figures.warm.bytesPerKey),
    line("idle: CPU a second, a session", "ms", (figures) => figures.idleCpu),
    line("idle: the same with PostgreSQL", "ms", (figures) => figures.idleCpuWithDatabase),
    line("memory a session", "MB", (figures) => figures.memoryPerSession / 1e6),
    line("keys without an echo", "", (figures) => figures.cold.unanswered + figures.warm.unanswered),
    { what: "Python and jail a session", unit: "MB", classh: classh.jailMemoryPerSession / 1e6 },
  ];
}

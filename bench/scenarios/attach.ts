/** Teachers attach to a student who types: how soon they see her, how late her keys, and what it costs her. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { Fleet } from "../clients/fleet.ts";
import { Typing } from "../clients/typing.ts";
import { Watcher } from "../clients/watcher.ts";
import { patienceMs } from "../base/worker.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { startClassh, type ClasshServer } from "../servers/classh.ts";
import { control } from "../servers/control.ts";
import { benchWord, type Target } from "../servers/target.ts";
import { percentile } from "../statistics.ts";
import { cheapHashes } from "./echo.ts";

/** Who watch at once. */
const fullViewers = 30;
const quickViewers = 2;
const keysPerSecond = 10;
/** Until her Python has started, and until viewers have come to rest. */
const restMs = 3000;
const student = "s0";

export async function attach(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  const seconds = options.quick ? 1 : 15;
  const viewers = viewersOf(options);
  const near = await withServer(parent, options, 0, (server) => measureOne(server, options.quick ? 3 : 30, seconds));
  const far = await withServer(parent, options, 2, (server) => measureOne(server, options.quick ? 3 : 30, seconds));
  const many = await withServer(parent, options, 0, (server, scope) => measureMany(scope, server, seconds));
  return {
    scenario: "attach",
    title: `attach: a student who types ${keysPerSecond} keys a second, and who watches`,
    rows: [
      { what: "attach to first paint, p50", unit: "ms", classh: percentile(near.attached, 50) },
      { what: "with the login, p50", unit: "ms", classh: percentile(near.paints, 50) },
      { what: "attach to first paint, two workers, p50", unit: "ms", classh: percentile(far.attached, 50) },
      { what: "her key on the viewer's screen, p50", unit: "ms", classh: percentile(near.late, 50) },
      { what: "her key on the viewer's screen, p99", unit: "ms", classh: percentile(near.late, 99) },
      { what: "the same, two workers, p99", unit: "ms", classh: percentile(far.late, 99) },
      { what: "her echo, nobody watches, p99", unit: "ms", classh: percentile(many.alone, 99) },
      { what: `her echo, ${viewers} watch, p99`, unit: "ms", classh: percentile(many.watched, 99) },
      { what: "her echo, nobody watches, p50", unit: "ms", classh: percentile(many.alone, 50) },
      { what: `her echo, ${viewers} watch, p50`, unit: "ms", classh: percentile(many.watched, 50) },
      { what: "keys that a viewer missed", unit: "", classh: near.missed + far.missed },
    ],
    details: { near, far, many },
  };
}

function viewersOf({ quick }: BenchOptions): number {
  return quick ? quickViewers : fullViewers;
}

async function withServer<T>(
  parent: Scope,
  options: BenchOptions,
  workers: number,
  use: (server: ClasshServer, scope: Scope) => Promise<T>,
): Promise<T> {
  await using scope = parent.child("attach");
  const settings = { ...cheapHashes, CLASSH_LIMITS_COMMANDS_PER_MINUTE: "1000" };
  const server = scope.own(
    await startClassh(scope, {
      accounts: viewersOf(options) + 1,
      login: "key",
      settings,
      profile: options.profile,
      workers,
    }),
  );
  for (const { username } of server.targets.slice(1))
    await control(join(server.data, "control.sock"), { line: `user set ${username} --role professor` });
  return await use(server, scope);
}

/** One viewer after the other, then one who stays while she types. */
async function measureOne(server: ClasshServer, times: number, seconds: number) {
  const [her, ...teachers] = server.targets;
  if (!her) throw new Error("nobody to watch");
  using typing = await Typing.start(her, benchWord);
  await delay(restMs);
  const seen: Watcher[] = [];
  for (let index = 0; index < times; index++) {
    using watcher = await new Watcher().start(teacher(teachers, index), student, benchWord);
    seen.push(watcher);
  }
  using watcher = await new Watcher().start(teacher(teachers, 0), student, benchWord);
  const end = performance.now() + seconds * 1000;
  let keys = 0;
  while (performance.now() < end) {
    const { letter } = typing.type() ?? {};
    if (letter !== undefined) watcher.expect(letter, performance.now());
    keys++;
    await delay(1000 / keysPerSecond);
  }
  await delay(500);
  return {
    paints: seen.map(({ firstPaint }) => firstPaint),
    attached: seen.map(({ attachToPaint }) => attachToPaint),
    late: watcher.ms,
    missed: watcher.missed,
    keys,
  };
}

/** She types, first alone, then with everybody watching; her own client is another process than theirs. */
async function measureMany(scope: Scope, server: ClasshServer, seconds: number) {
  const [her, ...teachers] = server.targets;
  if (!her) throw new Error("nobody to watch");
  await using fleet = await Fleet.start(scope, [her]);
  await fleet.logIn(0, patienceMs);
  await delay(restMs);
  const alone = (await fleet.type(seconds, keysPerSecond)).flatMap(({ ms }) => ms);
  const watchers: Watcher[] = [];
  for (const target of teachers) watchers.push(await new Watcher().start(target, student, benchWord));
  await delay(restMs);
  const both = (await fleet.type(seconds, keysPerSecond)).flatMap(({ ms }) => ms);
  for (const watcher of watchers) watcher[Symbol.dispose]();
  return { alone, watched: both };
}

function teacher(teachers: readonly Target[], index: number): Target {
  const target = teachers[index % teachers.length];
  if (!target) throw new Error("no teacher");
  return target;
}

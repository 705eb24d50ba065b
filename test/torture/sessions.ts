/**
 * The torture of the sessions: a server with four workers and two hundred simulated people, who type numbered lines, save, take files over from
 * each other, lose their connections and come back, while workers are killed and stopped at random and the database is restarted.
 * Then everything settles, everybody saves once more and logs out, and a judge looks at what people were promised (history.ts), at the log
 * of the locks, and at what is left (leftovers.ts).
 *
 *   node --import tsx test/torture/sessions.ts SECONDS [SEED]      (120 in CI, 600 on demand; not as root)
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Accounts } from "../../src/auth/accounts.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { Database } from "../../src/db/database.ts";
import { startEmbeddedPostgres } from "../../src/db/embedded.ts";
import { migrate } from "../../src/db/migrate.ts";
import { startServerProcess, type ServerProcess } from "../cluster/server-process.ts";
import { giveCluster } from "../support/cluster-template.ts";
import { eventually } from "../support/eventually.ts";
import { newKeyPair } from "../support/key-pair.ts";
import { Chaos, type ChaosCounts } from "./chaos.ts";
import { runCommand } from "./connection.ts";
import { judge, lineText, type Entry } from "./history.ts";
import { checkFootprint, checkPlaces, checkRows, footprint, leftFiles, makeOld, stillAfter } from "./leftovers.ts";
import { checkOrder, countLog, logging } from "./locks.ts";
import { longEnough, type Length } from "./long-enough.ts";
import { Descendants } from "./processes.ts";
import { seededRandom, type Random } from "./random.ts";
import { noCounts, Visitor, type VisitorCounts } from "./visitor.ts";

/** The length is from the first login to the last disturbance. */
export interface SessionTortureOptions extends Length {
  /** Whether enough has happened; asked once the time is up. */
  readonly enough?: (people: VisitorCounts, chaos: ChaosCounts) => boolean;
  readonly seed: number;
  readonly people: number;
  /** Pairs of a student and a teacher in one file, among these people. */
  readonly pairs: number;
  readonly workers: number;
  /** Milliseconds between two actions of a person, and between two disturbances. */
  readonly personPauseMs: number;
  readonly chaosPauseMs: number;
  /** Where to leave logs, files and the history when something is wrong; nowhere otherwise. */
  readonly evidence?: string;
  /** Told now and then how it stands. */
  readonly tell?: (line: string) => void;
}

export interface SessionTortureSummary {
  readonly seed: number;
  readonly people: VisitorCounts;
  readonly chaos: ChaosCounts;
  /** Acknowledged saves and looks at files that were judged. */
  readonly judged: number;
  readonly grants: number;
  readonly queued: number;
  /** Times that all sessions were listed. */
  readonly lists: number;
  readonly seconds: number;
  /** What must not be; empty when all is well. */
  readonly violations: readonly string[];
  /** What the people did whose files are not as they must be. */
  readonly stories: readonly string[];
}

const leaseSeconds = 4;
const takeOverSeconds = 4;
/** Logins at the start: one of these times after the other. */
const rampMs = 150;
/** For the last save of everybody, and for the last logout. */
const settleMs = 120_000;
const admin = "boss";

export const usual = { people: 200, pairs: 10, workers: 4, personPauseMs: 4000, chaosPauseMs: 5000 };

export async function tortureSessions(options: SessionTortureOptions): Promise<SessionTortureSummary> {
  await using scope = new Scope("session torture");
  const began = performance.now();
  const random = seededRandom(options.seed);
  const tell = (line: string): void => options.tell?.(`${Math.round((performance.now() - began) / 1000)} s: ${line}`);
  const directory = await mkdtemp(join(tmpdir(), "classh-torture-"));
  scope.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  await giveCluster(join(directory, "pg"));
  const postgres = scope.own(await startEmbeddedPostgres({ directory: join(directory, "pg"), log: silentLog }));
  await migrate(postgres.url, silentLog);
  const database = scope.own(
    await Database.connect({
      url: postgres.url,
      poolSize: 2,
      statementTimeoutSeconds: 30,
      retrySeconds: 30,
      log: silentLog,
    }),
  );
  await database.query(logging);

  const data = join(directory, "data");
  const keys = newKeyPair();
  const history: Entry[] = [];
  const server = await start(data, postgres.url, options.workers);
  scope.own(server);
  const visitors = await invite(database, {
    data,
    port: server.port,
    privateKey: keys.private,
    publicKey: keys.public,
    history,
    random,
    options,
  });
  for (const visitor of visitors) scope.own(visitor);
  const family = new Descendants(server.pid);
  const before = await footprint(server, family);
  tell(`${visitors.length} people are about to come; at first ${JSON.stringify([...before.processes])}`);

  const violations: string[] = [];
  const lists = { count: 0 };
  const chaos = new Chaos({
    server,
    postgres,
    leaseSeconds,
    pauseMs: options.chaosPauseMs,
    random: seededRandom(options.seed + 1),
    tell,
  });
  const isOver = longEnough(options, () => options.enough?.(sum(visitors), chaos.counts) ?? true);
  const watching = new AbortController();
  const watch = inspect({
    boss: { port: server.port, username: admin, privateKey: keys.private },
    family,
    lists,
    violations,
    signal: watching.signal,
  });
  const lives = visitors.map(async (visitor, index) => {
    await delay(index * rampMs);
    await visitor.live(isOver);
  });
  await delay(visitors.length * rampMs);
  tell("all have come; the chaos begins");
  await chaos.rage(isOver);
  await Promise.all(lives);
  tell(`the chaos is over: ${JSON.stringify(sum(visitors))}`);

  await eventually(
    async () => (await server.workers()).length === options.workers && (await checkNodes(database)) === options.workers,
  );
  const finish = async (who: readonly Visitor[]): Promise<void> => {
    for (const [index, saved] of (await Promise.all(who.map((visitor) => visitor.finish(settleMs)))).entries()) {
      if (!saved) violations.push(`${who[index]?.name} can't work any more: ${who[index]?.trouble}`);
    }
  };
  // Whoever shares a file goes first; all at once they would take it from each other for ever.
  await finish(visitors.slice(0, options.people - options.pairs));
  await finish(visitors.slice(options.people - options.pairs));
  tell("everybody has saved");
  watching.abort();
  await watch;
  const quit = async (who: readonly Visitor[]): Promise<void> => {
    for (const [index, left] of (await Promise.all(who.map((visitor) => visitor.quit(settleMs)))).entries()) {
      if (!left) violations.push(`${who[index]?.name} can't log out: ${who[index]?.trouble}`);
    }
  };
  await quit(visitors);
  const returned = await clearUp(data, visitors, async (who) => {
    await finish(who);
    await quit(who);
  });
  tell(`everybody has left; ${returned} came back for what was kept for them`);

  const lost = judge(history);
  violations.push(...lost, ...(await checkOrder(database)));
  violations.push(
    ...(await stillAfter(5_000, async () => (await leftFiles(data)).map(({ file }) => `left over: ${file}`))),
  );
  violations.push(...(await stillAfter(leaseSeconds * 3000, () => checkRows(database, server))));
  violations.push(...(await stillAfter(10_000, async () => checkPlaces(data, await server.workers()))));
  violations.push(...(await stillAfter(20_000, async () => checkFootprint(before, await footprint(server, family)))));
  violations.push(
    ...(await stillAfter(5_000, async () =>
      (await family.orphans()).map(({ pid, command }) => `process ${pid} lives on: ${command.slice(0, 120)}`),
    )),
  );
  await server[Symbol.asyncDispose]();
  if (options.evidence !== undefined && violations.length > 0) {
    await cp(data, options.evidence, { recursive: true, filter: (file) => !file.endsWith(".sock") });
    await writeFile(join(options.evidence, "history.json"), JSON.stringify(history));
  }
  if ((await server.exited) !== 0) violations.push(`the server ended with status ${await server.exited}`);
  violations.push(...(await checkPlaces(data, [])));
  violations.push(
    ...(await stillAfter(5_000, async () =>
      (await family.orphans()).map(
        ({ pid, command }) => `process ${pid} outlived the server: ${command.slice(0, 120)}`,
      ),
    )),
  );

  return {
    seed: options.seed,
    people: sum(visitors),
    chaos: chaos.counts,
    judged: history.length,
    ...(await countLog(database)),
    stories: storiesOf(lost, visitors),
    lists: lists.count,
    seconds: Math.round((performance.now() - began) / 1000),
    violations: [...new Set(violations)],
  };
}

/**
 * Sessions that stood still in a stopped worker may have put text away after their person had gone on elsewhere, and killed ones left
 * temporary files: whoever has some comes back, decides, saves and leaves. Gives the number of these people.
 */
async function clearUp(
  data: string,
  visitors: readonly Visitor[],
  visit: (who: readonly Visitor[]) => Promise<void>,
): Promise<number> {
  const kept = await leftFiles(data);
  await makeOld(kept);
  const concerned = new Set(kept.map(({ owner }) => owner));
  const back = visitors.filter(({ name }) => concerned.has(name));
  await visit(back);
  return back.length;
}

/** In the order of time: a line of a story begins with a name and the time. */
function storiesOf(lost: readonly string[], visitors: readonly Visitor[]): readonly string[] {
  const timeOf = (line: string): number => Number(line.split(" ", 2)[1]);
  return visitors
    .filter(({ file }) => lost.some((words) => words.startsWith(`${file}: `)))
    .flatMap(({ story }) => story)
    .toSorted((a, b) => timeOf(a) - timeOf(b));
}

function start(data: string, url: string, workers: number): Promise<ServerProcess> {
  return startServerProcess(data, ["--workers", String(workers)], {
    DATABASE_URL: url,
    CLASSH_DATABASE_POOL_SIZE: "8",
    CLASSH_ACCOUNTS_BCRYPT_COST: "4",
    CLASSH_INITIAL_PASSWORD_CHANGE: "off",
    CLASSH_SSH_CONNECTIONS_PER_MINUTE: "60000",
    CLASSH_LOCKS_LEASE_SECONDS: String(leaseSeconds),
    CLASSH_LOCKS_TAKE_OVER_SECONDS: String(takeOverSeconds),
    // Two Pythons for each of two hundred people are the whole machine's work while a killed worker's people come back.
    CLASSH_RUNNER_SPARE_JAILS: "off",
  });
}

interface Invitation {
  readonly data: string;
  readonly port: number;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly history: Entry[];
  readonly random: Random;
  readonly options: SessionTortureOptions;
}

/** Accounts with homes: students in files of their own, and for the pairs a teacher in a student's file. */
async function invite(
  database: Database,
  { options, publicKey, data, ...common }: Invitation,
): Promise<readonly Visitor[]> {
  const accounts = new Accounts({ database, hasher: new PasswordHasher({ cost: 4 }), passwordLength: 10 });
  const add = async (username: string, role: "student" | "professor" | "admin"): Promise<void> => {
    await accounts.add({ username, role });
    await accounts.addKey(username, publicKey);
  };
  const homeFile = (username: string): string => join(data, "files", "Local", username, "welcome.py");
  await add(admin, "admin");
  const students = options.people - options.pairs;
  const visitors: Visitor[] = [];
  for (let author = 1; author <= options.people; author++) {
    const isTeacher = author > students;
    const partner = author - students;
    const username = isTeacher ? `prof${partner}` : `student${author}`;
    const owner = isTeacher ? `student${partner}` : username;
    await add(username, isTeacher ? "professor" : "student");
    await mkdir(join(homeFile(username), ".."), { mode: 0o700 });
    if (!isTeacher) await writeFile(homeFile(username), `${lineText({ author: 0, number: 0 })}\n`);
    const file = {
      path: isTeacher ? `/students/${owner}/welcome.py` : `/home/${username}/welcome.py`,
      name: isTeacher ? `${owner}/welcome.py` : "welcome.py",
      disk: homeFile(owner),
    };
    visitors.push(
      new Visitor({
        ...common,
        username,
        author,
        file,
        shared: isTeacher || author <= options.pairs,
        pauseMs: options.personPauseMs,
      }),
    );
  }
  return visitors;
}

interface Inspection {
  /** Who asks. */
  readonly boss: { readonly port: number; readonly username: string; readonly privateKey: string };
  readonly family: Descendants;
  /** Counts the lists that were got. */
  readonly lists: { count: number };
  readonly violations: string[];
  readonly signal: AbortSignal;
}

/** Lists the sessions again and again, as long as there is a server to ask: nobody is listed twice. Notices every process meanwhile. */
async function inspect({ boss, family, lists, violations, signal }: Inspection): Promise<void> {
  for (let round = 0; !signal.aborted; round++) {
    await delay(1000);
    await family.look();
    if (round % 5 > 0) continue;
    const text = await runCommand(boss, "session list --json").catch(() => undefined); // its worker was killed
    if (text === undefined) continue;
    const sessions = JSON.parse(text) as readonly { readonly id: string; readonly user: string }[];
    lists.count += 1;
    for (const what of ["id", "user"] as const) {
      const names = sessions.map((session) => session[what]);
      const twice = names.filter((name, index) => names.indexOf(name) !== index);
      if (twice.length > 0) violations.push(`listed twice: ${what} ${twice.join(", ")}`);
    }
  }
}

async function checkNodes(database: Database): Promise<number> {
  const [row] = await database.query<{ nodes: number }>(
    "SELECT count(*) AS nodes FROM node_lease WHERE expires_at > clock_timestamp()",
  );
  return row?.nodes ?? 0;
}

function sum(visitors: readonly Visitor[]): VisitorCounts {
  const all = noCounts();
  for (const { counts } of visitors)
    for (const what of Object.keys(all) as (keyof VisitorCounts)[]) all[what] += counts[what];
  return all;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 1e9));
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  tell(`seed ${seed}`);
  const summary = await tortureSessions({
    ...usual,
    seconds: Number(process.argv[2] ?? 120),
    seed,
    tell,
    evidence: join(tmpdir(), `torture-evidence-${seed}`),
  });
  process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
  process.exitCode = summary.violations.length > 0 ? 1 : 0;
}

/** whoami, version, status, doctor. */
import { dayText } from "../../base/time-text.ts";
import { hostKeyHint, hostKeyWarning, lastHostKeyChange } from "../../auth/host-key-history.ts";
import { counted } from "../../base/counted.ts";
import type { DiskRoom } from "../../base/disk-room.ts";
import type { LogHealth } from "../../base/log-writer.ts";
import { outOfSupport } from "../../base/node-release.ts";
import { checkMachine } from "../../base/start-checks.ts";
import type { Database } from "../../db/database.ts";
import { compareSchema } from "../../db/schema-record.ts";
import type { JailReport } from "../../runner/report.ts";
import { answer, type Command } from "../command.ts";
import { serverState, uptimeText } from "../server-state.ts";
import type { Services } from "../services.ts";
import { checkMetrics } from "../metrics-check.ts";
import { fields, table } from "../table.ts";

const whoami: Command = {
  name: "whoami",
  summary: "Show who you are logged in as",
  json: true,
  shape: "{ username: text, role: text, name: text, section: text | null, address: text }",
  beforePasswordChange: true,
  run: async ({ account, address }) =>
    answer(
      { username: account.username, role: account.role, name: account.name, section: account.section ?? null, address },
      fields([
        ["user", account.username],
        ["name", account.name],
        ["role", account.role],
        ["section", account.section ?? "none"],
        ["from", address],
      ]),
    ),
};

const version: Command = {
  name: "version",
  summary: "Show the version of classh",
  json: true,
  shape: "{ version: text, node: text }",
  beforePasswordChange: true,
  run: async ({ services }) =>
    answer(
      { version: services.version, node: process.versions.node },
      `classh ${services.version} (Node.js ${process.versions.node})\n`,
    ),
};

const status: Command = {
  name: "status",
  summary: "Show how the server is doing",
  details:
    "Exit status 1 when the database does not answer or programs can't be run; even then it answers within seconds.",
  permission: "status",
  json: true,
  shape: `{
  version: text, listen: text, startedAt: time, uptime: seconds, sessions: number, nodes: number, connections: number, loggedIn: number,
  database: "up" | "down", jail: boolean, memory: bytes, backup: text | null
}`,
  async run({ services }) {
    const state = await serverState(services);
    const { connections, loggedIn, nodes, database, jail, memory } = state;
    const text = fields([
      ["version", state.version],
      ["listens on", state.listen],
      ["up since", `${state.startedAt} (${uptimeText(state.uptime)})`],
      ["people in the IDE", String(state.sessions)],
      ["processes", String(nodes)],
      ["connections", `${connections} (${loggedIn} logged in)${nodes > 1 ? " of this process" : ""}`],
      ["database", database],
      ["jail", jail ? "ready" : 'missing: programs can\'t be run ("doctor" says why)'],
      ["memory", `${Math.round(memory / 2 ** 20)} MiB${nodes > 1 ? " of this process" : ""}`],
    ]);
    const trouble = state.backup === null ? "" : `\nAttention: ${state.backup}.\n`;
    return answer(state, text + trouble, database === "up" && jail ? 0 : 1);
  },
};

/** Checks that may fail: everything works, but less is promised. */
const advisory: ReadonlySet<string> = new Set([
  "control groups",
  "disk quota",
  "jail user",
  "Node.js",
  "resources",
  "host key",
  "backups",
  "metrics",
  "login program",
]);

const doctor: Command = {
  name: "doctor",
  summary: "Check that everything classh needs is there and works",
  permission: "doctor",
  json: true,
  shape:
    "{ healthy: boolean, checks: { name: text, ok: boolean, detail: text }[], notes: text[], install: text | null }",
  details:
    "Exit status 0 when everything that classh promises holds, 1 otherwise. Notes are worth knowing, but are not errors.",
  async run({ services }) {
    const { jail } = services.runner;
    const waiting = waitingRemoval(services);
    const database = await services.database.ping();
    const checks = [
      { name: "database", ok: database, detail: database ? "answers" : "does not answer" },
      ...runtimeChecks(jail),
      ...logChecks(services.logHealth()),
      ...diskChecks(services),
      ...(await backupChecks(services)),
      ...(await metricsChecks(services)),
      ...loginChecks(services),
      ...(await machineChecks(services.settings.data)),
      ...(database ? await databaseChecks(services.database) : [hostKeyCheck(undefined)]),
    ];
    const states = checks.map(({ name, ok }) => (ok ? "ok" : advisory.has(name) ? "note" : "FAILED"));
    const healthy = !states.includes("FAILED");
    const rows = [
      ...checks.map(({ name, detail }, index) => [states[index] ?? "", name, detail]),
      ...jail.notes.map((note) => ["note", "jail", note]),
      ...waiting.map((note) => ["note", "clock", note]),
    ];
    const install = jail.install ? `\nTo fix it: ${jail.install}\n` : "";
    const document = { healthy, checks, notes: [...jail.notes, ...waiting], install: jail.install ?? null };
    return answer(document, table(["STATE", "PART", "DETAIL"], rows, "") + install, healthy ? 0 : 1);
  },
};

/** A check of the doctor's. */
interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** The jail, and Node.js. */
function runtimeChecks(jail: JailReport): readonly Check[] {
  const outdated = outOfSupport(process.versions.node, Date.now());
  const checks: Check[] = [
    {
      name: "jail",
      ok: jail.available,
      detail: jail.available ? "programs run in isolation" : (jail.reason ?? "not available"),
    },
    {
      name: "control groups",
      ok: jail.cgroups !== "none",
      detail:
        jail.cgroups === "none"
          ? "not available: memory is limited per process only"
          : `version ${jail.cgroups.slice(1)}`,
    },
    { name: "Node.js", ok: outdated === undefined, detail: outdated ?? `version ${process.versions.node}` },
  ];
  if (jail.available) {
    checks.push({
      name: "jail user",
      ok: jail.user !== undefined,
      detail: jail.user === undefined ? "the server's own account" : `programs run as ${jail.user}`,
    });
  }
  return checks;
}

function logChecks(log: LogHealth | undefined): readonly Check[] {
  return log ? [{ name: "log", ok: log.failing === undefined, detail: logDetail(log) }] : [];
}

function diskChecks({ room, projects }: Services): readonly Check[] {
  return [
    {
      name: "disk quota",
      ok: projects.reason === undefined,
      detail:
        projects.reason === undefined ? "enforced by the kernel" : `enforced by watching programs: ${projects.reason}`,
    },
    { name: "disk", ok: !room.short, detail: diskDetail(room) },
  ];
}

/** The program that knows accounts from elsewhere, where there is one. Without it this server's own accounts log in. */
function loginChecks({ external }: Services): readonly Check[] {
  if (!external) return [];
  return [{ name: "login program", ok: external.trouble === undefined, detail: external.trouble ?? "runs" }];
}

/** The backups, where some are to be made. */
async function backupChecks({ backups, settings }: Services): Promise<readonly Check[]> {
  const { directory, daily } = settings.backup;
  if (directory === "" || daily === "")
    return [{ name: "backups", ok: false, detail: "none are made: set backup.directory" }];
  const trouble = await backups.trouble();
  return [{ name: "backup", ok: trouble === undefined, detail: trouble ?? `made each day at ${daily}` }];
}

/** Metrics, where they are wanted at a port that is known. */
async function metricsChecks({ settings: { metrics } }: Services): Promise<readonly Check[]> {
  if (metrics.listen === "" || metrics.listen.endsWith(":0")) return [];
  return [{ name: "metrics", ...(await checkMetrics(metrics.listen)) }];
}

/** What the machine lacks; empty when it lacks nothing. */
async function machineChecks(data: string): Promise<readonly Check[]> {
  return (await checkMachine(data)).map(({ sentence, remedy, fatal }) => ({
    name: fatal ? "machine" : "resources",
    ok: false,
    detail: `${sentence}. ${remedy}`,
  }));
}

async function databaseChecks(database: Database): Promise<readonly Check[]> {
  const schema = await compareSchema(database);
  const hostKey = hostKeyCheck(await lastHostKeyChange(database));
  if (schema.length === 0) return [hostKey];
  return [
    { name: "schema", ok: false, detail: `${schema.slice(0, 5).join(", ")}: restore the database from a backup` },
    hostKey,
  ];
}

function hostKeyCheck(change: Awaited<ReturnType<typeof lastHostKeyChange>>): Check {
  const since = change ? ` (since ${dayText(change.at)}). ${hostKeyHint}` : "";
  return { name: "host key", ok: change === undefined, detail: change ? hostKeyWarning(change) + since : "unchanged" };
}

function logDetail({ lost, failing }: LogHealth): string {
  const count = lost === 0 ? "" : `; ${counted(lost, "line")} lost since the start`;
  return (failing === undefined ? "being written" : `can't be written (${failing}); still trying`) + count;
}

/** A line while nothing old is deleted, because the clock may be wrong. */
function waitingRemoval({ retention }: Services): readonly string[] {
  const why = retention.waitsBecause;
  return why === undefined ? [] : [`what is old is kept for some days more: ${why}`];
}

function diskDetail({ free, short }: DiskRoom): string {
  if (!free) return "the system does not say how much is free";
  const inodes = free.inodes === undefined ? "" : `, ${free.inodes} inodes`;
  return `${Math.floor(free.bytes / 2 ** 20)} MiB${inodes} free${short ? ": too little; programs don't start and nothing new can be created" : ""}`;
}

/** These commands. */
export const generalCommands: readonly Command[] = [whoami, version, status, doctor];

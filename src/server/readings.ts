/** The values of a process that are read at each scrape. */
import { readdir, readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import { roomIn } from "../base/disk-room.ts";
import { availableMemory } from "../base/memory.ts";
import type { Services } from "../commands/services.ts";
import { memoryBelow, memoryOf } from "../metrics/memory-by-part.ts";
import type { Reading } from "../metrics/metric-tables.ts";

/** Milliseconds without a key after which somebody counts as idle. */
const idleMs = 300_000;

/** What any process of a server can tell of itself. */
export async function ownReadings(startedAt: number): Promise<readonly Reading[]> {
  const { user, system } = process.cpuUsage();
  return [
    { name: "startTime", value: startedAt / 1000 },
    { name: "cpu", value: (user + system) / 1e6 },
    { name: "heap", value: process.memoryUsage().heapUsed },
    ...(await fileReadings()),
    { name: "memory", labels: { part: "server" }, value: await memoryOf(process.pid) },
  ];
}

/** What a process with sessions tells. */
export async function serviceReadings(services: Services, databaseUp: boolean): Promise<readonly Reading[]> {
  const { eventLoop, runner, locks, logHealth, workspaces } = services;
  const { p99, max } = eventLoop.delays;
  return [
    { name: "build", labels: { version: services.version }, value: 1 },
    { name: "delayP99", value: p99 },
    { name: "delayMax", value: max },
    { name: "databaseUp", value: Number(databaseUp) },
    { name: "jailAvailable", value: Number(runner.jail.available) },
    { name: "lease", value: (locks.leaseAgeMs ?? Number.NaN) / 1000 },
    { name: "logLost", value: logHealth()?.lost ?? 0 },
    { name: "crowdedHomes", value: workspaces.crowdedHomes },
    ...peopleReadings(services),
    ...queueReadings(services),
    ...(await jailReadings(services)),
  ];
}

/** What one process tells for the whole server. */
export async function sharedReadings(
  services: Services,
  { data, embedded }: { readonly data: string; readonly embedded: boolean },
): Promise<readonly Reading[]> {
  const { settings, room, backups } = services;
  const disk = await statfs(data);
  const { bytes, inodes } = roomIn(disk);
  const backup = await backups.state();
  return [
    { name: "homeQuota", value: settings.limits.workspaceMebibytes * 2 ** 20 },
    { name: "diskFree", value: bytes },
    { name: "diskSize", value: disk.blocks * disk.bsize },
    { name: "diskInodes", value: inodes ?? Number.NaN },
    { name: "memoryAvailable", value: (await availableMemory()) ?? Number.NaN },
    { name: "diskReserve", value: room.reserveBytes },
    { name: "backupAge", value: (backup?.ageMs ?? Number.NaN) / 1000 },
    { name: "backupFailed", value: backup === undefined ? Number.NaN : Number(backup.failed) },
    ...(embedded ? await databaseMemory(data) : []),
  ];
}

function peopleReadings({ sessions, connections, runner }: Services): readonly Reading[] {
  const all = sessions.sessions;
  const away = all.filter(({ attendance }) => attendance.awaySince !== undefined).length;
  const idle = all.filter(({ attendance }) => attendance.awaySince === undefined && attendance.idleMs >= idleMs).length;
  const { open, loggedIn } = connections();
  return [
    { name: "sessions", labels: { state: "active" }, value: all.length - away - idle },
    { name: "sessions", labels: { state: "idle" }, value: idle },
    { name: "sessions", labels: { state: "away" }, value: away },
    { name: "connections", labels: { state: "logged_in" }, value: loggedIn },
    { name: "connections", labels: { state: "waiting" }, value: open - loggedIn },
    {
      name: "runs",
      labels: { place: "ide" },
      value: all.reduce(
        (sum, { consoles }) => sum + consoles.list.filter(({ activity }) => activity === "running").length,
        0,
      ),
    },
    { name: "runs", labels: { place: "command" }, value: runner.scriptCount },
    { name: "spareJails", value: all.filter(({ consoles }) => consoles.hasSpare).length },
  ];
}

function queueReadings({ accounts, audit, database, locks }: Services): readonly Reading[] {
  const lengths = {
    passwords: accounts.waitingPasswords,
    database: database.waiting,
    locks: locks.waiting,
    audit: audit.waiting,
  };
  return Object.entries(lengths).map(([queue, value]) => ({ name: "queue", labels: { queue }, value }));
}

async function jailReadings({ runner }: Services): Promise<readonly Reading[]> {
  const jails: Reading = { name: "jails", value: runner.jailCount };
  const { brokerPid } = runner;
  if (brokerPid === undefined) return [jails];
  const [broker, below] = await Promise.all([memoryOf(brokerPid), memoryBelow(brokerPid)]);
  return [
    jails,
    { name: "memory", labels: { part: "broker" }, value: broker },
    { name: "memory", labels: { part: "jails" }, value: below },
  ];
}

/** Where the system tells. */
async function fileReadings(): Promise<readonly Reading[]> {
  try {
    const [open, limits] = await Promise.all([readdir("/proc/self/fd"), readFile("/proc/self/limits", "utf8")]);
    const max = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
    return [
      { name: "openFiles", value: open.length },
      { name: "maxFiles", value: max },
    ];
  } catch {
    return []; // without descriptors left this can't be read: that there is no value tells it
  }
}

async function databaseMemory(data: string): Promise<readonly Reading[]> {
  const note = await readFile(join(data, "postgres", "postmaster.pid"), "utf8").catch(() => ""); // it is starting again
  const pid = Number.parseInt(note, 10);
  if (!(pid > 1)) return [];
  const [own, below] = await Promise.all([memoryOf(pid), memoryBelow(pid)]);
  return [{ name: "memory", labels: { part: "database" }, value: own + below }];
}

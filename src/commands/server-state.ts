/** How the server is doing, for the command `status` and for its screen. */
import { listBackups } from "../backup/store.ts";
import { logBug } from "../base/error-report.ts";
import { counted } from "../base/counted.ts";
import type { FreeRoom } from "../base/disk-room.ts";
import type { Log } from "../base/log.ts";
import type { LogHealth } from "../base/log-writer.ts";
import { availableMemory } from "../base/memory.ts";
import { slowestOf, type SlowThing } from "../base/slowest.ts";
import { figuresOfAll, type Measured } from "./nouns/metrics-command.ts";
import { ownFigures } from "./own-figures.ts";
import type { Services } from "./services.ts";

/** The document of `status`. */
export interface ServerState {
  readonly version: string;
  readonly listen: string;
  readonly startedAt: string;
  /** Seconds. */
  readonly uptime: number;
  /** Of all processes. */
  readonly sessions: number;
  readonly nodes: number;
  /** Of this process, as `loggedIn` and `memory`. */
  readonly connections: number;
  readonly loggedIn: number;
  readonly database: "up" | "down";
  readonly jail: boolean;
  readonly memory: number;
  /** What is wrong with the backups. */
  readonly backup: string | null;
}

/** Reads it; within seconds also while the database does not answer. */
export async function serverState(services: Services): Promise<ServerState> {
  const { open, loggedIn } = services.connections();
  const database = await services.database.ping();
  const nodes = database ? await services.cluster.nodes().catch(() => []) : []; // without a database: what this process knows
  return {
    version: services.version,
    listen: services.settings.listen,
    startedAt: new Date(services.startedAt).toISOString(),
    uptime: Math.round((services.clock.now() - services.startedAt) / 1000),
    sessions: Math.max(
      services.sessions.sessions.length,
      nodes.reduce((sum, node) => sum + node.sessions, 0),
    ),
    nodes: Math.max(1, nodes.length),
    connections: open,
    loggedIn,
    database: database ? "up" : "down",
    jail: services.runner.jail.available,
    memory: process.memoryUsage().rss,
    backup: (await services.backups.trouble()) ?? null,
  };
}

/** What the screen shows beside it. */
export interface ServerOverview {
  readonly state: ServerState;
  readonly processes: readonly Measured[];
  /** Names of processes that take nothing new. */
  readonly draining: ReadonlySet<string>;
  /** Free bytes of memory of this machine, or of its control group; undefined where the system does not say. */
  readonly freeMemory: number | undefined;
  readonly disk: { readonly free: FreeRoom | undefined; readonly short: boolean };
  readonly log: LogHealth | undefined;
  /** Whether backups are made, and when the newest was; undefined when there is none. */
  readonly backups: { readonly made: boolean; readonly last: Date | undefined };
  readonly slowest: readonly (SlowThing & { readonly node: string })[];
}

/** Reads all of it, from all processes at once. */
export async function serverOverview(services: Services, log: Log): Promise<ServerOverview> {
  const state = await serverState(services);
  // Whoever asks a database that is away waits for it; this process knows itself.
  const isUp = state.database === "up";
  const own: Measured = { node: services.cluster.name, figures: ownFigures(services) };
  const [processes, nodes, freeMemory, last] = await Promise.all([
    isUp ? figuresOfAll({ services, log }) : [own],
    isUp ? services.cluster.nodes().catch(() => []) : [], // it went away just now: the next reading says so
    availableMemory(),
    newestBackup(services),
  ]);
  const slow = await Promise.all(
    nodes.map(async (node) => {
      const things = await services.cluster.slowest(node).catch((error: unknown) => {
        logBug(error, log, { node: node.name });
        return [];
      });
      return things.map((thing) => ({ ...thing, node: node.name }));
    }),
  );
  return {
    state,
    processes,
    draining: new Set(nodes.filter(({ draining }) => draining).map(({ name }) => name)),
    freeMemory,
    disk: services.room,
    log: services.logHealth(),
    backups: { made: services.settings.backup.directory !== "", last },
    slowest: isUp ? slowestOf(slow.flat()) : services.slowest.list.map((thing) => ({ ...thing, node: own.node })),
  };
}

/** Undefined also where they can't be listed: `state` says why. */
async function newestBackup({ settings }: Services): Promise<Date | undefined> {
  const { directory } = settings.backup;
  if (directory === "") return undefined;
  const [newest] = await listBackups(directory).catch(() => []);
  return newest?.madeAt;
}

/** A time that something has been up: "3 days", "2 h 5 min". */
export function uptimeText(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  if (hours >= 24) return counted(Math.floor(hours / 24), "day");
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`;
}

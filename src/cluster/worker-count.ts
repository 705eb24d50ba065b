/** How many worker processes a server has. */
import { availableParallelism } from "node:os";
import { UserError } from "../base/errors.ts";
import type { Settings } from "../config/schema.ts";
import { maxWorkers } from "../config/schema.ts";

/**
 * Connections for workers: the embedded database takes 60, and some are for the primary and for people who look at it.
 */
const embeddedConnections = 50;
/**
 * Connections that a worker needs at least: one for its lease, and two so that no statement waits behind another one's
 * transaction.
 */
const minConnections = 3;
const maxWithEmbedded = Math.floor(embeddedConnections / minConnections);

/**
 * The number of workers; 0 for a server in one process, which is also the answer for one worker: a second process could
 * only pass its connections on. Throws a UserError for a number that the embedded database can't serve.
 */
export function workerCount(settings: Settings, cores = availableParallelism()): number {
  const { workers } = settings.cluster;
  const embedded = settings.database.url === "";
  const max = embedded ? maxWithEmbedded : maxWorkers;
  const count = workers === "auto" ? Math.min(cores, max) : workers;
  if (count > max) {
    throw new UserError(
      "bad-setting",
      `the embedded database can't serve ${count} workers`,
      `Use at most ${max}, or a database server of your own (DATABASE_URL).`,
    );
  }
  return count > 1 ? count : 0;
}

/** Pythons that may start at a time in each of `workers`: two for each core of the machine in all, and at least two. */
export function startsAtOnce(workers: number, cores = availableParallelism()): number {
  return Math.max(2, Math.ceil((2 * cores) / Math.max(1, workers)));
}

/** The settings of each of `count` workers: all get the same share of the embedded database's connections. */
export function workerSettings(settings: Settings, count: number): Settings {
  if (settings.database.url !== "") return settings;
  const share = Math.floor(embeddedConnections / count) - 1; // one is the lease's
  return { ...settings, database: { ...settings.database, poolSize: Math.min(settings.database.poolSize, share) } };
}

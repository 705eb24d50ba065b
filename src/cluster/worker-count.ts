/** How many worker processes a server has. */
import { availableParallelism } from "node:os";
import { UserError } from "../base/errors.ts";
import type { Settings } from "../config/schema.ts";
import { maxWorkers } from "../config/schema.ts";

/** The embedded database takes 60 connections, and some are for the primary and for people who look at it. */
const embeddedConnections = 50;
/** What a worker needs at least: one for its lease, and two so that no statement waits behind another one's transaction. */
const minConnections = 3;
const maxWithEmbedded = Math.floor(embeddedConnections / minConnections);

/**
 * The number of workers; 0 for a server in one process, which is also what one worker would be: a second process could only
 * hand over its connections. Throws a UserError for a number that the embedded database can't serve.
 */
export function workerCount(settings: Settings, cores = availableParallelism()): number {
  const { workers } = settings.cluster;
  const embedded = settings.database.url === "";
  const most = embedded ? maxWithEmbedded : maxWorkers;
  const count = workers === "auto" ? Math.min(cores, most) : workers;
  if (count > most) {
    throw new UserError(
      "bad-setting",
      `the embedded database can't serve ${count} workers`,
      `Use at most ${most}, or a database server of your own (DATABASE_URL).`,
    );
  }
  return count > 1 ? count : 0;
}

/** How many Pythons start at a time in each of so many workers: two for each core of the machine in all, and two at least. */
export function startsAtOnce(workers: number, cores = availableParallelism()): number {
  return Math.max(2, Math.ceil((2 * cores) / Math.max(1, workers)));
}

/** The settings of each of so many workers: of the embedded database's connections everybody has the same share. */
export function workerSettings(settings: Settings, count: number): Settings {
  if (settings.database.url !== "") return settings;
  const share = Math.floor(embeddedConnections / count) - 1; // one is the lease's
  return { ...settings, database: { ...settings.database, poolSize: Math.min(settings.database.poolSize, share) } };
}

/**
 * A cluster on disk. initdb makes it beside its final path, then it is renamed, so that it is there whole or not at
 * all, and two starts can race. Who may connect is rewritten at each start: only the operating system account that runs
 * classh, over the socket, as the database user "classh". There is no password to leak.
 */
import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { syncDirectoryAt } from "../base/durable.ts";
import { systemCode, UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Binaries } from "./binaries.ts";
import { isAlive } from "./postmaster.ts";

/** Name of the database user and of the database. */
export const databaseName = "classh";

/** Makes the cluster if there is none. Throws `database-unsupported` when another major version made it. */
export async function ensureCluster(directory: string, binaries: Binaries, durable: boolean, log: Log): Promise<void> {
  await removeAbandoned(directory);
  let major = await clusterVersion(directory);
  if (major === undefined) {
    await initialize(directory, binaries, durable, log);
    major = await clusterVersion(directory);
  }
  if (major !== String(binaries.major)) {
    throw new UserError(
      "database-unsupported",
      `the database in ${directory} was made by PostgreSQL ${major ?? "of unknown version"}, but these programs are PostgreSQL ${binaries.major}`,
      `Set database.binaries to the bin directory of PostgreSQL ${major ?? "that made it"}, or restore a backup into a new data directory.`,
    );
  }
  await writeAccess(directory);
}

async function clusterVersion(directory: string): Promise<string | undefined> {
  try {
    return (await readFile(join(directory, "PG_VERSION"), "utf8")).trim();
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  // A directory of something else must not be overwritten, nor taken for an empty one.
  const entries = await readdir(directory).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  if (entries.length === 0) return undefined;
  throw new UserError(
    "database-failed",
    `there are files but no database in ${directory}`,
    "Move it away, or choose another data directory.",
  );
}

async function initialize(directory: string, binaries: Binaries, durable: boolean, log: Log): Promise<void> {
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  const made = `${directory}.init-${process.pid}`;
  const began = performance.now();
  const options = ["-U", databaseName, "-E", "UTF8", "--locale=C", "-k", "--auth-local=peer", "--auth-host=reject"];
  try {
    await promisify(execFile)(binaries.initdb, ["-D", made, ...options, ...(durable ? [] : ["--no-sync"])], {
      env: binaries.environment,
      cwd: dirname(directory),
      timeout: 120_000,
    });
    await rename(made, directory);
    await syncDirectoryAt(dirname(directory));
    log.info("database cluster created", { directory, ms: Math.round(performance.now() - began) });
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    // Another start was faster: its cluster is as good as ours.
    if (["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) return;
    const words =
      error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n").at(-1) : String(error);
    throw new UserError("database-failed", `the database could not be made in ${directory}: ${words}`, undefined, {
      cause: error,
    });
  }
}

/** Removes what starts that were killed left behind. */
async function removeAbandoned(directory: string): Promise<void> {
  const prefix = `${basename(directory)}.init-`;
  const names = await readdir(dirname(directory)).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length));
    // Our own number too: in a container each start may get the same one.
    if (pid === process.pid || !isAlive(pid))
      await rm(join(dirname(directory), name), { recursive: true, force: true });
  }
}

async function writeAccess(directory: string): Promise<void> {
  await chmod(directory, 0o700); // postgres refuses anything wider than 0750; a restored copy often is
  const account = userInfo().username.replaceAll('"', "");
  await replace(join(directory, "pg_hba.conf"), `local all ${databaseName} peer map=classh\n`);
  await replace(join(directory, "pg_ident.conf"), `classh "${account}" ${databaseName}\n`);
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}

/**
 * A database cluster as a first start leaves it, with all tables, made once for a run of the whole suite and copied: a copy costs a
 * twentieth of `initdb` and the migrations. bin/test makes it, for the account and with the programs that the tests use, in its scratch
 * directory, and names it in TEST_CLUSTER; without that every server makes its own cluster.
 *
 *   node --import tsx test/support/cluster-template.ts DIRECTORY      makes it
 */
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { silentLog } from "../../src/base/log.ts";
import { startEmbeddedPostgres } from "../../src/db/embedded.ts";
import { migrate } from "../../src/db/migrate.ts";

/** Puts a copy of the template where a server will look for its cluster. Does nothing where there is no template. */
export async function giveCluster(directory: string): Promise<void> {
  const template = process.env.TEST_CLUSTER;
  if (!template) return;
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  await promisify(execFile)("cp", ["-a", "--reflink=auto", "--no-target-directory", template, directory]);
}

async function makeTemplate(directory: string): Promise<void> {
  await using server = await startEmbeddedPostgres({ directory, log: silentLog, durable: false });
  await migrate(server.url, silentLog);
}

if (process.argv[1] === new URL(import.meta.url).pathname) await makeTemplate(process.argv[2] ?? "");

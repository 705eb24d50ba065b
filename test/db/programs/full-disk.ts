/** Runs on a small disk: `full-disk.ts DIRECTORY`. Fills it under a running PostgreSQL; prints as JSON what is said and what comes back. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import type { Fields, Log } from "../../../src/base/log.ts";
import { silentLog } from "../../../src/base/log.ts";
import { startEmbeddedPostgres } from "../../../src/db/embedded.ts";

const directory = process.argv[2] ?? "";
const filler = join(directory, "filler");
const said: string[] = [];
const note = (message: string, fields?: Fields): void => {
  if (/died|does not start/.test(message)) said.push(`${message}: ${String(fields?.reason ?? fields?.error)}`);
};
const log: Log = { ...silentLog, warn: note, error: note };

await using server = await startEmbeddedPostgres({ directory: join(directory, "postgres"), log });
let committed = 0;
{
  await using client = await connected();
  await client.query("CREATE TABLE rows (number int, text text)");
  const insert = "INSERT INTO rows SELECT $1, string_agg(md5(random()::text), '') FROM generate_series(1, 2000)";
  for (; committed < 5; committed++) await client.query(insert, [committed]);
  await fillUp();
  try {
    for (; ; committed++) await client.query(insert, [committed]);
  } catch {
    // The disk is full: the statement failed, or the server has ended itself.
  }
}
// A server that only refuses one statement has lost nothing; the log of changes that can't be written ends it.
for (let tries = 0; said.length === 0 && tries < 200; tries++) {
  await delay(50);
  try {
    await using client = await connected();
    await client.query("CHECKPOINT");
    await client.query("SELECT pg_switch_wal()");
    await client.query("INSERT INTO rows VALUES (-1, '')");
    await client.query("DELETE FROM rows WHERE number = -1");
  } catch {
    // That is what this waits for.
  }
}
await rm(filler);
let rows = -1;
for (let tries = 0; rows < 0 && tries < 600; tries++) {
  try {
    await using client = await connected();
    rows = Number(
      (await client.query<{ count: string }>("SELECT count(*) FROM rows WHERE number >= 0")).rows[0]?.count,
    );
  } catch {
    await delay(100);
  }
}
process.stdout.write(JSON.stringify({ said, committed, rows }));

async function fillUp(): Promise<void> {
  for (let size = 1 << 20; size >= 4096;) {
    try {
      await writeFile(filler, Buffer.alloc(size), { flag: "a" });
    } catch {
      size /= 2;
    }
  }
}

async function connected(): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: server.url });
  client.on("error", () => undefined); // the statement in progress reports it
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end().catch(() => undefined) });
}

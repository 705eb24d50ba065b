import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError, type ErrorCode } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { Database } from "../../src/db/database.ts";
import {
  findEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedOptions,
  type EmbeddedPostgres,
} from "../../src/db/embedded.ts";
import { findPostmaster, stopPostmaster } from "../../src/db/postmaster.ts";
import { poolOptions } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { loader } from "../support/program.ts";

const starterFile = fileURLToPath(new URL("programs/starter.ts", import.meta.url));

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  readonly adopted: boolean;
}

async function starter(directory: string): Promise<Started> {
  const child = spawn(process.execPath, [...loader, starterFile, directory], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await Promise.race([once(child.stdout, "data"), once(child, "exit").then(() => ["{}"])])) as [
    Buffer | string,
  ];
  return { ...(JSON.parse(line.toString()) as Omit<Started, "child">), child };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

async function ask<T extends object>(url: string, text: string): Promise<T[]> {
  await using database = await Database.connect(poolOptions(url));
  return await database.query<T>(text);
}

function code(expected: ErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.code, expected);
    assert.match(error.message, message);
    assert.ok(error.hint);
    return true;
  };
}

describe("the embedded database server", () => {
  /** One cluster for most tests, since making one takes a second; a fresh one is made where that is the subject. */
  let parent: string;
  let directory: string;

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), "classh-pg-"));
    directory = join(parent, "postgres");
  });
  afterEach(async () => {
    // Whatever a failed test left running.
    for (const name of await readdir(parent)) {
      const running = await findPostmaster(join(parent, name));
      if (running) await stopPostmaster(running.pid, join(parent, name), silentLog);
    }
  });
  after(() => rm(parent, { recursive: true }));

  function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
    return startEmbeddedPostgres({ directory, log: silentLog, durable: false, ...options });
  }

  it("is made once by two starters at the same moment, and serves both", async () => {
    const fresh = join(parent, "race");
    const both = await Promise.all([starter(fresh), starter(fresh)]);
    try {
      assert.equal(both[0].pid, both[1].pid);
      assert.equal(both.filter(({ adopted }) => adopted).length, 1);
      assert.deepEqual(
        (await readdir(parent)).filter((name) => name.includes(".init-")),
        [],
      );
      assert.deepEqual(await ask(both[1].url, "SELECT 1 AS one"), [{ one: 1 }]);
    } finally {
      await Promise.all(both.map(({ child }) => kill(child)));
    }
  });

  it("listens on a socket only, in a directory that is ours alone, and holds what was stored", async () => {
    {
      await using server = await start();
      await ask(server.url, "CREATE TABLE kept (word text)");
      await ask(server.url, "INSERT INTO kept VALUES ('plum')");
      const [settings] = await ask<{ listen: string; sockets: string; encoding: string; sums: string }>(
        server.url,
        `SELECT current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets,
                current_setting('server_encoding') AS encoding, current_setting('data_checksums') AS sums`,
      );
      assert.equal(settings?.listen, "");
      assert.equal(settings?.encoding, "UTF8");
      assert.equal(settings?.sums, "on");
      assert.equal((await stat(settings?.sockets ?? "")).mode & 0o777, 0o700);
      assert.match(await readFile(join(directory, "pg_hba.conf"), "utf8"), /^local all classh peer map=classh\n$/);
      assert.equal(
        await readFile(join(directory, "pg_ident.conf"), "utf8"),
        `classh "${userInfo().username}" classh\n`,
      );
    }
    assert.equal(await findPostmaster(directory), undefined);
    await using server = await start();
    assert.deepEqual(await ask(server.url, "SELECT word FROM kept"), [{ word: "plum" }]);
  });

  it("lets nobody in under another database user's name", async () => {
    await using server = await start();
    const other = server.url.replace("classh@", "postgres@");
    await assert.rejects(ask(other, "SELECT 1"), /no pg_hba.conf entry|authentication failed/);
  });

  it("outlives a kill -9 of classh, and the next start adopts it with all that was committed", async () => {
    const first = await starter(directory);
    await ask(first.url, "CREATE TABLE IF NOT EXISTS notes (word text)");
    await ask(first.url, "INSERT INTO notes VALUES ('before the kill')");
    await kill(first.child);
    assert.equal((await findPostmaster(directory))?.pid, first.pid);
    await using server = await start();
    assert.ok(server.adopted);
    assert.equal(server.pid, first.pid);
    assert.deepEqual(await ask(server.url, "SELECT word FROM notes"), [{ word: "before the kill" }]);
  });

  it("starts although a stale pid file names a process that is alive and someone else's", async () => {
    await (await start())[Symbol.asyncDispose]();
    const stranger = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
    try {
      await once(stranger, "spawn");
      await writeFile(
        join(directory, "postmaster.pid"),
        `${stranger.pid}\n${directory}\n1700000000\n5432\n/nowhere\n\n`,
      );
      await using server = await start();
      assert.ok(!server.adopted);
      assert.deepEqual(await ask(server.url, "SELECT 1 AS one"), [{ one: 1 }]);
      assert.equal(stranger.exitCode ?? stranger.signalCode, null);
    } finally {
      await kill(stranger);
    }
  });

  it("is brought back after a kill -9 of its own, with what was committed", async () => {
    const restarts: string[] = [];
    await using server = await start({ onRestart: (ended) => restarts.push(ended) });
    await ask(server.url, "CREATE TABLE survivors AS SELECT 'plum' AS word");
    const old = server.pid ?? 0;
    process.kill(old, "SIGKILL");
    await eventually(() => server.pid !== old);
    assert.deepEqual(await ask(server.url, "SELECT word FROM survivors"), [{ word: "plum" }]);
    await eventually(() => restarts.length > 0);
    assert.deepEqual(restarts, ["SIGKILL"]);
  });

  it("is started again when its socket was removed from under it, also with the directory", async () => {
    await using server = await start();
    await ask(server.url, "CREATE TABLE castaways AS SELECT 'plum' AS word");
    const old = server.pid ?? 0;
    const [, socket = ""] = /\?host=([^&]+)$/.exec(server.url) ?? [];
    await rm(decodeURIComponent(socket), { recursive: true });
    await eventually(() => server.pid !== old);
    assert.deepEqual(await ask(server.url, "SELECT word FROM castaways"), [{ word: "plum" }]);
  });

  it("stays stopped after a stop, and starts again when asked", async () => {
    await using server = await start();
    assert.equal(await findEmbeddedPostgres(directory), server.url);
    await server.stop();
    await server.stop();
    assert.equal(await findEmbeddedPostgres(directory), undefined);
    await server.start();
    assert.deepEqual(await ask(server.url, "SELECT 1 AS one"), [{ one: 1 }]);
  });

  it("has its socket elsewhere when the data directory's path is too long for one", async () => {
    const deep = join(parent, "d".repeat(60), "e".repeat(60));
    await mkdir(deep, { recursive: true });
    await using server = await startEmbeddedPostgres({
      directory: join(deep, "postgres"),
      log: silentLog,
      durable: false,
    });
    assert.deepEqual(await ask(server.url, "SELECT 1 AS one"), [{ one: 1 }]);
    const socket = new URL(server.url.replace("@/", "@host/")).searchParams.get("host") ?? "";
    assert.ok(!socket.startsWith(parent) && socket.length < 88, socket);
    assert.equal((await stat(socket)).mode & 0o777, 0o700);
    await server[Symbol.asyncDispose]();
    await assert.rejects(stat(socket), { code: "ENOENT" });
  });

  it("refuses a cluster of another major version, and changes nothing in it", async () => {
    const version = join(directory, "PG_VERSION");
    const real = await readFile(version, "utf8");
    await writeFile(version, "13\n");
    try {
      await assert.rejects(
        start(),
        code("database-unsupported", /made by PostgreSQL 13, but these programs are PostgreSQL \d\d/),
      );
    } finally {
      await writeFile(version, real);
    }
  });

  it("refuses a directory that holds something else", async () => {
    const other = join(parent, "holiday-pictures");
    await mkdir(other);
    await writeFile(join(other, "beach.jpg"), "");
    await assert.rejects(
      startEmbeddedPostgres({ directory: other, log: silentLog }),
      code("database-failed", /there are files but no database/),
    );
    assert.deepEqual(await readdir(other), ["beach.jpg"]);
  });

  it("says which program is missing or cannot run", async () => {
    await assert.rejects(
      start({ binaries: join(parent, "nowhere") }),
      code("database-failed", /no PostgreSQL program .*nowhere\/postgres/),
    );
    const fake = join(parent, "fake");
    await mkdir(fake);
    await writeFile(join(fake, "postgres"), "#!/bin/sh\necho not a database\n");
    await assert.rejects(start({ binaries: fake }), code("database-failed", /can't be run by this account/));
    await writeFile(join(fake, "initdb"), "");
    await Promise.all(["postgres", "initdb"].map((name) => chmod(join(fake, name), 0o755)));
    await assert.rejects(
      start({ binaries: fake }),
      code("database-failed", /is not PostgreSQL: it says "not a database"/),
    );
  });

  it("says in the server's own words why it does not start", async () => {
    const file = join(directory, "postgresql.conf");
    const real = await readFile(file, "utf8");
    await writeFile(file, "shared_buffers = plenty\n");
    try {
      await assert.rejects(start(), code("database-failed", /does not start: .*configuration file/));
    } finally {
      await writeFile(file, real);
    }
  });

  it("removes what a starter left that was killed during initdb", async () => {
    const abandoned = `${directory}.init-999999999`;
    await mkdir(abandoned);
    await (await start())[Symbol.asyncDispose]();
    await assert.rejects(stat(abandoned), { code: "ENOENT" });
  });
});

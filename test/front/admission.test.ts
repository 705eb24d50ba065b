/** Limits that hold for all processes and machines together. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { silentLog } from "../../src/base/log.ts";
import { Admission } from "../../src/front/admission.ts";
import { SessionTable } from "../../src/cluster/session-table.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";

describe("two servers that share their limits", () => {
  let scope: Scope;
  let database: TestDatabase;
  let east: TestServer;
  let west: TestServer;
  let people = 0;
  const open: TerminalClient[] = [];

  before(async () => {
    scope = new Scope("room");
    database = scope.own(await testDatabase());
    const shared = {
      "database.url": database.url,
      "database.poolSize": 5,
      "limits.sessions": 4,
      "session.maxAway": 2,
      "limits.runsAtOnce": 2,
    };
    east = scope.own(await testServer({ ...shared, "cluster.name": "east" }));
    west = scope.own(
      await testServer({ ...shared, "cluster.name": "west", "cluster.keyFile": join(east.data, "cluster-key") }),
    );
  });
  afterEach(async () => {
    for (const client of open.splice(0)) await client.close();
    for (const { server } of [east, west]) await server.services.sessions.endAll("over");
    await eventually(async () => (await listed()).length === 0);
  });
  after(() => scope.close());

  const listed = async (): Promise<readonly string[]> =>
    (await east.server.services.cluster.directory.list()).map(({ username }) => username);
  const awaySince = (server: TestServer, name: string) =>
    server.server.services.sessions.of(name)[0]?.attendance.awaySince;

  async function newPerson(): Promise<string> {
    const name = `person${(people += 1)}`;
    await east.add(name);
    await west.server.services.workspaces.ensureHome(name);
    return name;
  }

  async function connect(server: TestServer, name: string, command?: string): Promise<TerminalClient> {
    const client = await server.connect(name, command === undefined ? {} : { command });
    open.push(client);
    return client;
  }

  async function here(server: TestServer): Promise<string> {
    const name = await newPerson();
    const client = await connect(server, name);
    await client.wait("Welcome");
    return name;
  }

  /** Somebody who has left, and whose absence is known to all. */
  async function away(server: TestServer): Promise<string> {
    const name = await newPerson();
    const client = await server.connect(name);
    await client.wait("Welcome");
    process.kill(client.pid, "SIGKILL");
    await client.close();
    await eventually(() => awaySince(server, name) !== undefined);
    await eventually(async () => (await east.server.services.cluster.directory.list(name))[0]?.state === "away");
    return name;
  }

  it("let the longest absent go for whoever comes, wherever they are, and nobody in for those who are here", async () => {
    const [first, second] = [await away(west), await away(east)];
    const [third, fourth] = [await here(east), await here(east)];
    assert.deepEqual(new Set(await listed()), new Set([first, second, third, fourth]));
    const fifth = await here(east);
    assert.deepEqual(
      new Set(await listed()),
      new Set([second, third, fourth, fifth]),
      "the west's person had been away for longer",
    );
    const sixth = await here(west);
    assert.deepEqual(new Set(await listed()), new Set([third, fourth, fifth, sixth]));
    for (const server of [east, west]) {
      const late = await connect(server, await newPerson());
      await late.wait("the server is full right now");
      assert.equal(await late.exited, 75);
    }
    // Whoever has a session needs no room for it.
    const again = await connect(west, third);
    await again.wait("You are logged in already");
  });

  it("keep so many absent people and no more, the longest absent going first", async () => {
    const [first, second, third] = [await away(east), await away(west), await away(west)];
    await eventually(async () => (await listed()).length === 2);
    assert.deepEqual(new Set(await listed()), new Set([second, third]));
    assert.equal(awaySince(east, first), undefined);
  });

  it("end the longest absent of a machine whose memory is short, no more of them than that takes, and keep their text", async () => {
    const mebibytes = (count: number) => async (): Promise<number> => count * 2 ** 20;
    const min = east.server.services.settings.session.minMemoryMebibytes;
    const stay = await here(east);
    const first = await newPerson();
    const client = await west.connect(first);
    await client.wait("Welcome");
    client.press("F3");
    client.type("# unsaved ");
    await client.wait("# unsaved");
    process.kill(client.pid, "SIGKILL");
    await client.close();
    await eventually(
      async () =>
        (await listed()).includes(first) &&
        (await west.server.services.cluster.directory.list(first))[0]?.state === "away",
    );
    const second = await away(east);
    const sweep = async (free: number): Promise<void> => {
      for (const { server } of [east, west]) {
        await using room = new Admission(server.services, silentLog, mebibytes(free));
        await room.sweep();
      }
    };
    await sweep(min);
    assert.deepEqual(new Set(await listed()), new Set([stay, first, second]), "that is enough");
    await sweep(min - 1);
    // The row of a session that has ended may go with the next look only, where the database is busy.
    await eventually(async () => !(await listed()).includes(first));
    assert.deepEqual(
      new Set(await listed()),
      new Set([stay, second]),
      "the one who had been away for longer, though in the other process",
    );
    await sweep(0);
    await eventually(async () => !(await listed()).includes(second));
    assert.deepEqual(await listed(), [stay], "whoever is here stays");
    const again = await connect(west, first);
    await again.wait("# unsaved");
  });

  it("count somebody's runs together, and a run that has ended no more", async () => {
    const name = await newPerson();
    for (const server of [east, west]) {
      for (const file of ["one.py", "two.py", "three.py"])
        await writeFile(join(server.home(name), file), "print('begun', flush=True)\ninput()\n");
    }
    const one = await connect(east, name, "run one.py");
    await one.wait("begun");
    const two = await connect(west, name, "run two.py");
    await two.wait("begun");
    for (const server of [east, west]) {
      const refused = await server.run(name, "run three.py", "\n");
      assert.equal(refused.status, 75);
      assert.match(refused.stderr, /you have 2 programs running already/);
    }
    one.type("\r");
    assert.equal(await one.exited, 0);
    assert.equal((await west.run(name, "run three.py", "\n")).status, 0);
    two.type("\r");
    assert.equal(await two.exited, 0);
    assert.deepEqual(
      (await east.server.services.locks.list()).filter(({ name: lock }) => lock.startsWith("slot:")),
      [],
    );
  });

  for (const max of [7, 150]) {
    it(`let in exactly ${max} of ${max + 30} who come at the same moment`, async () => {
      const tables = [east, west].map(({ server }) => ({
        table: new SessionTable(server.services.database),
        node: server.services.cluster.node ?? "",
      }));
      const ids = Array.from({ length: max + 30 }, (_, index) => `crowd${index}`);
      const answers = await Promise.all(
        ids.map(async (id, index) => {
          const { table, node } = tables[index % 2] ?? assert.fail();
          return (await table.claim(id, id, node, max)).kind;
        }),
      );
      try {
        assert.equal(answers.filter((kind) => kind === "claimed").length, max);
        assert.equal(answers.filter((kind) => kind === "full").length, 30);
        assert.equal((await listed()).length, max);
      } finally {
        await tables[0]?.table.remove(ids);
      }
    });
  }
});

/** When a node on another machine counts as dead before its lease ends, and when it does not. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { FarNodes } from "../../src/cluster/far-nodes.ts";
import { Listener } from "../../src/db/listener.ts";
import { systemClock } from "../../src/base/clock.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("a node on another machine", () => {
  let scope: Scope;
  let fixture: TestDatabase;
  let clock: FakeClock;
  let watch: FarNodes;
  let dead: string[];

  beforeEach(async () => {
    scope = new Scope("far nodes");
    fixture = scope.own(await testDatabase());
    clock = new FakeClock();
    dead = [];
    watch = scope.own(
      new FarNodes({
        database: fixture.database,
        host: "this machine",
        onDead: async (node) => void dead.push(node),
        clock,
        log: silentLog,
      }),
    );
  });
  afterEach(() => scope.close());

  /** Somebody listens at the address, and there may be a heartbeat's connection. */
  async function node(name: string, host = "another machine"): Promise<{ listener: Server; heartbeat: Listener }> {
    const listener = createServer((socket) => void socket.on("error", () => undefined));
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    scope.defer(() => close(listener));
    const channel = `classh_locks_${name}`;
    const heartbeat = scope.own(
      new Listener({ url: fixture.url, channel, timeoutSeconds: 5, clock: systemClock, log: silentLog }),
    );
    await eventually(() => heartbeat.connected);
    await fixture.database.query(
      `INSERT INTO node_lease (node, name, channel, host, pid, process_start, expires_at) VALUES ($1, $1, $2, $3, 1, '1', clock_timestamp() + interval '1 hour')`,
      [name, channel, host],
    );
    await fixture.database.query("INSERT INTO node_endpoints (node, socket, address) VALUES ($1, '/nowhere', $2)", [
      name,
      `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    ]);
    return { listener, heartbeat };
  }

  async function close(listener: Server): Promise<void> {
    if (!listener.listening) return;
    listener.close();
    await once(listener, "close");
  }

  /** The database notices a moment later than the client that a connection is gone. */
  async function hangUp(name: string, heartbeat: Listener): Promise<void> {
    await heartbeat.close();
    const rows = (): Promise<unknown[]> =>
      fixture.database.query("SELECT 1 FROM pg_stat_activity WHERE application_name = $1", [`classh_locks_${name}`]);
    await eventually(async () => (await rows()).length === 0);
  }

  /** So many looks, each so long after the one before. */
  async function looks(...pauses: readonly number[]): Promise<void> {
    for (const pause of pauses) {
      clock.advance(pause);
      await watch.check();
    }
  }

  const left = async (): Promise<string[]> =>
    (await fixture.database.query<{ node: string }>("SELECT node FROM node_lease ORDER BY node")).map(
      (row) => row.node,
    );

  it("is dead when nobody listens there and its heartbeat's connection is gone, for a second", async () => {
    const { listener, heartbeat } = await node("one");
    await node("two");
    await looks(0, 400, 400, 400);
    assert.deepEqual(dead, []);
    await close(listener);
    await hangUp("one", heartbeat);
    await looks(0, 400, 400);
    assert.deepEqual([dead, await left()], [[], ["one", "two"]], "not yet");
    await looks(400);
    assert.deepEqual([dead, await left()], [["one"], ["two"]]);
  });

  it("lives while its machine accepts connections, whatever became of its heartbeat", async () => {
    const { heartbeat } = await node("one");
    await hangUp("one", heartbeat);
    await looks(0, 600, 600, 600, 60_000);
    assert.deepEqual([dead, await left()], [[], ["one"]]);
  });

  it("lives while its heartbeat has a connection, whatever answers at its address", async () => {
    const { listener } = await node("one");
    await close(listener);
    await looks(0, 600, 600, 600, 60_000);
    assert.deepEqual([dead, await left()], [[], ["one"]]);
  });

  it("lives when it is only stopped, also when the kernel takes no more connections for it", async () => {
    const { heartbeat } = await node("one");
    await hangUp("one", heartbeat);
    // It never accepts: the kernel does, a few times, and then says nothing.
    const program =
      "import socket; s = socket.create_server(('127.0.0.1', 0), backlog=0); print(s.getsockname()[1], flush=True); input()";
    const stopped = spawn("/usr/bin/python3", ["-c", program], { stdio: ["pipe", "pipe", "inherit"] });
    const exited = once(stopped, "exit");
    const [port] = (await once(stopped.stdout, "data")) as [Buffer];
    await fixture.database.query("UPDATE node_endpoints SET address = $1", [`127.0.0.1:${String(port).trim()}`]);
    await looks(0, 600, 600, 600, 60_000);
    assert.deepEqual([dead, await left()], [[], ["one"]]);
    stopped.kill("SIGKILL");
    await exited;
    await looks(0, 1000);
    assert.deepEqual(dead, ["one"], "or this test could not fail");
  });

  it("lives when there is no way to it", async () => {
    const { heartbeat } = await node("one");
    await hangUp("one", heartbeat);
    for (const address of ["255.255.255.255:2300", "no address", "no-such-name.invalid:2300"]) {
      await fixture.database.query("UPDATE node_endpoints SET address = $1", [address]);
      await looks(0, 600, 600, 60_000);
      assert.deepEqual([dead, await left()], [[], ["one"]], address);
    }
  });

  it("lives when it beat in between, or came back for a moment", async () => {
    const { listener, heartbeat } = await node("one");
    await close(listener);
    await hangUp("one", heartbeat);
    await looks(0, 600);
    await fixture.database.query("UPDATE node_lease SET expires_at = expires_at + interval '1 second'");
    await looks(600, 600);
    assert.deepEqual(dead, [], "a beat");
    const again = scope.own(
      new Listener({
        url: fixture.url,
        channel: "classh_locks_one",
        timeoutSeconds: 5,
        clock: systemClock,
        log: silentLog,
      }),
    );
    await eventually(() => again.connected);
    await looks(600);
    await hangUp("one", again);
    await looks(0, 600);
    assert.deepEqual(dead, [], "a connection");
    await looks(600);
    assert.deepEqual(dead, ["one"]);
  });

  it("is none of this when it is on our own machine: there one looks at the process", async () => {
    const { listener, heartbeat } = await node("one", "this machine");
    await close(listener);
    await hangUp("one", heartbeat);
    await looks(0, 600, 600, 600);
    assert.deepEqual([dead, await left()], [[], ["one"]]);
  });
});

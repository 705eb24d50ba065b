import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machines } from "../../src/locks/outage-policy.ts";
import { eventually } from "../support/eventually.ts";
import { Cluster, type Node } from "./cluster.ts";
import { WorkerProcess } from "./worker-process.ts";

describe("locks of processes that do not end in order", () => {
  let cluster: Cluster;
  let here: Node;
  let directory: string;

  beforeEach(async () => {
    cluster = await Cluster.start();
    here = await cluster.node("here", { leaseSeconds: 20, patient: true });
    directory = await mkdtemp(join(tmpdir(), "classh-locks-"));
  });
  afterEach(async () => {
    await cluster[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  /** A process that takes lock-0, keeps it up to `sectionMs`, writes to its file, and so on. */
  async function holder(leaseSeconds: number, sectionMs: number, machines?: Machines): Promise<WorkerProcess> {
    const worker = new WorkerProcess({
      machines,
      url: cluster.fixture.url,
      name: "holder",
      leaseSeconds,
      sessions: 1,
      locks: 1,
      directory,
      sectionMs,
    });
    await worker.ready();
    return worker;
  }

  async function lines(): Promise<number> {
    const text = await readFile(join(directory, "lock-0"), "utf8").catch(() => "");
    return text.split("\n").length - 1;
  }

  it("are free after kill -9 on the same machine, long before the lease ends", async () => {
    // It keeps the lock for good: one that is killed between two sections has none.
    await using worker = await holder(20, 1e12);
    await eventually(async () => (await here.locks.list("lock-0")).length === 1);
    await worker.kill();
    // Neighbours are known from the next beat on: up to a quarter of the lease, and then half a second.
    const lock = await here.locks.acquire("lock-0", { owner: "here", deadlineMs: 19_000 });
    await lock.release();
    await eventually(async () => (await cluster.rows()) === 0);
    await eventually(async () => (await here.locks.nodes()).length === 1);
  });

  it("are free at once when the parent reports the exit, many of them too", async () => {
    const doomed = await cluster.node("doomed", { leaseSeconds: 120, patient: true });
    const names = Array.from({ length: 300 }, (_, index) => `edit:/${index}`);
    await Promise.all(names.map((name) => doomed.locks.acquire(name, { owner: "doomed" })));
    const node = doomed.locks.node ?? assert.fail();
    const taken = names.map((name) => here.locks.acquire(name, { owner: "here" }));
    await eventually(async () => (await cluster.rows()) === 600);
    doomed.network.cut(); // as dead as can be in one process
    const began = performance.now();
    await here.locks.nodeDied(node);
    const locks = await Promise.all(taken);
    const took = performance.now() - began;
    assert.ok(took < 60_000, `${took} ms`);
    await Promise.all(locks.map((lock) => lock.release()));
    doomed.network.restore();
  });

  it("go to others when a process is stopped, and what it does when it wakes up is refused", async () => {
    await using worker = await holder(2, 20);
    await eventually(async () => (await lines()) > 0);
    worker.signal("SIGSTOP");
    const lock = await here.locks.acquire("lock-0", { owner: "here", deadlineMs: 60_000 });
    const before = await lines();
    worker.signal("SIGCONT");
    await eventually(async () => (await here.locks.nodes()).length === 2);
    await eventually(async () => (await here.locks.list("lock-0"))[0]?.waiters.length === 1);
    assert.equal(await lines(), before, "it wrote while another had the lock");
    await lock.release();
    await eventually(async () => (await lines()) > before);
    await worker.finish();
  });

  describe("on a machine that serves alone", () => {
    let neighbour: Node;
    const late = async (): Promise<boolean> => {
      const rows = await cluster.fixture.database.query(
        "SELECT FROM node_lease WHERE name = 'holder' AND until_death AND expires_at <= clock_timestamp()",
      );
      return rows.length === 1;
    };
    beforeEach(async () => (neighbour = await cluster.node("neighbour", { leaseSeconds: 0.5, machines: "one" })));

    it("stay with a process that stands still for longer than its lease, and it writes on when it wakes up", async () => {
      await cluster.fixture.database.query("DELETE FROM node_lease WHERE name = 'here'");
      await using worker = await holder(0.5, 20, "one");
      await eventually(async () => (await lines()) > 0);
      const knowsThatItIsAlone = "SELECT FROM node_lease WHERE name = 'holder' AND until_death";
      await eventually(async () => (await cluster.fixture.database.query(knowsThatItIsAlone)).length === 1);
      worker.signal("SIGSTOP");
      await eventually(late);
      const { node } = (await neighbour.locks.nodes()).find(({ name }) => name === "holder") ?? assert.fail();
      const before = await lines();
      const [held] = await neighbour.locks.list("lock-0");
      if (held) assert.equal((await neighbour.locks.tryAcquire("lock-0", { owner: "neighbour" })).holder?.node, node);
      worker.signal("SIGCONT");
      await eventually(async () => (await lines()) > before);
      assert.ok(
        (await neighbour.locks.nodes()).some((other) => other.node === node),
        "its lease is another one",
      );
      assert.equal((await worker.finish()).refused, 0);
    });

    it("are free when its process is killed, however late its beats are", async () => {
      await using worker = await holder(0.5, 1e12, "one");
      await eventually(async () => (await neighbour.locks.list("lock-0")).length === 1);
      await worker.kill();
      await (await neighbour.locks.acquire("lock-0", { owner: "neighbour", deadlineMs: 60_000 })).release();
    });
  });
});

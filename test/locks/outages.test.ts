import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../src/base/errors.ts";
import type { Lock } from "../../src/locks/lock.ts";
import { eventually } from "../support/eventually.ts";
import type { DatabaseProxy } from "../support/database-proxy.ts";
import { Cluster, waiting, type Node } from "./cluster.ts";

const file = "edit:/home/ada/a.py";
const leaseSeconds = 2;

describe("locks and the network to the database", () => {
  let cluster: Cluster;
  let one: Node;
  let two: Node;

  beforeEach(async () => {
    cluster = await Cluster.start();
    [one, two] = await Promise.all([cluster.node("one", { leaseSeconds }), cluster.node("two", { leaseSeconds })]);
  });
  afterEach(async () => {
    try {
      await eventually(async () => (await cluster.rows()) === 0);
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
  });

  async function queue(node: Node, owner: string): Promise<{ lock: Promise<Lock> }> {
    const lock = node.locks.acquire(file, { owner });
    lock.catch(() => undefined);
    await eventually(() => waiting(cluster, 1));
    return { lock };
  }

  async function lost(lock: Lock): Promise<void> {
    if (!lock.lost.aborted) await once(lock.lost, "abort");
  }

  it("can be had after a start in an outage that is longer than a lease", async () => {
    let network: DatabaseProxy | undefined;
    const shortLease = 0.5;
    const starting = cluster.node("three", {
      leaseSeconds: shortLease,
      prepare: (its) => {
        network = its;
        its.cut();
      },
    });
    await eventually(() => network !== undefined);
    await Promise.race([starting, delay(shortLease * 1500)]);
    network?.restore();
    const { locks } = await starting;
    await (await locks.acquire(file, { owner: "three" })).release();
  });

  for (const outage of ["cut", "silence"] as const) {
    it(`last until the lease ends when it is gone (${outage}), and go to others only then`, async () => {
      const holder = await one.locks.acquire(file, { owner: "one" });
      const { lock } = await queue(two, "two");
      one.network[outage]();
      const began = performance.now();
      const heldWhenOthersGotIt = lock.then(() => holder.held);
      await lost(holder);
      const lasted = performance.now() - began;
      assert.ok(lasted > 1000, `lost after ${lasted} ms already`);
      assert.equal(holder.lostBecause, "lease");
      assert.equal(one.locks.live, false);
      assert.equal(await heldWhenOthersGotIt, false, "two holders at once");
      // Whoever waited goes on waiting, and gets its turn when the network is back.
      const again = one.locks.acquire(file, { owner: "one again" });
      one.network.restore();
      await eventually(() => one.locks.live);
      await (await lock).release();
      await (await again).release();
    });
  }

  it("survive a short cut, and what was missed meanwhile is made up for", async () => {
    const kept = await one.locks.acquire("edit:/kept", { owner: "one" });
    const holder = await two.locks.acquire(file, { owner: "two" });
    const { lock } = await queue(one, "one");
    one.network.cut();
    await holder.release(); // one is not told that it is next
    one.network.restore();
    const got = await lock;
    assert.equal(kept.held, true);
    assert.equal(got.held, true);
    await kept.release();
    await got.release();
  });

  it("tell their holder after a cut who began and who ceased to wait meanwhile", async () => {
    const holder = await one.locks.acquire(file, { owner: "one" });
    const stop = new AbortController();
    two.locks.acquire(file, { owner: "impatient", signal: stop.signal }).catch(() => undefined);
    await eventually(() => holder.waiters.length === 1);
    one.network.cut();
    const patient = two.locks.acquire(file, { owner: "patient" });
    await eventually(() => waiting(cluster, 2));
    stop.abort();
    await eventually(() => waiting(cluster, 1));
    one.network.restore();
    await eventually(() => holder.waiters.map(({ owner }) => owner).join() === "patient");
    await holder.release();
    await (await patient).release();
  });

  it("that were released during a cut are free afterwards", async () => {
    const lock = await one.locks.acquire(file, { owner: "one" });
    one.network.cut();
    await lock.release(); // says nothing: there is nothing that anybody could do
    assert.equal((await two.locks.list(file)).length, 1);
    one.network.restore();
    await (await two.locks.acquire(file, { owner: "two", deadlineMs: 60_000 })).release();
  });

  it("that were taken during a cut are known to be lost afterwards", async () => {
    const holder = await one.locks.acquire(file, { owner: "one" });
    const other = await one.locks.acquire("edit:/other", { owner: "one" });
    one.network.cut();
    assert.equal(await two.locks.forceRelease(file), true);
    one.network.restore();
    await lost(holder);
    assert.equal(holder.lostBecause, "taken");
    assert.equal(other.held, true);
    await other.release();
  });

  it("say that the database is away to those who only try, or who come now", async () => {
    one.network.cut();
    const unavailable = (error: unknown): boolean =>
      error instanceof UserError && error.code === "database-unavailable";
    await assert.rejects(one.locks.tryAcquire(file, { owner: "one" }), unavailable);
    await assert.rejects(one.locks.acquire(file, { owner: "one" }), unavailable);
    one.network.restore();
    await (await one.locks.acquire(file, { owner: "one" })).release();
  });

  it("work over a slow network, in order", async () => {
    one.network.delayMs = 60;
    two.network.delayMs = 30;
    let inside = 0;
    const section = async (node: Node): Promise<void> => {
      await using lock = await node.locks.acquire(file, { owner: "x", deadlineMs: 20_000 });
      inside += 1;
      assert.equal(inside, 1);
      assert.equal(await node.locks.fenced(lock, async () => inside), 1);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, (_, index) => section(index % 2 === 0 ? one : two)));
    assert.equal(one.locks.live && two.locks.live, true);
  });

  it("heal when the tables are not what a process believes", async () => {
    const { database } = cluster.fixture;
    const holder = await two.locks.acquire(file, { owner: "two" });
    const { lock } = await queue(one, "one");
    // A waiter whose row was dropped must not hang; rows that nobody knows must not stay.
    await database.query("DELETE FROM lock_waiters");
    await database.query(
      "INSERT INTO locks (name, node, request, owner, token) VALUES ('edit:/leak', $1, 0, 'nobody', 0)",
      [one.locks.node],
    );
    await database.query(
      "INSERT INTO locks (name, node, request, owner, token) VALUES ('edit:/dead', 'gone_1', 1, 'nobody', 0)",
    );
    await database.query(
      "INSERT INTO lock_waiters (name, node, request, owner) VALUES ('edit:/dead', 'gone_2', 1, 'nobody')",
    );
    await eventually(() => waiting(cluster, 1));
    await (await two.locks.acquire("edit:/dead", { owner: "two", deadlineMs: 60_000 })).release();
    await holder.release();
    await (await lock).release();
    await (await two.locks.acquire("edit:/leak", { owner: "two", deadlineMs: 60_000 })).release();
  });

  it("notice that their lease was ended by others, and get a new one", async () => {
    const holder = await one.locks.acquire(file, { owner: "one" });
    const before = one.locks.node;
    await two.locks.nodeDied(before ?? assert.fail());
    const taken = await two.locks.acquire(file, { owner: "two", deadlineMs: 60_000 });
    await lost(holder);
    await eventually(() => one.locks.live);
    assert.notEqual(one.locks.node, before);
    assert.ok(taken.token > holder.token);
    await taken.release();
    await (await one.locks.acquire(file, { owner: "one again" })).release();
  });

  describe("where no other machine uses the database", () => {
    let alone: Node;
    let neighbour: Node;
    const row = async (): Promise<{ late: boolean; until_death: boolean }> => {
      const text = "SELECT expires_at <= clock_timestamp() AS late, until_death FROM node_lease WHERE name = 'alone'";
      const [found] = await cluster.fixture.database.query<{ late: boolean; until_death: boolean }>(text);
      return found ?? assert.fail("its lease is gone");
    };
    const isLate = async (): Promise<boolean> => (await row()).late;
    beforeEach(async () => {
      alone = await cluster.node("alone", { leaseSeconds: 0.5, machines: "one" });
      neighbour = await cluster.node("neighbour", { leaseSeconds: 0.5, machines: "one" });
      await eventually(async () => (await row()).until_death);
    });

    for (const outage of ["cut", "silence"] as const) {
      it(`last through an outage (${outage}) that is longer than a lease: written under, and nobody else's`, async () => {
        const lock = await alone.locks.acquire(file, { owner: "alone" });
        alone.network[outage]();
        await eventually(isLate);
        assert.equal(await alone.locks.fenced(lock, async (fence) => (fence.check(), "written")), "written");
        await neighbour.locks.nodeDied("nobody"); // sweeps
        assert.equal((await neighbour.locks.tryAcquire(file, { owner: "neighbour" })).holder?.token, lock.token);
        // Also without asking the database: who in this process has it is known here.
        assert.equal((await alone.locks.tryAcquire(file, { owner: "another session" })).holder?.owner, "alone");
        alone.network.restore();
        await eventually(async () => !(await isLate()));
        assert.equal(lock.held, true);
        assert.equal(await alone.locks.fenced(lock, async () => "written again"), "written again");
        await lock.release();
      });
    }

    it("end with the lease once another machine is there", async () => {
      await cluster.fixture.database.query(
        `INSERT INTO node_lease (node, name, channel, host, pid, process_start, expires_at)
         VALUES ('far', 'far', 'far', 'another machine', 1, '1', clock_timestamp() + interval '1 hour')`,
      );
      await eventually(async () => !(await row()).until_death);
      const lock = await alone.locks.acquire(file, { owner: "alone" });
      alone.network.cut();
      await lost(lock);
      assert.equal(lock.lostBecause, "lease");
      await (await neighbour.locks.acquire(file, { owner: "neighbour", deadlineMs: 60_000 })).release();
      alone.network.restore();
      await eventually(() => alone.locks.live);
      // And it is alone again when that one is gone.
      await cluster.fixture.database.query("DELETE FROM node_lease WHERE node = 'far'");
      await eventually(async () => (await row()).until_death);
    });

    it("are given up by a process that can't be looked up, when its time is up", async () => {
      await cluster.fixture.database.query(
        `INSERT INTO node_lease (node, name, channel, host, pid, process_start, expires_at, until_death)
         SELECT 'hidden', 'hidden', 'hidden', host, 1, 'unknown', clock_timestamp() - interval '1 second', true FROM node_lease WHERE name = 'alone'`,
      );
      await cluster.fixture.database.query(
        "INSERT INTO locks (name, node, request, owner, token) VALUES ('edit:/hidden', 'hidden', 1, 'nobody', 0)",
      );
      await (await neighbour.locks.acquire("edit:/hidden", { owner: "neighbour", deadlineMs: 60_000 })).release();
    });
  });
});

import assert from "node:assert/strict";
import { UserError } from "../../src/base/errors.ts";
import { eventually } from "../support/eventually.ts";
import { Cluster, type Node } from "./cluster.ts";

const file = "edit:/home/ada/a.py";

describe("a fenced write", () => {
  let cluster: Cluster;
  let one: Node;
  let two: Node;

  beforeEach(async () => {
    cluster = await Cluster.start();
    [one, two] = await Promise.all([
      cluster.node("one", { leaseSeconds: 2 }),
      cluster.node("two", { leaseSeconds: 2 }),
    ]);
  });
  afterEach(() => cluster[Symbol.asyncDispose]());

  const isLost = (error: unknown): boolean => error instanceof UserError && error.code === "lock-lost";

  it("keeps the lock from changing hands until it is done", async () => {
    const lock = await one.locks.acquire(file, { owner: "one" });
    const order: string[] = [];
    const taken: Promise<unknown>[] = [];
    const result = await one.locks.fenced(lock, async (fence) => {
      taken.push(two.locks.forceRelease(file, lock.token).then(() => order.push("taken")));
      // The other waits for our row inside the database.
      await eventually(async () => {
        const rows = await cluster.fixture.database.query(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%lock_release%'",
        );
        return rows.length > 0;
      });
      fence.check();
      order.push("written");
      return 42;
    });
    await Promise.all(taken);
    assert.equal(result, 42);
    assert.deepEqual(order, ["written", "taken"]);
  });

  it("that takes far too long loses the lock in the middle, and says so", async () => {
    const late = async (checks: boolean): Promise<void> => {
      const name = `edit:/${checks}`;
      const lock = await one.locks.acquire(name, { owner: "one" });
      const write = one.locks.fenced(lock, async (fence) => {
        // As if the process had been stopped: the database waits 5 s, and throws it out. The taker may have to ask twice.
        await eventually(() => two.locks.forceRelease(name).catch(() => false));
        if (checks) fence.check();
      });
      await assert.rejects(write, isLost);
    };
    await Promise.all([late(true), late(false)]);
  });

  it("is refused when the lock is somebody else's, also to a holder who has not heard of it", async () => {
    const lock = await one.locks.acquire(file, { owner: "one" });
    one.network.delayMs = 150; // the news travels slowly
    await two.locks.forceRelease(file, lock.token);
    const taken = await two.locks.acquire(file, { owner: "two" });
    assert.equal(lock.held, true, "it does not know yet, or this test proves nothing");
    await assert.rejects(
      one.locks.fenced(lock, async () => assert.fail("written")),
      isLost,
    );
    await assert.rejects(
      one.locks.fenced(lock, async () => assert.fail("written")),
      isLost,
    );
    assert.equal(await two.locks.fenced(taken, async () => "new"), "new");
    await taken.release();
  });

  it("needs no database while the lease lasts, and is refused after that", async () => {
    const lock = await one.locks.acquire(file, { owner: "one" });
    one.network.cut();
    assert.equal(await one.locks.fenced(lock, async (fence) => (fence.check(), "written")), "written");
    await eventually(() => !lock.held);
    await assert.rejects(
      one.locks.fenced(lock, async () => assert.fail("written")),
      isLost,
    );
    one.network.restore();
  });

  it("needs the database where other machines may end the lease early", async () => {
    const far = await cluster.node("far", { machines: "several-watched" });
    const lock = await far.locks.acquire(file, { owner: "far" });
    far.network.cut();
    assert.equal(lock.held, true);
    await assert.rejects(
      far.locks.fenced(lock, async () => assert.fail("written")),
      (error: unknown) => error instanceof UserError && error.code === "database-unavailable",
    );
    far.network.restore();
    assert.equal(await far.locks.fenced(lock, async () => "written"), "written");
  });

  it("counts as done when only the end of its transaction was lost", async () => {
    const lock = await one.locks.acquire(file, { owner: "one" });
    const written = await one.locks.fenced(lock, async () => {
      one.network.cut();
      return "written";
    });
    assert.equal(written, "written");
    one.network.restore();
  });

  it("passes on what goes wrong inside, and leaves the lock as it was", async () => {
    const lock = await one.locks.acquire(file, { owner: "one" });
    await assert.rejects(
      one.locks.fenced(lock, async () => Promise.reject(new Error("disk full"))),
      /disk full/,
    );
    assert.equal(lock.held, true);
    assert.equal(await one.locks.fenced(lock, async () => 1), 1);
    await lock.release();
    await assert.rejects(
      one.locks.fenced(lock, async () => assert.fail("written")),
      isLost,
    );
  });
});

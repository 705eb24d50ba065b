import assert from "node:assert/strict";
import { UserError } from "../../src/base/errors.ts";
import type { Lock } from "../../src/locks/lock.ts";
import { eventually } from "../support/eventually.ts";
import { Cluster, waiting, type Node } from "./cluster.ts";

const file = "edit:/home/ada/a.py";

describe("locks", () => {
  let cluster: Cluster;
  let one: Node;
  let two: Node;

  before(async () => {
    cluster = await Cluster.start();
    one = await cluster.node("one");
    two = await cluster.node("two");
  });
  afterEach(async () => eventually(async () => (await cluster.rows()) === 0));
  after(() => cluster[Symbol.asyncDispose]());

  /** Asks for the file and resolves, with the promise boxed, once the request is in the queue behind `before` others. */
  async function queue(
    node: Node,
    owner: string,
    before: number,
    options: { deadlineMs?: number; signal?: AbortSignal } = {},
  ): Promise<{ lock: Promise<Lock> }> {
    const lock = node.locks.acquire(file, { owner, ...options });
    lock.catch(() => undefined);
    await eventually(() => waiting(cluster, before + 1));
    return { lock };
  }

  async function code(promise: Promise<unknown>): Promise<string> {
    try {
      await promise;
    } catch (error) {
      return error instanceof UserError ? error.code : String(error);
    }
    return "nothing was thrown";
  }

  it("are free for one at a time, and go in the order of arrival, across processes", async () => {
    const order: string[] = [];
    const tokens: number[] = [];
    const first = await one.locks.acquire(file, { owner: "first" });
    tokens.push(first.token);
    const queued: Promise<void>[] = [];
    for (const [index, name] of ["b", "c", "d", "e", "f"].entries()) {
      const { lock } = await queue(index % 2 === 0 ? two : one, name, index);
      queued.push(
        lock.then(async (got) => {
          order.push(name);
          tokens.push(got.token);
          await got.release();
        }),
      );
    }
    assert.deepEqual(order, []);
    await first.release();
    await Promise.all(queued);
    assert.deepEqual(order, ["b", "c", "d", "e", "f"]);
    assert.deepEqual(
      tokens,
      [...new Set(tokens)].toSorted((a, b) => a - b),
      "tokens grow",
    );
  });

  it("tell who has them to those who only try", async () => {
    const { lock, holder } = await one.locks.tryAcquire(file, { owner: "ada in window 1" });
    assert.ok(lock);
    assert.equal(holder, undefined);
    for (const node of [one, two]) {
      const attempt = await node.locks.tryAcquire(file, { owner: "other" });
      assert.equal(attempt.lock, undefined);
      assert.equal(attempt.holder?.owner, "ada in window 1");
      assert.equal(attempt.holder.token, lock.token);
      assert.ok(Math.abs(attempt.holder.since.getTime() - Date.now()) < 60_000);
    }
    await lock.release();
    const again = await two.locks.tryAcquire(file, { owner: "other" });
    assert.ok(again.lock && again.lock.token > lock.token);
    await again.lock.release();
  });

  it("of different names have nothing to do with each other, long names included", async () => {
    const long = `edit:/home/ada/${"ü".repeat(1500)}`;
    const names = [file, `${file}x`, `${long}.py`, `${long}.txt`];
    const locks = await Promise.all(names.map((name) => one.locks.acquire(name, { owner: "ada" })));
    assert.deepEqual(
      locks.map(({ name }) => name),
      names,
    );
    assert.equal((await two.locks.tryAcquire(`${long}.py`, { owner: "x" })).holder?.owner, "ada");
    assert.equal((await two.locks.list(`${long}.py`)).length, 1);
    await Promise.all(locks.map((lock) => lock.release()));
  });

  it("are given up on by their deadline and by a signal, and then leave the queue", async () => {
    const holder = await one.locks.acquire(file, { owner: "holder" });
    assert.equal(await code(two.locks.acquire(file, { owner: "late", deadlineMs: 50 })), "in-use");
    const stop = new AbortController();
    const { lock } = await queue(one, "stopped", 0, { signal: stop.signal });
    stop.abort(new UserError("usage", "changed my mind"));
    assert.equal(await code(lock), "usage");
    assert.equal(await code(one.locks.acquire(file, { owner: "x", signal: stop.signal })), "usage");
    await eventually(() => waiting(cluster, 0));
    await holder.release();
    const next = await two.locks.acquire(file, { owner: "next", deadlineMs: 60_000 });
    await next.release();
  });

  it("pass over those who gave up in the same moment", async () => {
    for (let round = 0; round < 20; round += 1) {
      const holder = await one.locks.acquire(file, { owner: "holder" });
      const stop = new AbortController();
      const { lock } = await queue(two, "stopped", 0, { signal: stop.signal });
      const patient = one.locks.acquire(file, { owner: "patient", deadlineMs: 60_000 });
      const released = holder.release();
      if (round % 2 === 0) await Promise.resolve();
      stop.abort(new Error("stop"));
      await released;
      // It may have been in time; then it holds the lock, and hands it on.
      await lock.then(
        (got) => got.release(),
        () => undefined,
      );
      await (await patient).release();
    }
  });

  it("tell their holder who waits, and who no longer does", async () => {
    const holder = await one.locks.acquire(file, { owner: "holder" });
    const events: string[] = [];
    using _wanted = holder.onWanted(({ owner }) => events.push(`${owner} wants it`));
    using _unwanted = holder.onUnwanted(({ owner }) => events.push(`${owner} gave up`));
    const stop = new AbortController();
    const far = await queue(two, "far", 0);
    // The news of another process take a moment.
    await eventually(() => holder.waiters.length === 1);
    await queue(one, "near", 1, { signal: stop.signal });
    await eventually(() => holder.waiters.length === 2);
    stop.abort();
    await eventually(() => events.length === 3);
    assert.deepEqual(events, ["far wants it", "near wants it", "near gave up"]);
    await queue(one, "third", 1).then(async (third) => {
      await holder.release();
      const next = await far.lock;
      // The new holder hears of those who waited before it had the lock.
      await eventually(() => next.waiters.map(({ owner }) => owner).join() === "third");
      await next.release();
      await (await third.lock).release();
    });
  });

  it("are listed with owner, process, age and queue", async () => {
    const holder = await one.locks.acquire(file, { owner: "ada" });
    const { lock } = await queue(two, "grace", 0);
    const other = await two.locks.acquire("run:/home/ada/a.py", { owner: "ada's run" });
    const list = await two.locks.list();
    assert.deepEqual(
      list.map(({ name, owner, node, token, waiters }) => ({
        name,
        owner,
        node,
        token,
        waiters: waiters.map((waiter) => waiter.owner),
      })),
      [
        { name: file, owner: "ada", node: "one", token: holder.token, waiters: ["grace"] },
        { name: "run:/home/ada/a.py", owner: "ada's run", node: "two", token: other.token, waiters: [] },
      ],
    );
    const nodes = await one.locks.nodes();
    assert.deepEqual(
      nodes.map(({ name, locks, pid }) => ({ name, locks, pid })),
      [
        { name: "one", locks: 1, pid: process.pid },
        { name: "two", locks: 1, pid: process.pid },
      ],
    );
    await other.release();
    await holder.release();
    await (await lock).release();
  });

  for (const near of [true, false]) {
    it(`can be taken from their holder ${near ? "in the same process" : "in another process"}, who is told`, async () => {
      const holder = await one.locks.acquire(file, { owner: "holder" });
      const { lock } = await queue(two, "taker", 0);
      const by = near ? one : two;
      assert.equal(await by.locks.forceRelease(file, holder.token + 1), false, "not with another token");
      assert.equal(holder.held, true);
      assert.equal(await by.locks.forceRelease(file, holder.token), true);
      const taken = await lock;
      await eventually(() => holder.lost.aborted);
      assert.equal(holder.lostBecause, "taken");
      assert.equal(holder.held, false);
      assert.ok(holder.lost.reason instanceof UserError && holder.lost.reason.code === "lock-lost");
      await holder.release(); // harmless: it is not the holder's any more
      assert.equal(taken.held, true);
      assert.equal((await one.locks.list(file))[0]?.owner, "taker");
      await taken.release();
      assert.equal(await by.locks.forceRelease(file), false);
    });
  }

  it("are released once, whatever happens in their block", async () => {
    await assert.rejects(async () => {
      await using lock = await one.locks.acquire(file, { owner: "ada" });
      assert.equal(lock.held, true);
      throw new Error("in the block");
    }, /in the block/);
    const lock = await one.locks.acquire(file, { owner: "ada", deadlineMs: 60_000 });
    await Promise.all([lock.release(), lock.release()]);
    assert.equal(lock.held, false);
    assert.equal(lock.lost.aborted, false, "released is not lost");
  });

  it("go to others at once when their process ends in order", async () => {
    const three = await cluster.node("three");
    const lost = await three.locks.acquire(file, { owner: "three" });
    const abandoned = three.locks
      .acquire("edit:/x", { owner: "three" })
      .then((lock) => three.locks.acquire(lock.name, { owner: "three again" }));
    abandoned.catch(() => undefined);
    const { lock } = await queue(one, "one", 1);
    await three.locks.close();
    assert.equal(lost.held, false);
    assert.equal(await code(abandoned), "draining");
    assert.equal(await code(three.locks.acquire(file, { owner: "too late" })), "draining");
    await (await lock).release();
  });
});

import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Lock } from "../../src/locks/lock.ts";
import { eventually } from "../support/eventually.ts";
import { Cluster, type Node } from "./cluster.ts";

/** Who has each lock, and who waits in which order: all there is to know. The first of a queue has the lock. */
interface Model {
  readonly queues: Map<string, readonly string[]>;
  /** Node of each request that lives. */
  readonly nodes: Map<string, number>;
  requests: number;
}

interface Pending {
  readonly stop: AbortController;
  lock: Lock | undefined;
  readonly done: Promise<void>;
}

/** The managers under test, and what became of each request. */
interface Real {
  readonly nodes: readonly Node[];
  readonly requests: Map<string, Pending>;
  readonly tokens: Map<string, number>;
}

type Command = fc.AsyncCommand<Model, Real>;

const names = ["edit:/a", "edit:/b", "run:/a"];

function queueOf(model: Model, name: string): readonly string[] {
  return model.queues.get(name) ?? [];
}

function drop(model: Model, gone: (request: string) => boolean): void {
  for (const [name, queue] of model.queues)
    model.queues.set(
      name,
      queue.filter((request) => !gone(request)),
    );
  for (const request of model.nodes.keys()) if (gone(request)) model.nodes.delete(request);
}

/** The tables, each promise and each handle say what the model says; whoever got a lock got a higher token. */
async function agree(model: Model, real: Real): Promise<void> {
  const expected = names.map((name) => queueOf(model, name).join(" < "));
  const [node] = real.nodes;
  const actual = async (): Promise<string[]> => {
    const list = (await node?.locks.list()) ?? [];
    return names.map((name) =>
      list
        .filter((info) => info.name === name)
        .flatMap((info) => [info.owner, ...info.waiters.map(({ owner }) => owner)])
        .join(" < "),
    );
  };
  const holders = (): boolean =>
    names.every((name) => {
      const [holder, ...waiters] = queueOf(model, name);
      return (
        (holder === undefined || real.requests.get(holder)?.lock?.held === true) &&
        waiters.every((waiter) => !real.requests.get(waiter)?.lock)
      );
    });
  await eventually(async () => (await actual()).join("|") === expected.join("|") && holders()).catch(async () => {
    assert.deepEqual(await actual(), expected);
    assert.fail("the handles do not say what the tables say");
  });
  for (const name of names) {
    const [holder] = queueOf(model, name);
    if (holder === undefined) continue;
    const token = real.requests.get(holder)?.lock?.token ?? 0;
    const last = real.tokens.get(name);
    if (last?.toString() !== token.toString()) assert.ok(token > (last ?? 0), `${name}: token ${token} after ${last}`);
    real.tokens.set(name, token);
  }
}

function acquire(name: string, by: number): Command {
  return {
    check: () => true,
    async run(model, real) {
      const id = `request-${(model.requests += 1)}`;
      model.queues.set(name, [...queueOf(model, name), id]);
      model.nodes.set(id, by);
      const stop = new AbortController();
      const node = real.nodes[by] ?? assert.fail();
      const request = { stop, lock: undefined as Lock | undefined, done: Promise.resolve() };
      request.done = node.locks.acquire(name, { owner: id, signal: stop.signal }).then(
        (lock) => void (request.lock = lock),
        () => undefined,
      );
      real.requests.set(id, request);
      await agree(model, real);
    },
    toString: () => `acquire ${name} at ${by}`,
  };
}

function tryAcquire(name: string, by: number): Command {
  return {
    check: () => true,
    async run(model, real) {
      const { lock, holder } = await (real.nodes[by] ?? assert.fail()).locks.tryAcquire(name, { owner: "trier" });
      assert.equal(holder?.owner, queueOf(model, name)[0]);
      await lock?.release();
      await agree(model, real);
    },
    toString: () => `try ${name} at ${by}`,
  };
}

function release(name: string, how: "release" | "force", by: number): Command {
  return {
    check: (model) => queueOf(model, name).length > 0,
    async run(model, real) {
      const [holder = ""] = queueOf(model, name);
      drop(model, (request) => request === holder);
      const lock = real.requests.get(holder)?.lock ?? assert.fail();
      if (how === "release") await lock.release();
      else assert.equal(await (real.nodes[by] ?? assert.fail()).locks.forceRelease(name, lock.token), true);
      await agree(model, real);
      await eventually(() => !lock.held);
      assert.equal(lock.lostBecause, how === "force" ? "taken" : undefined);
    },
    toString: () => `${how} ${name} by ${by}`,
  };
}

function giveUp(name: string, place: number): Command {
  return {
    check: (model) => queueOf(model, name).length > place + 1,
    async run(model, real) {
      const waiter = queueOf(model, name)[place + 1] ?? "";
      drop(model, (request) => request === waiter);
      real.requests.get(waiter)?.stop.abort(new Error("given up"));
      await agree(model, real);
    },
    toString: () => `give up place ${place + 1} of ${name}`,
  };
}

/** The network breaks for a moment: nobody loses anything. */
function flicker(by: number): Command {
  return {
    check: () => true,
    async run(model, real) {
      const node = real.nodes[by] ?? assert.fail();
      node.network.cut();
      node.network.restore();
      await agree(model, real);
    },
    toString: () => `network of ${by} flickers`,
  };
}

/** As far as the others know the process died: what it held goes on; its waiters queue again under its next lease. */
function die(by: number): Command {
  return {
    check: () => true,
    async run(model, real) {
      const node = real.nodes[by] ?? assert.fail();
      const id = node.locks.node ?? assert.fail();
      const mine = [...model.nodes].filter(([, at]) => at === by).map(([request]) => request);
      // A process that really died asks for nothing afterwards.
      for (const request of mine)
        if (!real.requests.get(request)?.lock) real.requests.get(request)?.stop.abort(new Error("died"));
      node.network.cut();
      await (real.nodes[(by + 1) % real.nodes.length] ?? assert.fail()).locks.nodeDied(id);
      drop(model, (request) => mine.includes(request));
      node.network.restore();
      await eventually(() => node.locks.live && node.locks.node !== id);
      await agree(model, real);
      for (const request of mine)
        assert.notEqual(real.requests.get(request)?.lock?.held, true, "a dead process holds a lock");
    },
    toString: () => `${by} dies`,
  };
}

describe("the lock manager beside a simple model", () => {
  let cluster: Cluster;
  let nodes: Node[];

  before(async () => {
    cluster = await Cluster.start();
    nodes = await Promise.all(
      ["one", "two", "three"].map((name) => cluster.node(name, { leaseSeconds: 3, patient: true })),
    );
  });
  after(() => cluster[Symbol.asyncDispose]());

  it("agrees after every step: acquire, try, release, force, give up, cuts and deaths", async () => {
    const name = fc.constantFrom(...names);
    const by = fc.nat(2);
    const steps = [
      ...Array.from({ length: 4 }, () => fc.tuple(name, by).map(([which, at]) => acquire(which, at))),
      fc.tuple(name, by).map(([which, at]) => tryAcquire(which, at)),
      fc.tuple(name, by).map(([which, at]) => release(which, "release", at)),
      fc.tuple(name, by).map(([which, at]) => release(which, "release", at)),
      fc.tuple(name, by).map(([which, at]) => release(which, "force", at)),
      fc.tuple(name, fc.nat(2)).map(([which, place]) => giveUp(which, place)),
      by.map(flicker),
      by.map(die),
    ];
    const run = async (commands: Iterable<Command>): Promise<void> => {
      const real: Real = { nodes, requests: new Map(), tokens: new Map() };
      try {
        await fc.asyncModelRun(() => ({ model: { queues: new Map(), nodes: new Map(), requests: 0 }, real }), commands);
      } finally {
        for (const request of real.requests.values()) request.stop.abort(new Error("over"));
        for (const request of real.requests.values()) await request.done.then(() => request.lock?.release());
        await eventually(async () => (await cluster.rows()) === 0);
      }
    };
    await fc.assert(fc.asyncProperty(fc.commands(steps, { maxCommands: 40, size: "max" }), run), {
      numRuns: 25,
      endOnFailure: true,
    });
  });
});

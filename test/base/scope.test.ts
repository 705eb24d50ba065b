import assert from "node:assert/strict";
import { openScopes, Scope } from "../../src/base/scope.ts";

describe("scope", () => {
  it("releases what it owns last-in-first-out, once", async () => {
    const order: number[] = [];
    const scope = new Scope("test");
    scope.defer(() => void order.push(1));
    scope.defer(async () => void order.push(2));
    scope.own({ [Symbol.dispose]: () => void order.push(3) });
    await Promise.all([scope.close(), scope.close()]);
    assert.deepEqual(order, [3, 2, 1]);
  });

  it("runs every release though one fails, and tells which failed", async () => {
    const order: number[] = [];
    const scope = new Scope("test");
    scope.defer(() => void order.push(1));
    scope.defer(() => {
      throw new Error("broken");
    });
    await assert.rejects(scope.close(), (error: AggregateError) => error.errors[0].message === "broken");
    assert.deepEqual(order, [1]);
  });

  it("closes children before what was acquired before them, and forgets a child that closed earlier", async () => {
    const order: string[] = [];
    const scope = new Scope("test");
    scope.defer(() => void order.push("parent"));
    const early = scope.child("early");
    early.defer(() => void order.push("early"));
    scope.child("late").defer(() => void order.push("late"));
    await early.close();
    await scope.close();
    assert.deepEqual(order, ["early", "late", "parent"]);
    assert.deepEqual(openScopes(), []);
  });

  it("releases at once what is handed to a closed scope, and throws", async () => {
    const scope = new Scope("test");
    await scope.close();
    let released = false;
    assert.throws(() => scope.own({ [Symbol.dispose]: () => void (released = true) }), /closed/);
    assert.equal(released, true);
  });
});

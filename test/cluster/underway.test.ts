/** Connections on their way to a worker. */
import assert from "node:assert/strict";
import { Socket } from "node:net";
import { Underway, type Handed, type Arrival } from "../../src/cluster/underway.ts";

describe("connections on their way to a worker", () => {
  const handed = (visitor: Arrival = { source: "127.0.0.1", end: () => undefined }): Handed => ({
    visitor,
    socket: new Socket(),
  });

  it("are kept until the worker has them, then closed here", () => {
    const underway = new Underway();
    const [first, second] = [handed(), handed()];
    assert.deepEqual([underway.add(first), underway.add(second), underway.people], [1, 2, 2]);
    assert.deepEqual(underway.received(0), []);
    assert.deepEqual(underway.received(1), []);
    assert.deepEqual(underway.received(1), [], "a sign of life says it again");
    assert.deepEqual([first.socket.destroyed, second.socket.destroyed, underway.people], [true, false, 1]);
    assert.deepEqual(underway.takeAll(), [second]);
    assert.equal(second.socket.destroyed, false);
    assert.deepEqual([underway.takeAll(), underway.people], [[], 0]);
  });

  it("are lost when the worker has a later one", () => {
    const underway = new Underway();
    const all = [handed(), handed("control"), handed()] as const;
    for (const each of all) underway.add(each);
    assert.equal(underway.people, 2);
    assert.deepEqual(underway.received(3), [all[0], all[1]]);
    assert.equal(all[2].socket.destroyed, true);
    assert.deepEqual(underway.takeAll(), []);
  });
});

import assert from "node:assert/strict";
import { checkFootprint, type Footprint } from "./leftovers.ts";

describe("the check for leftovers of the session torture", () => {
  const footprint = (sockets: number, jails: number): Footprint => ({
    primary: new Map([["socket", 10]]),
    worker: new Map([
      ["socket", sockets],
      ["file", 5],
    ]),
    processes: new Map([["worker", 4], ...(jails > 0 ? [["bwrap", jails] as const] : [])]),
  });

  it("lets a few descriptors pass that are opened when they are needed first", () => {
    assert.deepEqual(checkFootprint(footprint(10, 0), footprint(18, 0)), []);
  });

  it("condemns descriptors and processes that stayed", () => {
    assert.match(
      checkFootprint(footprint(10, 0), footprint(60, 0)).join(),
      /a worker has more descriptors than at first: file 5, socket 10; now file 5, socket 60/,
    );
    assert.match(
      checkFootprint(footprint(10, 0), footprint(10, 1)).join(),
      /at first: worker 4; now bwrap 1, worker 4/,
    );
  });
});

import assert from "node:assert/strict";
import { RecentTimes } from "../../../src/auth/external/recent-times.ts";

describe("the times of the last refusals", () => {
  it("are picked from, the newest of them, all alike", () => {
    const times = new RecentTimes();
    assert.equal(times.pick(), 0);
    for (let ms = 1; ms <= 100; ms++) times.add(ms);
    const picked = new Set(Array.from({ length: 5000 }, () => times.pick()));
    assert.deepEqual(
      [...picked].toSorted((a, b) => a - b),
      Array.from({ length: 64 }, (_, index) => index + 37),
    );
  });
});

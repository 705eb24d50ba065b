/** Typists of the bench: the same ones meet each server, and each has times of their own. */
import assert from "node:assert/strict";
import { randomFrom } from "../../bench/base/random.ts";
import { Script } from "../../bench/clients/script.ts";

/** When somebody presses Enter, in milliseconds from their first key. */
function enters(seed: number): readonly number[] {
  const script = new Script(randomFrom(seed));
  const times: number[] = [];
  let now = 0;
  for (let count = 0; count < 300; count++) {
    now += script.pause(200);
    if (script.next() === "\r") times.push(now);
  }
  return times;
}

describe("typists of the bench", () => {
  it("press Enter at their own times, which are the same in each run", () => {
    assert.deepEqual(enters(3), enters(3));
    const first = Array.from({ length: 60 }, (_, seed) => enters(seed)[0] ?? Number.NaN);
    const inOneSecond = Math.max(...first.map((at) => first.filter((other) => Math.abs(other - at) < 500).length));
    assert.ok(inOneSecond < 25, `${inOneSecond} of 60 press their first Enter in the same second`);
  });

  it("type as fast as was asked for on average", () => {
    const script = new Script(randomFrom(1));
    const pauses = Array.from({ length: 5000 }, () => script.pause(200));
    const mean = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
    assert.ok(mean > 190 && mean < 210, `${mean} ms`);
    assert.ok(Math.min(...pauses) >= 60);
  });
});

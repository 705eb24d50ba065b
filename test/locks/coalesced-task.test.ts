import assert from "node:assert/strict";
import { CoalescedTask } from "../../src/locks/coalesced-task.ts";

describe("repeatable work", () => {
  for (let turns = 0; turns < 8; turns++) {
    it(`is done once more when it is asked for ${turns} microtasks after its end`, async () => {
      let runs = 0;
      let end = (): void => undefined;
      const work = new CoalescedTask(() => {
        runs += 1;
        return new Promise<void>((resolve) => (end = resolve));
      }, assert.ifError);
      work.ask();
      end();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      work.ask();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(runs, 2);
      end();
      await work.close();
    });
  }

  it("goes on after a failure, and not after it was closed", async () => {
    const errors: unknown[] = [];
    let runs = 0;
    const work = new CoalescedTask(
      () => {
        runs += 1;
        return Promise.reject(new Error("no"));
      },
      (error) => errors.push(error),
    );
    work.ask();
    work.ask();
    await new Promise((resolve) => setImmediate(resolve));
    await work.close();
    work.ask();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([runs, errors.length], [2, 2]);
  });

  it("goes on after work that throws before it returns a promise", async () => {
    let runs = 0;
    const work = new CoalescedTask(
      () => {
        runs += 1;
        throw new Error("no");
      },
      () => undefined,
    );
    work.ask();
    work.ask();
    await work.close();
    assert.equal(runs, 2);
  });
});

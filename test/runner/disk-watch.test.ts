/** When a count is made, and what it finds: with answers as a disk gives them. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { FreeRoom } from "../../src/base/disk-room.ts";
import { DiskWatch } from "../../src/runner/broker/disk-watch.ts";
import { clockLagMs } from "../../src/runner/broker/tree-usage.ts";
import type { DiskCounter } from "../../src/runner/broker/counter.ts";
import type { JailLimits } from "../../src/runner/protocol.ts";
import { eventually } from "../support/eventually.ts";

const mebibyte = 1 << 20;

describe("the watch over what a program keeps", () => {
  let free: FreeRoom;
  let entries: number;
  let counts: number;
  let measureMs: number;
  let found: string[];
  let watch: DiskWatch;

  beforeEach(() => {
    free = { bytes: 2 ** 40, inodes: 100_000 };
    [entries, counts, measureMs, found] = [10, 0, 0, []];
    const counter = {
      free: () => Promise.resolve(free),
      measure: async () => {
        await sleep(measureMs);
        counts++;
        const usage = { bytes: mebibyte, entries, newBytes: 0, newEntries: 0, changedBytes: 0 };
        return { usage: { ...usage, unread: false, evaded: false }, hidden: undefined, free };
      },
    } as unknown as DiskCounter;
    watch = new DiskWatch({
      counter,
      limits: {
        workspaceDirectory: "",
        workspaceBytes: 200 * mebibyte,
        workspaceEntries: 50_000,
        reserveBytes: mebibyte,
        reserveInodes: 2000,
      } as JailLimits,
      furtherDirectories: [],
      monitor: 0,
      exceeded: (limit) => found.push(limit),
    });
    watch.begin();
  });
  afterEach(() => watch[Symbol.dispose]());

  const counted = async (): Promise<void> => {
    const before = counts;
    watch.mayWrite();
    await eventually(() => counts > before);
  };

  it("counts at once when many inodes have gone", async () => {
    // After that the next count is due in 2.5 seconds.
    measureMs = 250;
    await counted();
    measureMs = 0;
    free = { ...free, inodes: 90_000 };
    const began = performance.now();
    await counted();
    assert.ok(performance.now() - began < 2000);
  });

  it("ends a program that takes the server's last inodes, and none that does not", async () => {
    await counted();
    free = { ...free, inodes: 1000 };
    await counted();
    assert.deepEqual(found, []);
    entries += 100;
    await counted();
    assert.deepEqual(found, ["room"]);
  });

  it("takes further names of old files for what they are", async () => {
    entries = 50_001;
    await counted();
    await counted();
    assert.deepEqual(found, []);
    entries++;
    await counted();
    assert.deepEqual(found, ["entries"]);
  });

  it("tells of what is too much only when a next program can't be taken for its writer", async () => {
    await counted();
    entries = 50_001;
    await counted();
    entries++;
    await counted();
    const asked = performance.now();
    assert.equal((await watch.finish()).exceeded, "entries");
    // A timer may fire up to a millisecond early.
    assert.ok(performance.now() - asked >= clockLagMs - 1);
  });
});

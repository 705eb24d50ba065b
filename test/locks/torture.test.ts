import assert from "node:assert/strict";
import { torture } from "../torture/locks.ts";

describe("the torture of the locks", () => {
  it("shows no violation in ten seconds of kill -9, SIGSTOP and restarts of the database", async () => {
    const summary = await torture({ seconds: 10, workers: 3, sessionsPerWorker: 10, locks: 6, restarts: true });
    assert.deepEqual(summary.violations, []);
    assert.ok(summary.grants > 100 && summary.queued > 50 && summary.kills > 0 && summary.stops > 0 && summary.databaseRestarts > 0, JSON.stringify(summary));
  });
});

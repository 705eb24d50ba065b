import assert from "node:assert/strict";
import { torture, type TortureCounts } from "../torture/locks.ts";

describe("the torture of the locks", () => {
  it("shows no violation in ten seconds of kill -9, SIGSTOP and restarts of the database", async () => {
    // On a slow machine it lasts until that has happened.
    const enough = ({ grants, queued, kills, stops, databaseRestarts }: TortureCounts): boolean =>
      grants > 100 && queued > 50 && kills > 0 && stops > 0 && databaseRestarts > 0;
    const summary = await torture({
      seconds: 10,
      maxSeconds: 150,
      enough,
      workers: 3,
      sessionsPerWorker: 10,
      locks: 6,
      restarts: true,
    });
    assert.deepEqual(summary.violations, []);
    assert.ok(enough(summary), JSON.stringify(summary));
  });
});

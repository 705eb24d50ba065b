/** The torture of the sessions as CI runs it; 10 minutes on demand: see test/torture/sessions.ts. */
import assert from "node:assert/strict";
import type { ChaosCounts } from "../torture/chaos.ts";
import { tortureSessions, usual } from "../torture/sessions.ts";
import type { VisitorCounts } from "../torture/visitor.ts";

function disturbances({ kills, stops, databaseRestarts, databaseOutages }: ChaosCounts): number {
  return kills + stops + databaseRestarts + databaseOutages;
}

describe("the torture of the sessions", () => {
  it("shows no violation in two minutes of kill -9, SIGSTOP and restarts of the database, with 200 people", async () => {
    // On a slow machine it lasts until that has happened.
    const enough = (people: VisitorCounts, chaos: ChaosCounts): boolean =>
      people.saves > 100 && disturbances(chaos) >= 3;
    const summary = await tortureSessions({ ...usual, seconds: 120, maxSeconds: 600, enough, seed: Date.now() });
    const words = JSON.stringify(summary, undefined, 2);
    assert.deepEqual(summary.violations, [], words);
    assert.ok(enough(summary.people, summary.chaos), words);
  }).timeout(1_500_000);
});

/** The torture of the sessions as CI runs it; 10 minutes on demand: see test/torture/sessions.ts. */
import assert from "node:assert/strict";
import { tortureSessions, usual } from "../torture/sessions.ts";

describe("the torture of the sessions", () => {
  it("shows no violation in two minutes of kill -9, SIGSTOP and restarts of the database, with 200 people", async () => {
    const summary = await tortureSessions({ ...usual, seconds: 120, seed: Date.now() });
    const words = JSON.stringify(summary, undefined, 2);
    assert.deepEqual(summary.violations, [], words);
    const { people, chaos } = summary;
    // A slow machine with one core has managed 900 and 5.
    assert.ok(people.saves > 100 && chaos.kills + chaos.stops + chaos.databaseRestarts + chaos.databaseOutages >= 3, words);
  }).timeout(600_000);
});

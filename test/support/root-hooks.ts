/** Hooks around every test file: a scope that a test leaves open is a leak, and fails the run. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startFromBuild } from "../../src/base/program-file.ts";
import { openScopes } from "../../src/base/scope.ts";
import { stopTestDatabase } from "./database.ts";

if (process.env.TEST_BUILT === "yes") startFromBuild(fileURLToPath(new URL("../../dist", import.meta.url)));

export const mochaHooks = {
  async afterAll(): Promise<void> {
    await stopTestDatabase();
    assert.deepEqual(openScopes(), [], "scopes left open by tests");
  },
};

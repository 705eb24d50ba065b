/** Hooks around every test file: a scope that a test leaves open is a leak, and fails the run. */
import assert from "node:assert/strict";
import { openScopes } from "../../src/base/scope.ts";

export const mochaHooks = {
  afterAll(): void {
    assert.deepEqual(openScopes(), [], "scopes left open by tests");
  },
};

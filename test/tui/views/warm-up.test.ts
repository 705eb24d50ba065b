import assert from "node:assert/strict";
import { openScopes } from "../../../src/base/scope.ts";
import { warmUp } from "../../../src/tui/attach.ts";

describe("warming up", () => {
  it("leaves nothing open", async () => {
    const before = openScopes();
    await warmUp();
    assert.deepEqual(openScopes(), before);
  });
});

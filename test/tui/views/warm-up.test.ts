import assert from "node:assert/strict";
import { silentLog, type Log } from "../../../src/base/log.ts";
import { openScopes } from "../../../src/base/scope.ts";
import { rehearse, warmUp } from "../../../src/tui/attach.ts";

describe("warming up", () => {
  it("leaves nothing open, and meets no error", async () => {
    const before = openScopes();
    const told: unknown[] = [];
    const log: Log = {
      ...silentLog,
      warn: (...line) => void told.push(line),
      error: (...line) => void told.push(line),
    };
    await warmUp(log);
    assert.deepEqual(told, []);
    assert.deepEqual(openScopes(), before);
  });

  it("opens a file, and types in it: a stand-in that lacks something would end the rehearsal in a dialog", async () => {
    assert.match(await rehearse(silentLog), /if x:\n/);
  });
});

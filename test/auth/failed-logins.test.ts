import assert from "node:assert/strict";
import type { AuditEntry } from "../../src/auth/audit.ts";
import { FailedLogins } from "../../src/auth/failed-logins.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("failed logins in the audit trail", () => {
  it("are written one by one, and a flood of them is counted", () => {
    const clock = new FakeClock();
    const entries: AuditEntry[] = [];
    const failures = new FailedLogins({ record: (entry) => Promise.resolve(void entries.push(entry)) }, clock);
    const fail = (count: number): void => {
      for (let i = 0; i < count; i++) failures.record({ actor: `guess${i}`, action: "login", result: "failed" });
    };
    fail(100);
    assert.equal(entries.length, 100);
    fail(1000);
    assert.equal(entries.length, 120);
    clock.advance(60_000);
    assert.deepEqual(entries.at(-1), {
      actor: "system",
      action: "login.flood",
      result: "failed",
      detail: { more: 980 },
    });
    assert.equal(clock.timers, 0);
    fail(121);
    assert.equal(entries.length, 241);
    failures[Symbol.dispose]();
    assert.deepEqual(entries.at(-1)?.detail, { more: 1 });
    assert.equal(clock.timers, 0);
  });
});

import assert from "node:assert/strict";
import { Audit } from "../../src/auth/audit.ts";
import { silentLog, type Fields, type Log } from "../../src/base/log.ts";
import { Database } from "../../src/db/database.ts";
import { poolOptions, testDatabase, type TestDatabase } from "../support/database.ts";

describe("the audit trail", () => {
  let fixture: TestDatabase;
  before(async () => {
    fixture = await testDatabase();
  });
  after(() => fixture[Symbol.asyncDispose]());

  it("keeps entries, newest first, by person and by action", async () => {
    const audit = new Audit(fixture.database, silentLog);
    await audit.record({
      actor: "ada",
      address: "10.0.0.7",
      action: "login",
      result: "ok",
      detail: { method: "password" },
    });
    await audit.record({ actor: "admin", action: "user.disable", subject: "ada", result: "ok" });
    await audit.record({ actor: "alan", action: "login", result: "failed" });
    assert.deepEqual(
      (await audit.list()).map(({ actor }) => actor),
      ["alan", "admin", "ada"],
    );
    assert.deepEqual(
      (await audit.list({ user: "ada" })).map(({ action }) => action),
      ["user.disable", "login"],
    );
    assert.deepEqual(
      (await audit.list({ action: "login", limit: 1 })).map(({ actor }) => actor),
      ["alan"],
    );
    const [, , entry] = await audit.list();
    assert.deepEqual(
      { ...entry, id: 0, at: 0 },
      {
        id: 0,
        at: 0,
        actor: "ada",
        address: "10.0.0.7",
        action: "login",
        subject: undefined,
        result: "ok",
        detail: { method: "password" },
      },
    );
    assert.ok(entry?.at instanceof Date);
  });

  it("never stores a field that is named like a secret, nor control characters, nor long texts", async () => {
    const audit = new Audit(fixture.database, silentLog);
    const detail = {
      newPassword: "plum",
      keyPassphrase: "fog",
      method: "password",
      bell: "\u0007\u0000",
      long: "x".repeat(5000),
    };
    await audit.record({ actor: "mallory\u001b[2J\u0000", action: "test", result: "ok", detail });
    const [entry] = await audit.list({ action: "test" });
    assert.equal(entry?.actor, "mallory?[2J?");
    assert.deepEqual(entry?.detail, { method: "password", bell: "??", long: "x".repeat(200) });
  });

  it("goes to the log while the database is away, and does not fail what it is about", async () => {
    const lost = await Database.connect({ ...poolOptions(fixture.url), retrySeconds: 0 });
    await lost.close();
    const lines: [string, Fields | undefined][] = [];
    const log: Log = { ...silentLog, error: (message, fields) => lines.push([message, fields]) };
    await new Audit(lost, log).record({ actor: "ada", action: "login", result: "ok", detail: { newPassword: "plum" } });
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.[0], "audit entry not stored");
    assert.equal(lines[0]?.[1]?.actor, "ada");
    assert.ok(!JSON.stringify(lines).includes("plum"));
  });
});

import assert from "node:assert/strict";
import { hostKeyWarning, lastHostKeyChange, noteHostKey, type HostKeyFacts } from "../../src/auth/host-key-history.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";

const facts = (fingerprint: string, more: Partial<HostKeyFacts> = {}): HostKeyFacts => ({
  fingerprint,
  made: false,
  next: undefined,
  hadAccounts: true,
  ...more,
});

describe("the host keys that clients have met", () => {
  let fixture: TestDatabase;
  before(async () => {
    fixture = await testDatabase();
  });
  beforeEach(() => fixture.database.query("DELETE FROM host_keys"));
  after(() => fixture[Symbol.asyncDispose]());
  const note = (fingerprint: string, more?: Partial<HostKeyFacts>) =>
    noteHostKey(fixture.database, facts(fingerprint, more));

  it("begin with the one of a new class, and nobody is warned of it, also at the next starts", async () => {
    assert.equal(await note("SHA256:a", { made: true, hadAccounts: false }), undefined);
    assert.equal(await note("SHA256:a"), undefined);
    assert.equal(await lastHostKeyChange(fixture.database), undefined);
  });

  it("begin with the one of a class from before they were noted", async () => {
    assert.equal(await note("SHA256:a"), undefined);
    assert.equal(await lastHostKeyChange(fixture.database), undefined);
  });

  it("do not have one that was made though there were accounts: both are said, until the old one is back", async () => {
    await note("SHA256:a");
    const change = await note("SHA256:b", { made: true });
    assert.ok(change);
    assert.deepEqual(change, { fingerprint: "SHA256:b", before: "SHA256:a" });
    assert.match(hostKeyWarning(change), /it is now SHA256:b and was SHA256:a$/);
    assert.equal(await note("SHA256:b"), undefined, "it is said once at the start ...");
    const later = await lastHostKeyChange(fixture.database);
    assert.deepEqual([later?.fingerprint, later?.before], ["SHA256:b", "SHA256:a"], "... and by doctor for longer");
    assert.equal(await note("SHA256:a"), undefined);
    assert.equal(await lastHostKeyChange(fixture.database), undefined);
  });

  it("do not have one that was put there by hand either", async () => {
    await note("SHA256:a");
    assert.equal((await note("SHA256:c"))?.before, "SHA256:a");
  });

  it("are not known of a class from before they were noted, whose key is lost", async () => {
    const change = await note("SHA256:b", { made: true });
    assert.ok(change);
    assert.deepEqual(change, { fingerprint: "SHA256:b", before: undefined });
    assert.match(hostKeyWarning(change), /another one, which is not known$/);
    assert.ok(await lastHostKeyChange(fixture.database));
  });

  it("have the next one when clients were told of it", async () => {
    await note("SHA256:a", { next: "SHA256:b" });
    assert.equal(await note("SHA256:b"), undefined);
    assert.equal(await lastHostKeyChange(fixture.database), undefined);
  });

  it("are noted by machines that start at the same time, one after the other", async () => {
    await note("SHA256:a");
    const changes = await Promise.all(Array.from({ length: 5 }, () => note("SHA256:b", { made: true })));
    assert.equal(changes.filter((change) => change !== undefined).length, 1);
  });
});

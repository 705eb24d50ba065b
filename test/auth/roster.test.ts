import assert from "node:assert/strict";
import { Accounts } from "../../src/auth/accounts.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import type { RosterRow } from "../../src/auth/roster.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";

const code =
  (expected: string) =>
  (error: unknown): boolean =>
    error instanceof Error && "code" in error && error.code === expected;

function row(
  username: string,
  more: Partial<Omit<RosterRow, "more">> & { readonly more?: readonly string[] } = {},
): RosterRow {
  return {
    number: 2,
    username,
    name: undefined,
    email: undefined,
    role: undefined,
    section: undefined,
    more: [],
    teaches: undefined,
    ...more,
  };
}

describe("a roster", () => {
  let fixture: TestDatabase;
  let accounts: Accounts;
  before(async () => {
    fixture = await testDatabase();
    accounts = new Accounts({
      database: fixture.database,
      hasher: new PasswordHasher({ cost: 4 }),
      passwordLength: 10,
    });
    await accounts.add({ username: "root", role: "admin" });
  });
  after(() => fixture[Symbol.asyncDispose]());

  const usernames = (list: readonly { username: string }[]): string[] => list.map(({ username }) => username);

  it("adds what is new with passwords that work, makes sections, and does nothing the second time", async () => {
    const rows = [
      row("ada", { name: "Ada", section: "A", email: "ada@x.edu" }),
      row("tia", { role: "ta", section: "A", teaches: ["B"] }),
    ];
    const planned = await accounts.roster.plan(rows, "root");
    assert.deepEqual(
      [usernames(planned.added), planned.newSections],
      [
        ["ada", "tia"],
        ["A", "B"],
      ],
    );
    assert.equal(await accounts.find("ada"), undefined, "a plan changes nothing");
    const { created } = await accounts.roster.apply(rows, "root");
    assert.deepEqual(usernames(created.map(({ account }) => account)), ["ada", "tia"]);
    for (const { account, password } of created)
      assert.ok((await accounts.verifyPassword(account.username, password))?.mustChangePassword);
    assert.deepEqual((await accounts.get("tia")).sections, ["A", "B"]);
    const again = await accounts.roster.apply(rows, "root");
    assert.deepEqual([again.created, again.plan.updated, usernames(again.plan.unchanged)], [[], [], ["ada", "tia"]]);
  });

  it("changes what is named and leaves the rest, passwords too", async () => {
    const { password } = await accounts.add({
      username: "bob",
      role: "student",
      name: "Bob",
      email: "bob@x.edu",
      section: "A",
    });
    const { plan } = await accounts.roster.apply([row("bob", { section: "C" }), row("bobby")], "root");
    assert.deepEqual(
      plan.updated.map(({ before, fields }) => [before.username, fields]),
      [["bob", ["section"]]],
    );
    const bob = await accounts.get("bob");
    assert.deepEqual([bob.name, bob.email, bob.section, bob.role], ["Bob", "bob@x.edu", "C", "student"]);
    assert.ok(await accounts.verifyPassword("bob", password));
    assert.equal((await accounts.get("bobby")).section, undefined, "a name that begins like another is another person");
  });

  it("takes the sections of staff away with the role", async () => {
    await accounts.roster.apply([row("uma", { role: "ta", teaches: ["A", "B"] })], "root");
    await accounts.roster.apply([row("uma", { role: "student" })], "root");
    await accounts.roster.apply([row("uma", { role: "ta" })], "root");
    assert.deepEqual((await accounts.get("uma")).sections, []);
  });

  it("refuses that people change their own role, that students teach, and that no admin is left", async () => {
    const { problems } = await accounts.roster.plan(
      [row("root", { role: "ta", number: 4 }), row("new", { teaches: ["A"], number: 9 })],
      "root",
    );
    assert.deepEqual(
      problems.map(({ number }) => number),
      [4, 9],
    );
    await assert.rejects(
      accounts.roster.apply([row("root", { role: "ta" }), row("zed")], "local"),
      code("not-permitted"),
    );
    assert.equal((await accounts.get("root")).role, "admin");
    assert.equal(await accounts.find("zed"), undefined, "all or none");
  });

  it("has staff teach all their sections, and a student in one of hers: the one she is in already", async () => {
    const rows = [
      row("sam", { section: "S1", more: ["S2", "S3"] }),
      row("tess", { role: "ta", section: "S1", more: ["S2"] }),
    ];
    const { plan } = await accounts.roster.apply(rows, "root");
    assert.deepEqual(plan.inSeveral, [{ username: "sam", section: "S1", left: ["S2", "S3"] }]);
    assert.deepEqual(
      [(await accounts.get("sam")).section, (await accounts.get("tess")).sections],
      ["S1", ["S1", "S2"]],
    );
    await accounts.changes.set("sam", { section: "S2" });
    const again = await accounts.roster.plan(rows, "root");
    assert.deepEqual([again.updated, again.inSeveral.map(({ section }) => section)], [[], ["S2"]]);
  });

  it("finds who is missing from its sections, and disables them with everything else or not at all", async () => {
    await accounts.roster.apply(
      [
        row("mia", { section: "M" }),
        row("max", { section: "M" }),
        row("mo", { section: "N" }),
        row("mta", { role: "ta", section: "M" }),
      ],
      "root",
    );
    const rows = [row("mia", { section: "M" })];
    assert.deepEqual(usernames((await accounts.roster.plan(rows, "root")).missing), ["max"]);
    await accounts.roster.apply(rows, "root");
    assert.equal((await accounts.get("max")).state, "active", "only when that was asked for");
    await assert.rejects(
      accounts.roster.apply([...rows, row("root", { role: "ta" })], "local", { disableMissing: true }),
      code("not-permitted"),
    );
    assert.equal((await accounts.get("max")).state, "active", "all or none");
    await accounts.roster.apply(rows, "root", { disableMissing: true });
    assert.deepEqual(
      await Promise.all(["max", "mo", "mta", "mia"].map(async (name) => (await accounts.get(name)).state)),
      ["disabled", "active", "active", "active"],
    );
  });

  it("is imported by two admins at once without harm: each account once, each password of one of them", async () => {
    const rows = Array.from({ length: 40 }, (_, index) => row(`twin${index}`, { section: "T" }));
    const results = await Promise.allSettled([
      accounts.roster.apply(rows, "root"),
      accounts.roster.apply(rows, "other"),
    ]);
    const created = results.flatMap((result) => (result.status === "fulfilled" ? result.value.created : []));
    assert.equal(created.length, 40);
    for (const { account, password } of created.slice(0, 4))
      assert.ok(await accounts.verifyPassword(account.username, password));
  });

  it("notices that an account went away while passwords were made", async () => {
    await accounts.add({ username: "gone", role: "student" });
    let removed: Promise<unknown> | undefined;
    const apply = accounts.roster.apply([row("gone", { name: "Gone" }), row("fresh1")], "root", {
      onProgress: () => {
        removed ??= accounts.changes.remove("gone");
      },
    });
    // Either it was still there when the list was applied, or the list is refused as a whole.
    const outcome = await apply.then(
      () => "applied",
      (error: unknown) => (code("in-use")(error) ? "refused" : String(error)),
    );
    await removed;
    assert.ok(["applied", "refused"].includes(outcome), outcome);
    assert.equal((await accounts.find("fresh1")) !== undefined, outcome === "applied");
  });

  it("is not applied when who asked for it is gone: nobody would read the passwords", async () => {
    const gone = new AbortController();
    const rows = Array.from({ length: 10 }, (_, index) => row(`late${index}`));
    let maxAtOnce = 0;
    const onProgress = (done: number): void => {
      maxAtOnce = done;
      if (done === 3) gone.abort();
    };
    await assert.rejects(accounts.roster.apply(rows, "root", { signal: gone.signal, onProgress }), code("in-use"));
    assert.ok(maxAtOnce < 6, `${maxAtOnce} hashes were made`);
    assert.equal(await accounts.find("late0"), undefined);
    const { password } = await accounts.add({ username: "kept", role: "student" });
    await assert.rejects(accounts.changes.resetPasswords(["kept"], { signal: gone.signal }), code("in-use"));
    assert.ok(await accounts.verifyPassword("kept", password));
  });

  describe("and single changes", () => {
    it("name what they change: two admins at once both get what they wanted", async () => {
      await accounts.add({ username: "cleo", role: "student", section: "A" });
      await Promise.all([
        accounts.changes.set("cleo", { name: "Cleo" }),
        accounts.changes.set("cleo", { section: "B" }),
        accounts.changes.set("cleo", { email: "cleo@x.edu" }),
      ]);
      const { name, section, email } = await accounts.get("cleo");
      assert.deepEqual([name, section, email], ["Cleo", "B", "cleo@x.edu"]);
    });

    it("take a value away with an empty text, and refuse what can't be", async () => {
      const { before, account } = await accounts.changes.set("cleo", { section: "", email: "" });
      assert.deepEqual([before.section, account.section, account.email], ["B", undefined, undefined]);
      await assert.rejects(accounts.changes.set("cleo", { email: "nowhere" }), code("usage"));
      await assert.rejects(accounts.changes.set("cleo", { section: " B" }), code("bad-name"));
      await assert.rejects(accounts.changes.set("nobody", { name: "x" }), code("user-not-found"));
    });

    it("never take the last admin, not even when two admins demote each other at once", async () => {
      await accounts.add({ username: "root2", role: "admin" });
      const results = await Promise.allSettled([
        accounts.changes.set("root", { role: "professor" }),
        accounts.changes.setState(["root2"], "disabled"),
      ]);
      assert.deepEqual(results.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
      await accounts.changes.setState(["root2"], "active");
      await accounts.changes.set("root", { role: "admin" });
      await accounts.changes.remove("root2");
      await assert.rejects(accounts.changes.remove("root"), code("not-permitted"));
    });

    it("of several are all or none", async () => {
      await assert.rejects(accounts.changes.setState(["ada", "nobody"], "disabled"), code("user-not-found"));
      assert.equal((await accounts.get("ada")).state, "active");
      await assert.rejects(accounts.changes.resetPasswords(["ada", "nobody"]), code("user-not-found"));
    });
  });

  describe("and sections", () => {
    it("are added, renamed with everybody in them, given staff, and removed when empty", async () => {
      await accounts.sections.add("X", { title: "Evening" });
      await accounts.add({ username: "xena", role: "student", section: "X" });
      const changed = await accounts.sections.set("X", { rename: "Y", staff: ["tia"] });
      assert.deepEqual([changed.name, changed.title, changed.students, changed.staff], ["Y", "Evening", 1, ["tia"]]);
      assert.equal((await accounts.get("xena")).section, "Y");
      assert.deepEqual((await accounts.get("tia")).sections, ["A", "B", "Y"]);
      await assert.rejects(accounts.sections.remove("Y"), code("in-use"));
      await accounts.changes.set("xena", { section: "" });
      await accounts.sections.remove("Y");
      assert.deepEqual((await accounts.get("tia")).sections, ["A", "B"]);
    });

    it("are refused with a name that is taken or none, with students as staff, and when they are not there", async () => {
      await accounts.sections.add("S", {});
      await assert.rejects(accounts.sections.add("S", {}), code("exists"));
      await assert.rejects(accounts.sections.set("S", { rename: "A" }), code("exists"));
      for (const name of ["", " S", "a|b", "x".repeat(51)])
        await assert.rejects(accounts.sections.add(name, {}), /section/);
      await assert.rejects(accounts.sections.set("S", { staff: ["ada"] }), code("usage"));
      await assert.rejects(accounts.sections.set("S", { staff: ["nobody"] }), code("user-not-found"));
      await assert.rejects(accounts.sections.set("none", { title: "x" }), code("section-not-found"));
      await assert.rejects(accounts.sections.remove("none"), code("section-not-found"));
    });
  });
});

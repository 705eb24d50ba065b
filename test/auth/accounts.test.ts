import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { Accounts } from "../../src/auth/accounts.ts";
import { maxKeys } from "../../src/auth/account-keys.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { fingerprint } from "../../src/auth/public-keys.ts";
import { UserError, type ErrorCode } from "../../src/base/errors.ts";
import { Database } from "../../src/db/database.ts";
import { poolOptions, testDatabase, type TestDatabase } from "../support/database.ts";

function code(expected: ErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.code, expected, error.message);
    return true;
  };
}

function field(bytes: Buffer): Buffer[] {
  return [Buffer.from([0, 0, 0, bytes.length]), bytes];
}

function keyLine(): string {
  const x = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x ?? "";
  const blob = Buffer.concat([...field(Buffer.from("ssh-ed25519")), ...field(Buffer.from(x, "base64url"))]);
  return `ssh-ed25519 ${blob.toString("base64")} laptop`;
}

/** A hasher whose hashes wait until they are let through. */
class GatedHasher extends PasswordHasher {
  readonly #gate = new EventEmitter();
  /** Resolves when a hash waits. */
  readonly reached = once(this.#gate, "reached");

  open(): void {
    this.#gate.emit("open");
  }

  override async hash(password: string): Promise<string> {
    const opened = once(this.#gate, "open");
    this.#gate.emit("reached");
    await opened;
    return await super.hash(password);
  }
}

describe("accounts", () => {
  let fixture: TestDatabase;
  const hasher = new PasswordHasher({ cost: 4 });
  let accounts: Accounts;

  before(async () => {
    fixture = await testDatabase();
    accounts = new Accounts({ database: fixture.database, hasher, passwordLength: 10 });
  });
  after(() => fixture[Symbol.asyncDispose]());

  it("are added with a random initial password that must be changed", async () => {
    const { account, password } = await accounts.add({
      username: "ada",
      role: "student",
      name: "Ada Lovelace",
      email: "ada@x.edu",
      section: "A",
    });
    assert.deepEqual(await accounts.find("ada"), account);
    assert.deepEqual(
      { ...account, id: 0, createdAt: 0 },
      {
        id: 0,
        createdAt: 0,
        username: "ada",
        role: "student",
        name: "Ada Lovelace",
        email: "ada@x.edu",
        section: "A",
        sections: [],
        state: "active",
        store: "embedded",
        mustChangePassword: true,
        lastLoginAt: undefined,
      },
    );
    assert.deepEqual(await accounts.verifyPassword("ada", password), account);
    assert.equal(await accounts.verifyPassword("ada", `${password}x`), undefined);
  });

  it("are refused when the name is taken or is no name", async () => {
    await assert.rejects(accounts.add({ username: "ada", role: "ta" }), code("exists"));
    for (const username of [
      "",
      "ada\n",
      ".",
      "..",
      ".ada",
      "ada.",
      "a..b",
      "-ada",
      "_ada",
      "a/b",
      "a".repeat(33),
      "ada lovelace",
      "../ada",
      "ädä",
      "ada;--",
    ]) {
      await assert.rejects(accounts.add({ username, role: "student" }), code("bad-name"), username);
      assert.equal(await accounts.find(username), undefined);
    }
    assert.ok(await accounts.add({ username: `a${"_-9".repeat(10)}z`, role: "student" }));
    await assert.rejects(accounts.add({ username: "ADA", role: "student" }), code("exists"));
    for (const username of ["1ada", "1234567", "mary.ann", "a.b.c-d"])
      assert.equal(
        (await accounts.add({ username: username.toUpperCase(), role: "student" })).account.username,
        username,
      );
    await assert.rejects(
      fixture.database.query("INSERT INTO users (username, role, password_hash) VALUES ('a..b', 'student', 'x')"),
      /users_username_form/,
    );
  });

  it("are refused with a name that a terminal would obey, an impossible email, or an unknown role", async () => {
    const base = { username: "eve", role: "student" } as const;
    await assert.rejects(accounts.add({ ...base, name: "Eve\u001b[2J" }), code("usage"));
    await assert.rejects(accounts.add({ ...base, name: "Eve \u202eADA" }), code("usage"));
    await assert.rejects(accounts.add({ ...base, section: "x".repeat(51) }), code("usage"));
    await assert.rejects(accounts.add({ ...base, email: "not an email" }), code("usage"));
    await assert.rejects(accounts.add({ ...base, role: "root" as "admin" }), code("usage"));
  });

  it("are listed by name and by filter", async () => {
    await accounts.add({ username: "zoe", role: "ta", section: "Z" });
    await accounts.add({ username: "bob", role: "student", section: "Z" });
    const names = async (filter: Parameters<Accounts["list"]>[0]): Promise<string[]> =>
      (await accounts.list(filter)).map(({ username }) => username);
    assert.deepEqual(await names({ section: "Z" }), ["bob", "zoe"]);
    assert.deepEqual(await names({ section: "Z", role: "ta" }), ["zoe"]);
    assert.deepEqual(await names({ state: "disabled" }), []);
    assert.deepEqual(await names({}), (await names({})).toSorted());
  });

  it("of staff know the sections that they teach, their own among them; students teach none", async () => {
    const teacher = await accounts.add({ username: "yan", role: "ta", section: "Y" });
    await accounts.add({ username: "yara", role: "student", section: "Q" });
    await fixture.database.query(
      "INSERT INTO section_staff SELECT s.name, u.id FROM sections s, users u WHERE s.name IN ('Q', 'Y') AND u.username IN ('yan', 'yara')",
    );
    assert.deepEqual(teacher.account.sections, ["Y"]);
    assert.deepEqual((await accounts.get("yan")).sections, ["Q", "Y"]);
    assert.deepEqual((await accounts.get("yara")).sections, []);
    await fixture.database.query("UPDATE sections SET name = 'R' WHERE name = 'Q'");
    assert.deepEqual((await accounts.get("yan")).sections, ["R", "Y"]);
    assert.equal((await accounts.get("yara")).section, "R");
  });

  it("make the same bcrypt work for names that do not exist", async () => {
    for (const name of ["ada", "nobody", "", "NOBODY", "x".repeat(5000), "zero\u0000byte"]) {
      const before = hasher.comparisons;
      assert.equal(await accounts.verifyPassword(name, "a wrong password"), undefined);
      assert.equal(hasher.comparisons - before, 1, name);
    }
  });

  it("change their password by the rules, knowing the old one", async () => {
    const { password } = await accounts.add({ username: "alan", role: "student" });
    await assert.rejects(accounts.setPassword("alan", "plum ladder fog", { old: "wrong" }), code("wrong-password"));
    await assert.rejects(accounts.setPassword("alan", "short", { old: password }), code("bad-password"));
    await assert.rejects(accounts.setPassword("alan", password, { old: password }), code("bad-password"));
    assert.ok((await accounts.find("alan"))?.mustChangePassword);
    const changed = await accounts.setPassword("alan", "plum ladder fog", { old: password });
    assert.equal(changed.mustChangePassword, false);
    assert.equal(await accounts.verifyPassword("alan", password), undefined);
    assert.equal((await accounts.verifyPassword("alan", "plum ladder fog"))?.username, "alan");
    await assert.rejects(accounts.setPassword("nobody", "plum ladder fog"), code("user-not-found"));
  });

  it("get a new initial password by a reset", async () => {
    const password = (await accounts.changes.resetPasswords(["alan"]))[0]?.password ?? "";
    assert.equal(await accounts.verifyPassword("alan", "plum ladder fog"), undefined);
    assert.ok((await accounts.verifyPassword("alan", password))?.mustChangePassword);
    await assert.rejects(accounts.changes.resetPasswords(["nobody"]), code("user-not-found"));
  });

  it("do not let an open form undo a reset that happens meanwhile", async () => {
    // The form stands still between reading the old password's hash and writing the new one.
    const form = new GatedHasher({ cost: 4 });
    const slow = new Accounts({ database: fixture.database, hasher: form, passwordLength: 10 });
    const { password } = await accounts.add({ username: "hedy", role: "student" });
    const refused = assert.rejects(
      slow.setPassword("hedy", "plum ladder seven fog", { old: password }),
      code("in-use"),
    );
    await form.reached;
    const reset = (await accounts.changes.resetPasswords(["hedy"]))[0]?.password ?? "";
    form.open();
    await refused;
    assert.ok(await accounts.verifyPassword("hedy", reset));
  });

  it("that are disabled say so only to someone who knows the password", async () => {
    const { password } = await accounts.add({ username: "mallory", role: "student" });
    assert.equal((await accounts.changes.setState(["mallory"], "disabled"))[0]?.account.state, "disabled");
    await assert.rejects(accounts.verifyPassword("mallory", password), code("account-disabled"));
    assert.equal(await accounts.verifyPassword("mallory", "a guess"), undefined);
    await assert.rejects(
      accounts.setPassword("mallory", "plum ladder fog", { old: password }),
      code("account-disabled"),
    );
    assert.equal((await accounts.recordLogin("mallory"))?.state, "disabled");
    await accounts.changes.setState(["mallory"], "active");
    assert.equal((await accounts.verifyPassword("mallory", password))?.username, "mallory");
    await assert.rejects(accounts.changes.setState(["nobody"], "disabled"), code("user-not-found"));
  });

  it("remember the last login", async () => {
    assert.equal(await accounts.recordLogin("nobody"), undefined);
    const account = await accounts.recordLogin("ada");
    assert.ok(account?.lastLoginAt instanceof Date && Math.abs(account.lastLoginAt.getTime() - Date.now()) < 60_000);
  });

  it("get a hash of the new cost at the next login after the setting changed", async () => {
    const { password: initial } = await accounts.add({ username: "rosa", role: "student" });
    const password = "plum ladder fog";
    await accounts.setPassword("rosa", password, { old: initial });
    const dearer = new PasswordHasher({ cost: 5 });
    const later = new Accounts({ database: fixture.database, hasher: dearer, passwordLength: 10 });
    assert.ok(await later.verifyPassword("rosa", password));
    const rows = await fixture.database.queryRepeatable<{ password_hash: string }>(
      "SELECT password_hash FROM users WHERE username = 'rosa'",
    );
    assert.ok(!dearer.isOutdated(rows[0]?.password_hash ?? ""));
    assert.ok(await later.verifyPassword("rosa", password));
  });

  it("have public keys that are found by their bytes, for this account only", async () => {
    const line = keyLine();
    const blob = Buffer.from(line.split(" ")[1] ?? "", "base64");
    const key = await accounts.addKey("ada", line);
    assert.equal(key.fingerprint, fingerprint(blob));
    assert.equal(key.comment, "laptop");
    assert.equal((await accounts.findKey("ada", "ssh-ed25519", blob))?.username, "ada");
    assert.equal(await accounts.findKey("bob", "ssh-ed25519", blob), undefined);
    assert.equal(await accounts.findKey("nobody", "ssh-ed25519", blob), undefined);
    assert.equal(await accounts.findKey("ada", "ssh-rsa", blob), undefined);
    assert.equal(await accounts.findKey("ada", "ssh-ed25519", Buffer.concat([blob, Buffer.from([0])])), undefined);
    await assert.rejects(accounts.addKey("ada", line), code("exists"));
    assert.ok(await accounts.addKey("bob", line), "another account may have the same key");

    await accounts.changes.setState(["ada"], "disabled");
    assert.equal(await accounts.findKey("ada", "ssh-ed25519", blob), undefined);
    await accounts.changes.setState(["ada"], "active");
  });

  it("lose keys by number or fingerprint", async () => {
    const added = [await accounts.addKey("zoe", keyLine()), await accounts.addKey("zoe", keyLine())];
    const [first, second] = added;
    assert.deepEqual(await accounts.keys("zoe"), added);
    await assert.rejects(accounts.removeKey("zoe", 3), code("key-not-found"));
    await assert.rejects(accounts.removeKey("zoe", 0), code("key-not-found"));
    await assert.rejects(accounts.removeKey("zoe", "SHA256:nothing"), code("key-not-found"));
    assert.deepEqual(await accounts.removeKey("zoe", "2"), second);
    assert.deepEqual(await accounts.removeKey("zoe", first?.fingerprint ?? ""), first);
    assert.deepEqual(await accounts.keys("zoe"), []);
  });

  it("have twenty keys at most, even when several are added at once", async () => {
    const added = await Promise.allSettled(
      Array.from({ length: maxKeys + 3 }, () => accounts.addKey("rosa", keyLine())),
    );
    const refused = added.filter((result) => result.status === "rejected");
    assert.equal(refused.length, 3);
    for (const { reason } of refused) code("bad-key")(reason);
    assert.equal((await accounts.keys("rosa")).length, maxKeys);
  });

  it("are unavailable, never wrong, while the database is away", async () => {
    const lost = await Database.connect({ ...poolOptions(fixture.url), retrySeconds: 0 });
    const away = new Accounts({ database: lost, hasher, passwordLength: 10 });
    await lost.close();
    for (const attempt of [
      away.verifyPassword("ada", "whatever it is"),
      away.find("ada"),
      away.findKey("ada", "ssh-ed25519", Buffer.from("x")),
      away.list(),
      away.recordLogin("ada"),
      away.setPassword("ada", "plum ladder fog"),
    ]) {
      await assert.rejects(attempt, code("database-unavailable"));
    }
  });
});

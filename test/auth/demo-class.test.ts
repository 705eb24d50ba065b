import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Accounts } from "../../src/auth/accounts.ts";
import { createDemoClass } from "../../src/auth/demo-class.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";

describe("the demo class", () => {
  let fixture: TestDatabase;
  let accounts: Accounts;
  let directory: string;
  let file: string;

  beforeEach(async () => {
    fixture = await testDatabase();
    accounts = new Accounts({
      database: fixture.database,
      hasher: new PasswordHasher({ cost: 4 }),
      passwordLength: 10,
    });
    directory = await mkdtemp(join(tmpdir(), "classh-demo-"));
    file = join(directory, "first-login.txt");
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  it("is six accounts whose passwords are in a file that only we can read", async () => {
    const created = await createDemoClass(accounts, file, { demo: true });
    const lines = (await readFile(file, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" "));
    assert.deepEqual(
      lines.map(([username, , role]) => `${username} ${role}`),
      ["admin admin", "prof professor", "tia ta", "ada student", "alan student", "grace student"],
    );
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(directory), ["first-login.txt"]);
    assert.deepEqual(
      created.map(({ password }) => password),
      lines.map(([, password]) => password),
    );
    for (const [username = "", password = ""] of lines) {
      assert.ok((await accounts.verifyPassword(username, password))?.mustChangePassword, username);
    }
  });

  it("is only the admin when no demo is wanted", async () => {
    await createDemoClass(accounts, file, { demo: false });
    assert.deepEqual(
      (await accounts.list()).map(({ username }) => username),
      ["admin"],
    );
  });

  it("leaves accounts and file alone when there are accounts already", async () => {
    await createDemoClass(accounts, file, { demo: false });
    await writeFile(file, "unchanged");
    assert.deepEqual(await createDemoClass(accounts, file, { demo: true }), []);
    assert.equal(await readFile(file, "utf8"), "unchanged");
    assert.equal((await accounts.list()).length, 1);
  });

  it("is made once by several starters at the same moment, and the file is that one's", async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => createDemoClass(accounts, file, { demo: true })));
    assert.deepEqual(
      made.map(({ length }) => length).toSorted((a, b) => a - b),
      [0, 0, 0, 6],
    );
    const [, password = ""] = (await readFile(file, "utf8")).split("\n")[0]?.split(" ") ?? [];
    assert.ok(await accounts.verifyPassword("admin", password));
  });

  it("makes no accounts when the passwords cannot be written", async () => {
    await chmod(directory, 0o500);
    await assert.rejects(createDemoClass(accounts, file, { demo: true }), { code: "EACCES" });
    await chmod(directory, 0o700);
    assert.deepEqual(await accounts.list(), []);
  });
});

/** Backups of a server at work, read back, and restored as another server. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, open, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Backups } from "../../src/backup/backups.ts";
import { createBackup } from "../../src/backup/create.ts";
import { restoreBackup } from "../../src/backup/restore.ts";
import { superfluous } from "../../src/backup/store.ts";
import { verifyBackup } from "../../src/backup/verify.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { migrateTo } from "../../src/db/copy-database.ts";
import { knownMigrations } from "../../src/db/migrate.ts";
import { loadSettings } from "../../src/config/load.ts";
import { start } from "../../src/server/main.ts";
import { emptyDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
import { runSshClient } from "../support/ssh-clients.ts";

const run = promisify(execFile);

const refusal = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof UserError && error.code === code && words.test(`${error.message} ${error.hint ?? ""}`);

describe("a backup", () => {
  let server: TestServer;
  let place: string;
  let file: string;

  before(async () => {
    place = await mkdtemp(join(tmpdir(), "classh-backups-"));
    server = await testServer({ "backup.directory": join(place, "kept"), "backup.daily": "" });
    for (const [name, role] of [
      ["ada", "student"],
      ["alan", "student"],
      ["liskov", "professor"],
      ["hopper", "admin"],
    ] as const)
      await server.add(name, role, role === "student" ? "A" : undefined);
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(place, "key")]);
    await server.server.services.accounts.addKey("ada", await readFile(join(place, "key.pub"), "utf8"));
    await mkdir(join(server.home("ada"), "odd\n näme"));
    await writeFile(join(server.home("ada"), "odd\n näme/a.py"), "saved = True\n");
    await writeFile(join(server.data, "files/Lecture Notes/note.md"), "a\ttab \\ and a line\n");
    await server.run("liskov", "message ada 'with \\ and\ttabs'");
    await using ada = await server.connect("ada");
    await ada.wait("welcome.py");
    ada.type("# not saved yet ");
    await ada.wait("# not saved yet");
    await eventually(async () =>
      (await readdir(join(server.data, "recovery"), { recursive: true }).catch(() => [])).some((name) =>
        /ada\/./.test(name),
      ),
    );
    const made = await server.run("hopper", "backup create --json");
    assert.equal(made.status, 0, made.stderr);
    file = (JSON.parse(made.stdout) as { file: string }).file;
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(place, { recursive: true, force: true });
  });

  /** Restores into a new directory. */
  const restore = async (options: Partial<Parameters<typeof restoreBackup>[0]> = {}) =>
    await restoreBackup({
      file,
      identity: undefined,
      data: join(place, "unused"),
      databaseUrl: "",
      binaries: "",
      version: "test",
      log: silentLog,
      ...options,
    });

  it("is listed, and read back whole, by admins only", async () => {
    const listed = JSON.parse((await server.run("hopper", "backup list --json")).stdout) as {
      backups: { file: string }[];
    };
    assert.deepEqual(
      listed.backups.map((backup) => backup.file),
      [file],
    );
    const verified = await server.run("hopper", `backup verify ${file.split("/").at(-1)}`);
    assert.equal(verified.status, 0, verified.stderr);
    assert.match(verified.stdout, /is good: classh/);
    for (const user of ["ada", "liskov"]) assert.equal((await server.run(user, "backup list")).status, 3);
    assert.deepEqual((await readdir(join(place, "kept"))).length, 1, "nothing half made stays");
    const [entry] = await server.server.services.audit.list({ action: "backup.create" });
    assert.equal(entry?.actor, "hopper");
  });

  for (const database of ["the embedded database", "a database elsewhere"]) {
    it(`becomes a server in which everything is as it was, with ${database}`, async () => {
      const elsewhere = database === "a database elsewhere" ? await emptyDatabase() : undefined;
      const data = join(place, `new-${elsewhere ? 1 : 0}`);
      try {
        await restore({ data, databaseUrl: elsewhere?.url ?? "" });
        assert.equal(await readFile(join(data, "files/Local/ada/odd\n näme/a.py"), "utf8"), "saved = True\n");
        const flags = {
          data,
          listen: "127.0.0.1:0",
          "database.url": elsewhere?.url ?? "",
          "cluster.workers": 1,
          initialPasswordChange: false,
        };
        await using again = await start({
          settings: loadSettings({ environment: {}, flags }),
          demo: false,
          log: silentLog,
        });
        const target = { host: "127.0.0.1", port: again.port, fingerprint: server.server.fingerprint, user: "ada" };
        assert.equal(again.fingerprint, server.server.fingerprint);
        const byPassword = await runSshClient("plink", { ...target, password: passwordOf("ada"), command: "whoami" });
        assert.equal(byPassword.status, 0, byPassword.stderr);
        const byKey = await runSshClient("openssh", { ...target, keyFile: join(place, "key"), command: "inbox" });
        assert.match(byKey.stdout, /with \\ and/);
        const { audit, accounts } = again.services;
        assert.ok((await audit.list({ action: "login", user: "liskov" })).length > 0);
        const admin = await runSshClient("openssh", {
          ...target,
          user: "hopper",
          password: passwordOf("hopper"),
          command: "audit verify",
        });
        assert.equal(admin.status, 0, admin.stdout);
        // The next account gets the next number.
        const { account } = await accounts.add({ username: "fresh", role: "student" });
        assert.ok(account.id > ((await accounts.find("hopper"))?.id ?? Infinity));
        assert.ok((await readdir(join(data, "recovery"), { recursive: true })).some((name) => /ada\/./.test(name)));
      } finally {
        await elsewhere?.[Symbol.asyncDispose]();
      }
    });
  }

  it("is not restored over anything", async () => {
    const data = join(place, "full");
    await mkdir(data);
    await writeFile(join(data, "x"), "");
    await assert.rejects(restore({ data }), refusal("data-in-use", /not an empty directory.*new directory/));
    assert.deepEqual(await readdir(data), ["x"]);
    await using used = await emptyDatabase();
    await used.database.query("CREATE TABLE theirs (a int)");
    await assert.rejects(restore({ databaseUrl: used.url }), refusal("data-in-use", /database is not empty/));
    assert.deepEqual(await readdir(join(place, "unused")), []);
  });

  for (const [what, damage] of [
    [
      "truncated",
      async (path: string) => {
        const handle = await open(path, "r+");
        await handle.truncate(Math.floor((await handle.stat()).size * 0.7));
        await handle.close();
      },
    ],
    [
      "edited",
      async (path: string) => {
        // Within the largest member: between members there is padding, which is nobody's.
        const start = (await readFile(path)).indexOf("data.tar.gz") + 512;
        const handle = await open(path, "r+");
        await handle.write(Buffer.from("edited"), 0, 6, start + 200);
        await handle.close();
      },
    ],
    ["no backup at all", async (path: string) => await writeFile(path, "hello")],
    ["empty", async (path: string) => await writeFile(path, "")],
  ] as const)
    it(`is refused when it is ${what}, and leaves nothing behind`, async () => {
      const bad = join(place, `classh-${what.replaceAll(" ", "-")}.tar`);
      await copyFile(file, bad);
      await damage(bad);
      const verified = await verifyBackup(bad).catch((error: unknown) => error);
      assert.ok(verified instanceof UserError || (verified as { problems: string[] }).problems.length > 0);
      await assert.rejects(restore({ file: bad }), refusal("backup-unusable", /./));
      assert.deepEqual(await readdir(join(place, "unused")), []);
    });

  it("of a newer classh is refused with the versions", async () => {
    const folder = join(place, "newer");
    await mkdir(folder);
    await run("tar", ["-xf", file, "-C", folder]);
    const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as {
      version: string;
      database: { migrations: string[] };
    };
    manifest.version = "9.9.9";
    manifest.database.migrations.push("9999_future");
    await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
    const newer = join(place, "newer.tar");
    await run("tar", ["-cf", newer, "-C", folder, "manifest.json", "database", "data.tar.gz"]);
    await assert.rejects(
      restore({ file: newer }),
      refusal("backup-unusable", /newer classh \(9\.9\.9; this is test\)/),
    );
  });

  it("of an older classh is brought up to date", async () => {
    await using old = await emptyDatabase();
    // As before the host keys and the names that accounts had were noted.
    const migrations = (await knownMigrations()).filter((name) => name < "0009");
    await migrateTo(migrations, old.url, silentLog);
    await old.database.query("INSERT INTO users (username, role, password_hash) VALUES ('eve', 'student', 'x')");
    const source = { data: server.data, databaseUrl: old.url, version: "older", server: "test" };
    const made = await createBackup(
      source,
      { directory: join(place, "older"), recipient: "" },
      { now: Date.now(), log: silentLog },
    );
    await using database = await emptyDatabase();
    await restore({ file: made.file, data: join(place, "from-older"), databaseUrl: database.url });
    const [row] = await database.database.query<{ users: number; store: string; names: string }>(
      "SELECT (SELECT count(*)::int FROM users) AS users, (SELECT store FROM users) AS store, to_regclass('former_names')::text AS names",
    );
    assert.deepEqual(row, { users: 1, store: "embedded", names: "former_names" });
  });

  it("can be encrypted, and then needs the private key", async () => {
    const { stdout, stderr } = await run("age-keygen", ["-o", join(place, "identity")]);
    const recipient = /age1\w+/.exec(stdout + stderr)?.[0] ?? assert.fail("no key");
    const { url } = server.server.services.settings.database;
    const source = { data: server.data, databaseUrl: url, version: "test", server: "test" };
    const made = await createBackup(
      source,
      { directory: join(place, "secret"), recipient },
      { now: Date.now(), log: silentLog },
    );
    assert.match(made.file, /\.tar\.age$/);
    assert.equal((await readFile(made.file)).includes("manifest.json"), false);
    await assert.rejects(restore({ file: made.file }), refusal("backup-unusable", /encrypted.*--identity/));
    await using database = await emptyDatabase();
    const identity = join(place, "identity");
    await restore({ file: made.file, identity, data: join(place, "decrypted"), databaseUrl: database.url });
  });

  it("brings one person's files back beside those that they have", async () => {
    await rm(join(server.home("ada"), "odd\n näme"), { recursive: true });
    await writeFile(join(server.home("ada"), "welcome.py"), "newer\n");
    const { status, stdout, stderr } = await server.run("hopper", `backup restore ${file} --only ada --json`);
    assert.equal(status, 0, stderr);
    const { folder } = JSON.parse(stdout) as { folder: string };
    assert.equal(await readFile(join(server.home("ada"), folder, "odd\n näme/a.py"), "utf8"), "saved = True\n");
    assert.equal(await readFile(join(server.home("ada"), "welcome.py"), "utf8"), "newer\n");
    const [entry] = await server.server.services.audit.list({ action: "backup.restore" });
    assert.equal(entry?.subject, "ada");
    const unknown = await server.run("hopper", `backup restore ${file} --only nobody`);
    assert.equal(unknown.status, 4);
    assert.deepEqual((await readdir(join(place, "kept"))).length, 1);
  });

  it("has no place in the data directory, and none without a setting", () => {
    const source = { data: server.data, databaseUrl: "", version: "", server: "" };
    for (const directory of [join(server.data, "backups"), server.data, ""]) {
      const settings = { directory, daily: "", keep: { daily: 7, weekly: 4 }, recipient: "" };
      const backups = new Backups({
        settings,
        source,
        claim: () => Promise.resolve(undefined),
        daily: false,
        attempted: () => Promise.resolve(),
        clock: new FakeClock(),
        log: silentLog,
      });
      assert.throws(() => backups.directory, refusal("bad-setting", /inside the data directory|no place for backups/));
    }
  });

  it("is made each day, and its failure is told until one succeeds", async () => {
    const clock = new FakeClock();
    const directory = join(place, "daily");
    const { url } = server.server.services.settings.database;
    const results: { readonly file?: string; readonly failure?: string }[] = [];
    const free = { [Symbol.asyncDispose]: () => Promise.resolve() };
    const source = { data: join(place, "small"), databaseUrl: url, version: "test", server: "test" };
    await mkdir(source.data);
    await using backups = new Backups({
      settings: { directory, daily: "00:10", keep: { daily: 2, weekly: 1 }, recipient: "" },
      source,
      claim: () => Promise.resolve(free),
      daily: true,
      attempted: async (result) => void results.push(result),
      clock,
      log: silentLog,
    });
    clock.advance(9 * 60_000);
    await writeFile(directory, "a file in the way");
    clock.advance(2 * 60_000);
    await eventually(() => results.length === 1);
    assert.ok(results[0]?.failure);
    assert.match((await backups.trouble()) ?? "", /^the backup of 2026-01-01T00:1\d.* failed: /);
    await rm(directory);
    await mkdir(join(directory, "classh-20251231T000000Z.tar.staging"), { recursive: true });
    await mkdir(join(directory, "verifying-abc123"));
    await utimes(join(directory, "verifying-abc123"), new Date(0), new Date(0));
    clock.advance(11 * 60_000);
    await eventually(() => results.length === 2);
    assert.ok(
      (await readdir(directory)).every((name) => /^classh-.*\.tar$/.test(name)),
      "what a killed server left is gone",
    );
    for (let day = 1; day < 4; day++) {
      clock.advance(24 * 3_600_000);
      await eventually(() => {
        clock.advance(30_000); // its next look at the time
        return results.length === 2 + day;
      });
    }
    assert.ok(results.slice(1).every(({ failure }) => failure === undefined));
    assert.equal(await backups.trouble(), undefined);
    assert.ok((await readdir(directory)).length <= 3);
    await rm(directory, { recursive: true });
    assert.match((await backups.trouble()) ?? "", /no backup yet|hours old/);
    await writeFile(directory, "a file in the way");
    assert.equal(await backups.trouble(), "the backups can't be listed: ENOTDIR");
  });

  it("is kept by days and weeks, and the newest always", () => {
    const at = (time: string) => ({ name: time, file: time, bytes: 0, encrypted: false, madeAt: new Date(time) });
    const backups = [
      "2026-11-30T04:00Z",
      "2026-11-30T03:00Z",
      "2026-11-29T03:00Z",
      "2026-11-28T03:00Z",
      "2026-11-22T03:00Z",
      "2026-11-21T03:00Z",
      "2026-11-15T03:00Z",
    ].map(at);
    const gone = (keep: { daily: number; weekly: number }): readonly string[] =>
      superfluous(backups, keep).map(({ name }) => name);
    assert.deepEqual(gone({ daily: 2, weekly: 3 }), [
      "2026-11-30T03:00Z",
      "2026-11-28T03:00Z",
      "2026-11-21T03:00Z",
      "2026-11-15T03:00Z",
    ]);
    assert.deepEqual(gone({ daily: 1, weekly: 0 }).length, 6);
    assert.deepEqual(gone({ daily: 100, weekly: 0 }), ["2026-11-30T03:00Z"]);
  });
});

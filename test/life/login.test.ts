/** The life of a login: ssh/server, authentication, audit, session, screen or command. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { clientHome, sshClients } from "../support/ssh-clients.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
import { openTerminalClient } from "../support/terminal-client.ts";

describe("the life of a login", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ initialPasswordChange: true });
    await server.add("ada");
    await server.add("prof", "professor");
  });
  after(() => server[Symbol.asyncDispose]());

  it("leads from the password to the IDE, and back to the person's own terminal", async () => {
    await using ada = await server.connect("ada");
    await ada.wait("F1 Help");
    await ada.wait(() => ada.title() === "ada@classh: welcome.py");
    assert.equal(ada.alternate(), true);
    assert.equal(server.server.services.sessions.sessions.length, 1);
    ada.press("Ctrl-Q");
    assert.equal(await ada.exited, 0);
    assert.equal(ada.alternate(), false);
    assert.match(ada.screen().join("\n"), /Goodbye, ada/);
  });

  for (const client of sshClients) {
    it(`runs a command for ${client}, with its exit status`, async () => {
      const good = await server.run("ada", "whoami --json", "", client);
      assert.equal(good.status, 0, good.stderr);
      assert.equal(JSON.parse(good.stdout).username, "ada");
      const bad = await server.run("ada", "user list", "", client);
      assert.equal(bad.status, 3);
      assert.match(bad.stderr, /classh: your role \(student\) does not allow "user list"/);
    });
  }

  for (const term of ["dumb", "unknown", "emacs"]) {
    it(`tells whoever has TERM=${term} that the IDE needs a terminal, and how to get one; commands work`, async () => {
      const { args, env } = await server.ssh("ada");
      await using ada = openTerminalClient("ssh", ["-tt", ...args], { env: { ...env, TERM: term } });
      assert.notEqual(await ada.exited, 0);
      const said = ada.screen().join("\n");
      assert.match(said, /needs a full terminal/);
      assert.match(said, /ssh -t/);
      assert.equal(ada.alternate(), false);
      await using whoami = openTerminalClient("ssh", ["-tt", ...args, "whoami"], { env: { ...env, TERM: term } });
      assert.equal(await whoami.exited, 0);
      assert.match(whoami.screen().join("\n"), /ada/);
      assert.ok(!whoami.screen().join("").includes("\u001b"));
    });
  }

  it("is in the audit trail, also when it failed", async () => {
    const { audit } = server.server.services;
    const wrong = await server.ssh("ada", "not the password");
    const client = openTerminalClient("ssh", [...wrong.args, "whoami"], { env: wrong.env });
    assert.equal(await client.exited, 255);
    await client.close();
    const entries = await audit.list({ action: "login" });
    assert.ok(entries.some(({ actor, result }) => actor === "ada" && result === "failed"));
    assert.ok(entries.some(({ actor, result }) => actor === "ada" && result === "ok"));
  });

  it("asks for a new password once, during authentication, before anything else", async () => {
    const { password } = await server.server.services.accounts.add({ username: "grace", role: "student" });
    // OpenSSH shows what the server says above its questions at its default log level.
    const args = (await server.ssh("grace")).args.map((word) => (word === "LogLevel=ERROR" ? "LogLevel=INFO" : word));
    await using grace = openTerminalClient("ssh", ["-t", ...args]);
    await grace.wait("Password:");
    grace.type(`${password}\r`);
    await grace.wait("New password:");
    grace.type("short\r");
    await grace.wait(/has 5 characters[^]*New password:/);
    grace.type(`${passwordOf("grace")}\r`);
    await grace.wait((screen) => screen.filter((line) => line.includes("again:")).length === 1);
    grace.type(`${passwordOf("grace")}\r`);
    await grace.wait("F1 Help");
    const later = await server.run("grace", "whoami");
    assert.equal(later.status, 0, later.stderr);
  });

  it("asks for a new password on the first screen where the client can't be asked", async () => {
    const { password } = await server.server.services.accounts.add({ username: "alan", role: "student" });
    const { args } = await server.ssh("alan");
    const options = ["-o", "PreferredAuthentications=password", ...args];
    await using alan = openTerminalClient("ssh", ["-t", ...options], { env: (await server.ssh("alan", password)).env });
    await alan.wait(/New password/);
    alan.type("four words make it good\t");
    alan.type("four words make it good\r");
    await alan.wait("Welcome, alan!");
    assert.equal((await server.server.services.accounts.find("alan"))?.mustChangePassword, false);
  });

  it("refuses commands before the initial password was changed, passwd excepted", async () => {
    const { password } = await server.server.services.accounts.add({ username: "emmy", role: "student" });
    const { args, env } = await server.ssh("emmy", password);
    const options = ["-o", "PreferredAuthentications=password", ...args];
    await using run = openTerminalClient("ssh", [...options, "run welcome.py"], { env });
    assert.equal(await run.exited, 3);
    assert.match(run.screen().join("\n"), /have to change your initial password/);
    await using passwd = openTerminalClient("ssh", [...options, "passwd"], { env });
    passwd.type(`${password}\r${passwordOf("emmy")}\r${passwordOf("emmy")}\r`);
    assert.equal(await passwd.exited, 0);
    assert.equal((await server.run("emmy", "whoami")).status, 0);
  });

  it("by key, added over exec from standard input", async () => {
    await using home = await clientHome();
    const file = join(home.directory, "id");
    const made = openTerminalClient("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    assert.equal(await made.exited, 0);
    await made.close();
    const added = await server.run("ada", "key add --json", await readFile(`${file}.pub`));
    assert.equal(added.status, 0, added.stderr);
    const { fingerprint } = JSON.parse(added.stdout);
    const args = (await server.ssh("ada")).args.map((word) =>
      word === "PubkeyAuthentication=no" ? `IdentityFile=${file}` : word,
    );
    const client = openTerminalClient("ssh", ["-o", "BatchMode=yes", ...args, "key list"]);
    assert.equal(await client.exited, 0, client.dump());
    assert.ok(client.screen().join("").includes(fingerprint.slice(0, 20)));
    await client.close();
    assert.equal((await server.run("ada", `key remove ${fingerprint}`)).status, 0);
    assert.equal((await server.run("ada", `key remove ${fingerprint}`)).status, 4);
  });

  it("of a disabled account ends with a sentence, and so does its running session", async () => {
    await server.add("mary");
    await using mary = await server.connect("mary");
    await mary.wait("F1 Help");
    await server.add("root-admin", "admin");
    assert.equal((await server.run("root-admin", "user disable mary")).status, 0);
    assert.equal(await mary.exited, 0);
    assert.match(mary.screen().join("\n"), /Your account was disabled/);
    const args = (await server.ssh("mary")).args.map((word) => (word === "LogLevel=ERROR" ? "LogLevel=INFO" : word));
    await using again = openTerminalClient("ssh", ["-t", ...args]);
    await again.wait("Password:");
    again.type(`${passwordOf("mary")}\r`);
    await again.wait(/account mary is disabled/);
  });
});

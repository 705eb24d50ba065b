/** Accounts that another system keeps: logins over real connections, with a real login program (auth.external). */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "../support/eventually.ts";
import { newKeyPair } from "../support/key-pair.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
import { clientHome, runSshClient, type SshClient, type SshResult } from "../support/ssh-clients.ts";
import { openTerminalClient } from "../support/terminal-client.ts";

const program = fileURLToPath(new URL("../auth/external/programs/login.py", import.meta.url));
const right = "right-password";
const roleChanged = (): Promise<void> => Promise.resolve();

describe("accounts of another system", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({
      "auth.external.command": ["/usr/bin/python3", program],
      "auth.external.createAccounts": true,
      "auth.external.instruction": "Your school password, or just Enter for a code.",
      "auth.external.passwordHelp": "Change it at https://id.school.example.",
    });
    // Of this server itself, whatever the program would say or do.
    for (const name of ["target", "die", "sluggish"]) await server.add(name);
    await server.add("root-admin", "admin");
  });
  after(() => server[Symbol.asyncDispose]());

  function run(user: string, password: string, command = "whoami --json", client: SshClient = "openssh") {
    const { port, fingerprint } = server.server;
    return runSshClient(client, { host: "127.0.0.1", port, fingerprint, user, password, command });
  }

  /** What ssh shows in a terminal of whom it asks. */
  async function inTerminal(username: string) {
    const args = (await server.ssh(username)).args.map((word) => (word === "LogLevel=ERROR" ? "LogLevel=INFO" : word));
    return openTerminalClient("ssh", ["-t", ...args, "whoami"]);
  }

  const find = (username: string) => server.server.services.accounts.find(username);

  async function audited(username: string, action: string) {
    return await server.server.services.audit.list({ user: username, action });
  }

  it("are made at the first login, with what the program says, and are the same at the next", async () => {
    for (const client of ["openssh", "paramiko"] as const) {
      const first = await run("Ada", right, "whoami --json", client);
      assert.equal(first.status, 0, first.stderr);
      const { username, name, section, role } = JSON.parse(first.stdout);
      assert.deepEqual([username, name, section, role], ["ada", "ada Elsewhere", "A", "student"]);
    }
    const account = await find("ada");
    assert.deepEqual([account?.store, account?.mustChangePassword], ["external", false]);
    const added = await audited("ada", "user.add");
    assert.equal(added.length, 1);
    assert.equal(added[0]?.actor, "system");
    const [login] = await audited("ada", "login");
    assert.equal(login?.detail?.store, "external");
  });

  it("are refused with a wrong password, and no account is made", async () => {
    const { status, stderr } = await run("grace", "wrong");
    assert.equal(status, 255);
    assert.match(stderr, /Permission denied/);
    assert.equal(await find("grace"), undefined);
    assert.equal((await audited("grace", "login"))[0]?.result, "failed");
  });

  it("of staff teach the sections that the program names", async () => {
    assert.equal((await run("prof", right)).status, 0);
    const account = await find("prof");
    assert.deepEqual([account?.role, account?.section, account?.sections], ["professor", "A", ["A", "B"]]);
  });

  it("get no role, name or section that the rules don't allow", async () => {
    for (const [name, why] of [
      ["boss", /role admin is not one/],
      ["badname", /can't be a user name/],
      ["badsection", /can't be the name of a section/],
      ["invisible", /invisible characters/],
    ] as const) {
      await using client = await inTerminal(name);
      await client.wait("Password:");
      client.type(`${right}\r`);
      await client.wait((screen) => why.test(screen.map((line) => line.trimEnd()).join(" ")));
      assert.equal(await find(name), undefined);
    }
  });

  it("never become an account of this server itself", async () => {
    await using client = await inTerminal("alias");
    await client.wait("Password:");
    client.type(`${right}\r`);
    await client.wait(/target belongs to an account of this server/);
    assert.equal((await find("target"))?.store, "embedded");
    assert.equal((await run("target", right)).status, 255);
    assert.equal((await run("target", passwordOf("target"))).status, 0);
  });

  it("do not keep this server's own out: the program is not asked about them", async () => {
    const { external } = server.server.services;
    assert.equal((await run("die", passwordOf("die"))).status, 0);
    assert.equal((await run("die", "wrong")).status, 255);
    assert.equal(external?.trouble, undefined);
  });

  it("can be asked more: several prompts below an instruction", async () => {
    await using client = await inTerminal("device2");
    await client.wait(/Your school password, or just Enter for a code\.[^]*Password:/);
    client.type("\r");
    await client.wait(/Open https:\/\/id\.school\.example\/device and enter WDJB-MJHT\.[^]*Name of your phone:/);
    client.type("phone\r");
    await client.wait(/phone: phone[^]*Code:/);
    client.type("123456\r");
    assert.equal(await client.exited, 0, client.dump());
    assert.match(client.screen().join("\n"), /user: +device2/);
    assert.ok(!client.screen().join("").includes("123456"));
  });

  it("can be let in elsewhere, in a browser, while the client only waits", async () => {
    await using client = await inTerminal("browser");
    await client.wait("Password:");
    client.type("\r");
    await client.wait("WDJB-MJHT");
    assert.equal(await client.exited, 0, client.dump());
    assert.match(client.screen().join("\n"), /user: +browser/);
    // A client that can't be asked.
    assert.notEqual((await run("browser", "", "whoami", "paramiko")).status, 0);
  });

  it("say where the password is changed", async () => {
    await run("ada", right);
    const { status, stderr } = await run("ada", right, "passwd");
    assert.equal(status, 3);
    assert.match(stderr, /your password is not kept on this server\s+Change it at https:\/\/id\.school\.example/);
    const reset = await server.run("root-admin", "user reset-password ada");
    assert.equal(reset.status, 3);
    assert.match(reset.stderr, /not kept here: ada/);
  });

  it("say so on the screen", async () => {
    await using ada = await server.connect("ada", { password: right });
    await ada.wait("F1 Help");
    ada.press("Ctrl-P");
    ada.type("Change your password");
    await ada.wait(/> ?Change your password|Change your password/);
    ada.press("Enter");
    await ada.wait(/not kept on this server/);
  });

  it("that are disabled learn it only with the right password", async () => {
    await run("mary", right);
    assert.equal((await server.run("root-admin", "user disable mary")).status, 0);
    await using client = await inTerminal("mary");
    await client.wait("Password:");
    client.type(`${right}\r`);
    await client.wait(/account mary is disabled/);
    assert.doesNotMatch((await run("mary", "wrong")).stderr, /disabled/);
  });

  it("log in by a key of theirs as long as the program agrees", async () => {
    await using home = await clientHome();
    const keyFile = join(home.directory, "id");
    const pair = newKeyPair();
    await writeFile(keyFile, pair.private, { mode: 0o600 });
    const { port, fingerprint } = server.server;
    const byKey = (user: string): Promise<SshResult> =>
      runSshClient("openssh", { host: "127.0.0.1", port, fingerprint, user, keyFile, command: "whoami" });
    assert.equal((await byKey("nobody-yet")).status, 255);
    assert.equal(await find("nobody-yet"), undefined);
    for (const name of ["gone", "ada", "target"]) {
      if (name !== "target") assert.equal((await run(name, right)).status, 0);
      await server.server.services.accounts.addKey(name, pair.public);
    }
    assert.equal((await byKey("ada")).status, 0);
    assert.equal((await byKey("target")).status, 0);
    assert.equal((await byKey("gone")).status, 255);
    assert.equal((await server.run("root-admin", "user disable ada")).status, 0);
    assert.equal((await byKey("ada")).status, 255);
    assert.equal((await server.run("root-admin", "user enable ada")).status, 0);
  });

  it("move between the stores, with a new password here", async () => {
    await run("emmy", right);
    const moved = await server.run("root-admin", "user set emmy --store embedded");
    assert.equal(moved.status, 0, moved.stderr);
    assert.equal((await run("emmy", right)).status, 255);
    const reset = await server.run("root-admin", "user reset-password emmy --json");
    const { password } = JSON.parse(reset.stdout);
    assert.equal((await run("emmy", password)).status, 0);
    assert.equal((await server.run("root-admin", "user set emmy --store external")).status, 0);
    assert.equal((await run("emmy", password)).status, 255);
    assert.equal((await run("emmy", right)).status, 0);
    assert.equal((await audited("emmy", "user.set"))[0]?.detail?.fields, "store");
  });

  it("can't be told from this server's own: the same time, and the same questions", async () => {
    const { external } = server.server.services;
    assert.ok(external);
    const origin = { path: ["", "", ""], known: true, failures: 0 };
    const began = performance.now();
    await external.password({ username: "sluggish", password: "wrong", address: "192.0.2.1", origin, roleChanged });
    assert.ok(performance.now() - began >= 1000);
    let pauses = 0;
    const pause = external.pauseAsRefused.bind(external);
    external.pauseAsRefused = () => {
      pauses += 1;
      return pause();
    };
    await run("target", "wrong");
    assert.ok(pauses > 0);
    await server.add("device");
    await using client = await inTerminal("device");
    await client.wait("Password:");
    client.type("\r");
    await client.wait("Name of your phone:");
    client.type("phone\r");
    await client.wait("Code:");
    client.type("123456\r");
    await client.wait(/device belongs to an account of this server/);
  });

  it("are away while the program does not run, and this server's own come in", async () => {
    const { external } = server.server.services;
    assert.equal((await run("unsure", right)).status, 255);
    assert.ok(external?.trouble);
    await using client = await inTerminal("target");
    await client.wait("Password:");
    client.type(`${passwordOf("target")}\r`);
    assert.equal(await client.exited, 0);
    // Somebody who guesses at names reads the same about both.
    for (const name of ["unsure", "target"]) {
      await using guess = await inTerminal(name);
      await guess.wait("Password:");
      guess.type("wrong\r");
      await guess.wait(/only accounts of this server/);
    }
    const doctor = JSON.parse((await server.run("root-admin", "doctor --json")).stdout);
    const check = doctor.checks.find(({ name }: { name: string }) => name === "login program");
    assert.deepEqual(check, { name: "login program", ok: false, detail: "the directory is away" });
  });
});

describe("accounts of another system that an admin adds", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({
      "auth.external.command": ["/usr/bin/python3", program],
      "auth.external.updateAccounts": true,
    });
    await server.add("root-admin", "admin");
    await server.add("tia", "professor", "A");
  });
  after(() => server[Symbol.asyncDispose]());

  function run(user: string) {
    const { port, fingerprint } = server.server;
    return runSshClient("openssh", {
      host: "127.0.0.1",
      port,
      fingerprint,
      user,
      password: right,
      command: "whoami --json",
    });
  }

  it("are the only ones that come in, and follow what the program says", async () => {
    assert.equal((await run("prof")).status, 255);
    assert.equal(await server.server.services.accounts.find("prof"), undefined);
    const added = await server.run("root-admin", "user add prof --store external --name Old");
    assert.equal(added.status, 0, added.stderr);
    assert.doesNotMatch(added.stdout, /Initial password/);
    const { stdout, stderr } = await run("prof");
    const { role, name } = JSON.parse(stdout || stderr);
    assert.deepEqual([role, name], ["professor", "Prof. X"]);
    const account = await server.server.services.accounts.find("prof");
    assert.deepEqual(account?.sections, ["A", "B"]);
  });

  for (const way of ["password", "key"] as const)
    it(`with a new role lose what is open with the old one, at a login by ${way}`, async () => {
      const { accounts, sessions } = server.server.services;
      if (!(await accounts.find("prof"))) await server.run("root-admin", "user add prof --store external");
      await using home = await clientHome();
      const keyFile = join(home.directory, "id");
      const pair = newKeyPair();
      await writeFile(keyFile, pair.private, { mode: 0o600 });
      await accounts.addKey("prof", pair.public);
      const { port, fingerprint } = server.server;
      await using screen = openTerminalClient("ssh", ["-t", ...(await server.ssh("prof")).args]);
      await screen.wait(/[Pp]assword:/);
      screen.type(`${right}\r`);
      await screen.wait("welcome.py");
      assert.equal(sessions.of("prof").length, 1);
      // As if the program had said so at an earlier login.
      await accounts.changes.set("prof", { role: "ta" });
      if (way === "password") await run("prof");
      else
        await runSshClient("openssh", {
          host: "127.0.0.1",
          port,
          fingerprint,
          user: "prof",
          keyFile,
          command: "whoami",
        });
      await screen.wait(/Your role is now professor/);
      await eventually(() => sessions.of("prof").length === 0);
      assert.equal((await accounts.find("prof"))?.role, "professor");
    });

  it("are added by admins only", async () => {
    const { status } = await server.run("tia", "user add eve --section A --store external");
    assert.equal(status, 3);
    assert.equal((await server.run("tia", "user set root-admin --store external")).status, 3);
  });

  it("can't come in where there is no program", async () => {
    await using plain = await testServer();
    await plain.server.services.accounts.addExternal({ username: "ada", role: "student" });
    assert.equal((await plain.run("ada", "whoami")).status, 255);
  });
});

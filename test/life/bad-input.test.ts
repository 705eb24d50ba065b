/** What a person or a network does wrong gets a clear answer over a real ssh, and nothing is lost. */
import assert from "node:assert/strict";
import { readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { start } from "../../src/server/main.ts";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";

describe("bad input over ssh", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ "limits.runsPerMinute": 100 });
    await server.add("ada");
    await server.add("boss", "admin");
  });
  after(() => server[Symbol.asyncDispose]());

  const file = (name: string): string => join(server.home("ada"), name);
  const sessions = () => server.server.services.sessions.sessions;
  const nobodyHere = (): Promise<void> =>
    eventually(() => sessions().every(({ attendance }) => attendance.attachments.length === 0));

  /** Runs a command as ada; its standard error must say all of `words`. */
  async function refused(command: string, status: number, ...words: readonly RegExp[]): Promise<void> {
    const result = await server.run("ada", command);
    for (const word of words) assert.match(result.stderr, word);
    assert.equal(result.status, status, `${command}: ${result.stderr}`);
    assert.equal(result.stdout, "");
    // Nothing that a person reads may hold a stack or a path of the server.
    assert.doesNotMatch(result.stderr, /\.ts:|\.js:|node_modules|classh-server-/);
  }

  /** Opens a file by name in the IDE. */
  async function open(ada: TerminalClient, name: string): Promise<void> {
    await ada.wait("F1 Help");
    ada.press("Ctrl-O");
    await ada.wait(/Open/);
    ada.type(`${name}\r`);
  }

  it("an unknown command, wrong usage and quotes that do not close", async () => {
    await refused("usr list", 2, /no command "usr"/, /help/);
    await refused("user", 2, /one more word/, /user list/);
    await refused("user frobnicate", 2, /no command "user frobnicate"/);
    await refused("whoami now", 2, /unexpected argument "now"/, /Usage: whoami/);
    await refused("whoami --jsno", 2, /jsno/, /Usage: whoami/);
    await refused("run 'a", 2, /quote is not closed/);
    await refused("user add x", 3, /your role \(student\) does not allow/);
  });

  it("errors are one document for scripts that ask for JSON", async () => {
    const result = await server.run("boss", "user show nobody --json");
    assert.equal(result.status, 4);
    const { error } = JSON.parse(result.stderr.trim().split("\n").at(-1) ?? "");
    assert.equal(error.code, "user-not-found");
    assert.ok(error.message && "hint" in error);
  });

  it("a command line that is too long", async () => {
    const result = await server.run("ada", `run ${"x".repeat(30_000)}`);
    assert.equal(result.status, 2);
    assert.match(result.stderr, /too long/);
  });

  it("a command of more than one packet: the connection ends, but not without a word", async () => {
    const result = await server.run("ada", `message liskov ${"x".repeat(120_000)}`);
    assert.equal(result.status, 255);
    assert.match(
      result.stderr,
      /This command is too long: the limit is 16384 characters\. Send longer input through standard input\./,
    );
    assert.equal((await server.run("ada", "whoami")).status, 0);
  });

  it("a missing file, a binary, one that is not UTF-8, one of 11 MiB, a link that leads out: each in the IDE", async () => {
    await writeFile(file("binary.py"), Buffer.from([1, 0, 2]));
    await writeFile(file("latin.py"), Buffer.from([0x23, 0xe4, 0x0a]));
    await writeFile(file("big.py"), Buffer.alloc(11 << 20, 0x61));
    await symlink("/etc/passwd", file("link.py"));
    const cases: readonly (readonly [string, RegExp])[] = [
      ["nothing.py", /nothing\.py/],
      ["binary.py", /binary/],
      ["latin.py", /UTF-8/],
      ["big.py", /10 MiB|too large|larger than/i],
      ["link.py", /link/],
    ];
    for (const [name, words] of cases) {
      await using ada = await server.connect("ada", { columns: 120 });
      await open(ada, name);
      await ada.wait((screen) => words.test(screen.slice(2).join("\n")) && !/root:x/.test(screen.join("\n")));
      ada.press("Ctrl-Q");
      await ada.exited;
    }
    for (const [name] of cases.slice(1)) await rm(file(name));
  });

  it("a read-only course file can't be changed, says why, and can be copied home", async () => {
    await writeFile(join(server.data, "files", "Assignments", "one.py"), "answer = 42\n");
    await using ada = await server.connect("ada");
    await open(ada, "/course/Assignments/one.py");
    await ada.wait("answer = 42");
    ada.type("x");
    await ada.wait(/read-only/);
    ada.press("F10");
    await ada.wait(/Copied to your own files/);
    assert.equal(await readFile(file("one.py"), "utf8"), "answer = 42\n");
  });

  it("a name with a newline is refused, and nothing is made", async () => {
    const workspace = server.server.services.workspaces.for({ username: "ada", role: "student" });
    await assert.rejects(
      workspace.createFile("/home/ada/a\nb.py"),
      (error: unknown) => error instanceof UserError && error.code === "bad-path",
    );
  });

  it("a file that changed on disk is not overwritten before the person has decided", async () => {
    await writeFile(file("both.py"), "old\n");
    await using ada = await server.connect("ada", { columns: 120 });
    await open(ada, "both.py");
    await ada.wait(/1 +old/);
    ada.type("mine ");
    await ada.wait("mine old");
    await writeFile(file("both.py"), "theirs\n");
    await ada.wait(/changed outside this editor/);
    ada.press("Ctrl-S");
    await ada.wait(/keep|overwrite|theirs|yours/i);
    assert.equal(await readFile(file("both.py"), "utf8"), "theirs\n");
    ada.press("Escape");
    await ada.wait("mine old");
  });

  it("TERM=dumb and a shell without a pty get a sentence and a way out", async () => {
    await server.add("mary");
    const { args, env } = await server.ssh("mary");
    for (const client of [
      openTerminalClient("ssh", ["-t", ...args], { env: { ...env, TERM: "dumb" } }),
      openTerminalClient("ssh", ["-T", ...args], { env }),
    ]) {
      const status = await client.exited;
      assert.match(client.screen().join("\n"), /ssh -t|TERM/);
      assert.notEqual(status, 0);
      await client.close();
    }
    await eventually(() => server.server.services.sessions.of("mary").length === 0);
  });

  it("a terminal of 1x1 gets no garbage and recovers when it grows", async () => {
    await using ada = await server.connect("ada", { columns: 1, rows: 1 });
    await eventually(() => server.server.services.sessions.of("ada").length === 1);
    ada.resize(80, 24);
    await ada.wait("F1 Help");
    ada.resize(50, 10);
    await ada.wait(/too small|larger/i);
    ada.resize(200, 50);
    await ada.wait("F1 Help");
  });

  it("a client that is killed at any point loses nothing: its unsaved line is there at the next login", async () => {
    await writeFile(file("kept.py"), "first\n");
    for (const when of ["Password", "FILES", "F1 Help"]) {
      const client = await server.connect("ada");
      if (when !== "Password") await client.wait(when);
      process.kill(client.pid, "SIGKILL");
      await client.close();
      await nobodyHere();
    }
    const ada = await server.connect("ada");
    await open(ada, "kept.py");
    await ada.wait(/1 +first/);
    ada.type("unsaved ");
    await ada.wait("unsaved first");
    process.kill(ada.pid, "SIGKILL");
    await ada.close();
    await nobodyHere();
    assert.equal(await readFile(file("kept.py"), "utf8"), "first\n");
    await using again = await server.connect("ada");
    await again.wait("unsaved first");
    again.press("Ctrl-S");
    await again.wait(/Saved kept\.py/);
    assert.equal(await readFile(file("kept.py"), "utf8"), "unsaved first\n");
  });

  it("a port in use and a data directory in use are said by name", async () => {
    const flags = { "database.url": "postgresql://nobody@127.0.0.1:1/none", listen: "127.0.0.1:0", data: server.data };
    const second = start({ settings: loadSettings({ environment: {}, flags }), demo: false, log: silentLog });
    await assert.rejects(
      second,
      (error: unknown) => error instanceof UserError && error.code === "data-in-use" && /--data/.test(error.hint ?? ""),
    );
    const port = testServer({ listen: `127.0.0.1:${server.port}` });
    await assert.rejects(port, (error: unknown) => error instanceof UserError && error.code === "port-in-use");
  });

  it("noise instead of ssh closes that connection and nothing else", async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(server.port, "127.0.0.1", () =>
        socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100)),
      );
      socket.on("error", () => resolve());
      socket.on("close", () => resolve());
      socket.on("end", () => socket.end());
      socket.resume();
      setTimeout(reject, 20_000, new Error("the connection stayed open")).unref();
    });
    assert.equal((await server.run("ada", "whoami")).status, 0);
  });

  it("first-login.txt, the host key and the control socket are for the server's account only", async () => {
    for (const name of ["first-login.txt", "host-key", "control.sock"]) {
      assert.equal((await stat(join(server.data, name))).mode & 0o077, 0, name);
    }
  });
});

/** What survives: kill -9 of the server, SIGTERM, a database that goes and comes back, a second start. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { firstPassword, runCommandLine, startServerProcess, type ServerProcess } from "../support/server-process.ts";
import { clientHome, commandLine, runSshClient, type ClientHome, type SshResult } from "../support/ssh-clients.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";

const env = {
  CLASSH_INITIAL_PASSWORD_CHANGE: "off",
  CLASSH_ACCOUNTS_BCRYPT_COST: "4",
  CLASSH_DATABASE_RETRY_SECONDS: "0.5",
};

async function childrenOf(pid: number): Promise<readonly number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ").filter(Boolean).map(Number);
}

describe("a server process", () => {
  let data: string;
  let home: ClientHome;
  beforeEach(async () => {
    data = join(await mkdtemp(join(tmpdir(), "classh-crash-")), "data");
    home = await clientHome();
  });
  afterEach(async () => {
    await home[Symbol.asyncDispose]();
    await rm(join(data, ".."), { recursive: true, force: true, maxRetries: 5 });
  });

  const start = (workers = 1): Promise<ServerProcess> =>
    startServerProcess(data, { env: { ...env, CLASSH_CLUSTER_WORKERS: String(workers) } });
  const target = async (server: ServerProcess, user: string, command?: string) => ({
    host: "127.0.0.1",
    port: server.port,
    fingerprint: server.fingerprint,
    user,
    password: await firstPassword(data, user),
    command,
  });
  const run = async (server: ServerProcess, user: string, command: string): Promise<SshResult> =>
    runSshClient("openssh", await target(server, user, command));

  async function connect(server: ServerProcess, user: string): Promise<TerminalClient> {
    const line = commandLine("openssh", { ...(await target(server, user)), options: ["-t"] }, home.directory);
    return openTerminalClient(line.file, line.args, { env: line.env });
  }

  for (const workers of [1, 2]) {
    const how = workers === 1 ? "in one process" : "with its workers";
    it(`killed with -9 ${how} loses no unsaved line but the last second's, and starts again on what it left`, () =>
      isKilled(workers));
  }

  async function isKilled(workers: number): Promise<void> {
    const first = await start(workers);
    const ada = await connect(first, "ada");
    await ada.wait("Welcome, ada!");
    ada.press("F3");
    ada.type("# unsaved ");
    await ada.wait("# unsaved");
    const kept = join(data, "recovery", "ada");
    await eventually(async () => {
      const names = await readdir(kept).catch(() => []);
      const texts = await Promise.all(
        names.filter((name) => name.endsWith(".jsonl")).map((name) => readFile(join(kept, name), "utf8")),
      );
      return texts.some((text) => text.includes("# unsaved"));
    });
    first.child.kill("SIGKILL");
    assert.equal(await first.exited, "SIGKILL");
    await ada.close();
    const changed = workers === 1;
    if (changed) await writeFile(join(data, "files", "Local", "ada", "welcome.py"), "# by somebody else\n");

    await using second = await start(workers);
    assert.equal(second.fingerprint, first.fingerprint);
    const trail = await runCommandLine(["--data", data, "audit", "list", "--action", "server", "--json"], env);
    const entries = JSON.parse(trail.output) as readonly { action: string; detail: { ended: string } }[];
    assert.deepEqual(
      entries.map(({ action, detail }) => [action, detail.ended]),
      [["server.restart", "unexpectedly; the cause is not known"]],
    );
    await using again = await connect(second, "ada");
    if (changed) {
      await again.wait("Your unsaved changes in welcome.py are back");
      again.type("s");
      await again.wait(/- # by somebody else[^]*\+ # unsaved/);
      again.press("Escape");
      await again.wait("The file has changed");
      again.type("k");
    } else {
      await again.wait("# unsaved");
      again.press("Ctrl-S");
    }
    await again.wait("Saved welcome.py");
  }

  it("ends with status 0 at SIGTERM, after telling everybody", async () => {
    const server = await start();
    await using ada = await connect(server, "ada");
    await ada.wait("Welcome, ada!");
    server.child.kill("SIGTERM");
    assert.equal(await ada.exited, 0);
    assert.match(ada.screen().join("\n"), /The server is shutting down\. Your work is kept/);
    assert.equal(await server.exited, 0);
    assert.match(server.output(), /stopping/);
  });

  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    it(`ends in order at ${signal} also when nobody reads its lines any more`, async () => {
      const server = await start();
      server.child.stdout?.destroy();
      server.child.stderr?.destroy();
      server.child.kill(signal);
      assert.equal(await server.exited, 0);
      const again = await start();
      await again[Symbol.asyncDispose]();
    });
  }

  it("ends in order however often it is told to, and leaves no database behind", async () => {
    const server = await start();
    const postgres = Number((await readFile(join(data, "postgres", "postmaster.pid"), "utf8")).split("\n")[0]);
    server.child.kill("SIGTERM");
    await eventually(() => server.output().includes("stopping"));
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) server.child.kill(signal);
    assert.equal(await server.exited, 0);
    assert.throws(() => process.kill(postgres, 0), { code: "ESRCH" });
  });

  it("refuses a second start on the same data, in words", async () => {
    await using server = await start();
    const second = await runCommandLine(["serve", "--listen", "127.0.0.1:0", "--data", data], env);
    assert.equal(second.status, 1);
    assert.match(second.output, /another classh is running on .*\n.*--data DIR/);
    assert.equal((await run(server, "ada", "whoami")).status, 0);
  });

  it("answers the same commands on the server itself, as an admin or as somebody else", async () => {
    await using server = await start();
    const listed = await runCommandLine(["--data", data, "user", "list", "--json"], env);
    assert.equal(listed.status, 0, listed.output);
    assert.ok((JSON.parse(listed.output) as { username: string }[]).some(({ username }) => username === "ada"));
    const whoami = await runCommandLine(["--data", data, "--as", "ada", "whoami"], env);
    assert.match(whoami.output, /role: +student/);
    assert.equal((await runCommandLine(["--data", data, "--as", "ada", "user", "list"], env)).status, 3);
    assert.equal((await runCommandLine(["--data", data, "user", "show", "no body"], env)).status, 4);
    assert.equal(server.child.exitCode, null);
  });

  it("tells a health check from outside how it is, within seconds also when its database hangs", async () => {
    await using server = await start();
    const health = () =>
      runCommandLine(["health", "--data", data], { ...env, CLASSH_LISTEN: `127.0.0.1:${server.port}` });
    const well = await health();
    assert.equal(well.status, 0, well.output);
    assert.match(well.output, /ok +SSH port.*\n.*ok +database.*\n.*ok +jail/);
    const pid = Number((await readFile(join(data, "postgres", "postmaster.pid"), "utf8")).split("\n")[0]);
    // Stopped, with the processes that serve the connections it has.
    const family = [pid, ...(await childrenOf(pid))];
    for (const each of family) process.kill(each, "SIGSTOP");
    try {
      const ill = await health();
      assert.equal(ill.status, 1, ill.output);
      assert.match(ill.output, /FAILED +database +does not answer/);
      const status = await runCommandLine(["--data", data, "status", "--json"], env);
      assert.equal(status.status, 1);
      assert.match(status.output, /"database": "down"/);
    } finally {
      for (const each of family) process.kill(each, "SIGCONT");
    }
    const elsewhere = await runCommandLine(["health", "--data", data], { ...env, CLASSH_LISTEN: "127.0.0.1:1" });
    assert.equal(elsewhere.status, 1);
    assert.match(elsewhere.output, /FAILED +SSH port +port 1 does not answer/);
  });

  it("says in words that nothing runs, and what is wrong with a setting", async () => {
    const none = await runCommandLine(["--data", data, "status"], env);
    assert.equal(none.status, 4);
    assert.match(none.output, /no classh server is running/);
    const bad = await runCommandLine(["serve", "--data", data], { ...env, CLASSH_LIMITS_RUN_SECONDS: "soon" });
    assert.equal(bad.status, 2);
    assert.match(bad.output, /limits\.runSeconds = "soon" \(environment variable CLASSH_LIMITS_RUN_SECONDS\)/);
    const file = join(data, "..", "a-file");
    await writeFile(file, "");
    const unwritable = await runCommandLine(["serve", "--data", file], env);
    assert.equal(unwritable.status, 2);
    assert.match(unwritable.output, /can't write to .*a-file\/log\/classh\.log/);
  });

  it("survives its database: people go on editing and running, commands say so, and all is well when it is back", async () => {
    await using server = await start();
    await using ada = await connect(server, "ada");
    await ada.wait("Welcome, ada!");
    const pid = Number((await readFile(join(data, "postgres", "postmaster.pid"), "utf8")).split("\n")[0]);
    // Stopped, not killed: the supervisor would start a dead one again at once.
    process.kill(pid, "SIGSTOP");
    try {
      ada.press("F3");
      ada.type("print(6*7)  #");
      await ada.wait("print(6*7)");
      ada.press("F5");
      await ada.wait("42");
    } finally {
      process.kill(pid, "SIGCONT");
    }
    process.kill(pid, "SIGKILL");
    await eventually(async () => (await run(server, "ada", "whoami")).status === 0);
    await eventually(async () =>
      (await runCommandLine(["--data", data, "audit", "list", "--action", "database"], env)).output.includes(
        "database.restart",
      ),
    );
  });
});

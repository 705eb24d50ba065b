import assert from "node:assert/strict";
import { access, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { UserError } from "../../src/base/errors.ts";
import { sampleJail } from "../../src/runner/broker/processes.ts";
import { eventually } from "../support/eventually.ts";
import { Lab } from "./support.ts";

/** All processes below one, from the kernel. */
async function descendants(pid: number): Promise<number[]> {
  const anywhere = { device: 0, inode: 0, terminalDevice: 0 };
  return [...sampleJail(pid, anywhere, false).pids];
}

async function gone(pid: number): Promise<boolean> {
  return await access(`/proc/${pid}`).then(
    () => false,
    () => true,
  );
}

/** A process that the test can't wait for: it is not our child. Looks again until the test's own time is up. */
async function allGone(pids: readonly number[]): Promise<void> {
  await eventually(async () => (await Promise.all(pids.map(gone))).every(Boolean));
}

function isNoJail(error: unknown): boolean {
  return (
    error instanceof UserError && error.code === "no-jail" && error.message.includes("/nonexistent/bwrap is missing")
  );
}

describe("the broker", () => {
  it("comes back however often it is killed, which is told each time", async () => {
    const restarts: string[] = [];
    await using lab = await Lab.open({
      runner: { spareJails: false },
      onBrokerRestart: (ended) => restarts.push(ended),
    });
    for (const signal of ["SIGKILL", "SIGSEGV", "SIGTERM"] as const) {
      const broker = lab.runner.brokerPid;
      assert.ok(broker);
      process.kill(broker, signal);
      await eventually(() => lab.runner.brokerPid !== undefined && lab.runner.brokerPid !== broker);
    }
    assert.deepEqual(restarts, ["SIGKILL", "SIGSEGV", "SIGTERM"]);
    assert.equal((await lab.run("hello.py")).stdout, "Hello, Ada!\n");
  });

  it("may die at any moment: consoles say so, nothing survives, and the next run works", async () => {
    await using lab = await Lab.open();
    await using console = lab.console();
    await console.promptShown();
    console.console.runFile("/home/ada/ignores-signals.py");
    await console.prints("deaf");
    const broker = lab.runner.brokerPid ?? 0;
    const jailed = await descendants(broker);
    assert.ok(jailed.length > 0);
    process.kill(broker, "SIGKILL");
    await console.reaches("ended");
    assert.deepEqual(
      console.ends.map((end) => end.outcome),
      [{ kind: "lost" }],
    );
    assert.match(console.text, /Stopped by a problem in classh. Your files are safe; run it again.\r\n/);
    await allGone([broker, ...jailed]);
    await eventually(() => lab.runner.brokerPid !== undefined && lab.runner.brokerPid !== broker);
    const end = await console.runToEnd("hello.py");
    assert.deepEqual(end.outcome, { kind: "exited", status: 0 });
  });

  it("takes every jail with it when the server is killed", async () => {
    const server = spawn(
      process.execPath,
      [...process.execArgv, fileURLToPath(new URL("./doomed-server.ts", import.meta.url))],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [line] = (await once(server.stdout, "data")) as [Buffer];
    const { broker, directory } = JSON.parse(line.toString()) as { broker: number; directory: string };
    const jailed = await descendants(broker);
    assert.ok(jailed.length > 0, "a program runs");
    const exit = once(server, "exit");
    server.kill("SIGKILL");
    await exit;
    await allGone([broker, ...jailed]);
    await rm(directory, { recursive: true });
  });

  it("ends a console's programs before the console counts as closed", async () => {
    await using lab = await Lab.open();
    const console = lab.console();
    console.console.runFile("/home/ada/ignores-signals.py");
    await console.prints("deaf");
    const jailed = await descendants(lab.runner.brokerPid ?? 0);
    assert.ok(jailed.length > 0);
    await console[Symbol.asyncDispose]();
    assert.equal(lab.runner.jailCount, 0);
    await allGone(jailed);
    // Files of ended jails are removed as well, a moment later.
    await eventually(
      async () => (await readdir(join(lab.directory, "runner"))).sort().join() === "etc,filter.bpf,inputrc,programs",
    );
  });

  it("keeps at most one spare jail beside the one in use", async () => {
    await using lab = await Lab.open();
    await using console = lab.console();
    await console.promptShown();
    await eventually(() => lab.runner.jailCount === 2);
    for (let run = 0; run < 5; run++) {
      await console.runToEnd("hello.py");
      await eventually(() => lab.runner.jailCount === 2);
    }
  });
});

/** Processes on this machine whose command line holds a word. */
async function withWord(word: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")));
  return lines.filter((line) => line.includes(word));
}

/** bwrap ties its processes together late: what is ended or killed in the middle of a start must leave nothing behind. */
for (const cgroups of ["auto", "off"] as const) {
  describe(`a jail that is ended while it starts, control groups ${cgroups}`, () => {
    it("leaves no process, at whatever moment", async () => {
      await using lab = await Lab.open({ runner: { cgroups } });
      const word = `stopped-early-${randomBytes(8).toString("hex")}`;
      for (let delay = 0; delay < 64; delay += 4) {
        const leaving = new AbortController();
        const running = lab.run("ignores-signals.py", { args: [word], signal: leaving.signal });
        setTimeout(() => leaving.abort(), delay);
        assert.deepEqual((await running).outcome, { kind: "stopped" });
      }
      await eventually(async () => (await withWord(word)).length === 0);
    });

    it("leaves no process when the broker is killed, at whatever moment", async () => {
      const word = `killed-early-${randomBytes(8).toString("hex")}`;
      for (const delay of [2, 12, 25]) {
        await using lab = await Lab.open({ runner: { cgroups } });
        const running = [0, 1, 2].map(() => lab.run("ignores-signals.py", { args: [word] }));
        await new Promise((resolve) => setTimeout(resolve, delay));
        const broker = lab.runner.brokerPid;
        assert.ok(broker);
        process.kill(broker, "SIGKILL");
        for (const end of await Promise.all(running)) assert.deepEqual(end.outcome, { kind: "lost" });
        // The next broker ends what the kernel could not.
        await eventually(() => lab.runner.brokerPid !== undefined && lab.runner.brokerPid !== broker);
        assert.equal((await lab.run("hello.py")).stdout, "Hello, Ada!\n");
        await eventually(async () => (await withWord(word)).length === 0);
      }
    });
  });
}

describe("a machine without a jail", () => {
  it("runs nothing, and says why and what to install", async () => {
    await using lab = await Lab.open({ runner: { bubblewrap: "/nonexistent/bwrap" } });
    const { available, reason, install } = lab.runner.jail;
    assert.deepEqual(
      { available, reason, install },
      { available: false, reason: "/nonexistent/bwrap is missing", install: "apt-get install bubblewrap" },
    );
    assert.throws(() => lab.console(), isNoJail);
    await assert.rejects(lab.run("hello.py"), isNoJail);
  });

  it("does not take a program for bubblewrap that makes no jail", async () => {
    await using lab = await Lab.open({ runner: { bubblewrap: "/bin/false" } });
    assert.equal(lab.runner.jail.available, false);
    await assert.rejects(lab.run("hello.py"), UserError);
  });
});

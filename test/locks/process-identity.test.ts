import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { hasEnded, identifyProcess } from "../../src/locks/process-identity.ts";
import { eventually } from "../support/eventually.ts";

describe("a process's identity", () => {
  it("tells a living process from one that has ended, also when its number is used again", async () => {
    const self = await identifyProcess();
    assert.equal(self.pid, process.pid);
    assert.match(self.start, /^\d+$/);
    assert.equal(await hasEnded(self), false);
    assert.equal(await hasEnded({ pid: self.pid, start: "1" }), true, "another process with our number");
    assert.equal(await hasEnded({ pid: self.pid, start: "unknown" }), false, "in doubt it lives");
    assert.equal(await hasEnded({ pid: 1, start: "unknown" }), false, "somebody else's process");
  });

  it("sees kill -9 at once, and counts a zombie as ended", async () => {
    // The shell does not wait for its child, which so stays a zombie.
    const shell = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
    const exited = once(shell, "exit");
    try {
      const [line] = (await once(shell.stdout, "data")) as [Buffer];
      const child = { pid: Number(String(line)), start: "unknown" };
      assert.equal(await hasEnded(child), false);
      process.kill(child.pid, "SIGKILL");
      await eventually(() => hasEnded(child));
    } finally {
      shell.kill("SIGKILL");
      await exited;
    }
    assert.equal(await hasEnded({ pid: shell.pid ?? 0, start: "unknown" }), true);
  });
});

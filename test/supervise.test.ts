/** bin/supervise, which starts a server again that did not end in order: with a small command in the server's place. */
import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { eventually } from "./support/eventually.ts";

const script = fileURLToPath(new URL("../bin/supervise", import.meta.url));

/** Says who it is and how the one before ended, then does as it is told. At SIGTERM it ends in order. */
const command = `
trap 'echo "asked by $1"; exit 0' TERM
trap 'echo "asked by Ctrl-C"; exit 0' INT
echo "pid $$ after ($SUPERVISE_ENDED)"
[ -z "$SERVES" ] || kill -USR1 "$SUPERVISE_PID"
[ -z "$STATUS" ] || exit "$STATUS"
[ -z "$SIGNAL" ] || kill -"$SIGNAL" $$
echo "stays"
while :; do sleep 0.05; done
`;

class Supervised implements AsyncDisposable {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly exited: Promise<number | string>;
  text = "";

  constructor(environment: Readonly<Record<string, string>>) {
    this.child = spawn(script, ["/bin/bash", "-c", command, "command", "SIGTERM"], {
      env: { PATH: "/usr/bin:/bin", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.on("data", (data: Buffer) => void (this.text += data.toString()));
    this.exited = once(this.child, "close").then(
      ([status, signal]: unknown[]) => (signal ?? status) as number | string,
    );
  }

  /** Every command that was started so far. */
  get pids(): number[] {
    return [...this.text.matchAll(/^pid (\d+) /gm)].map(([, pid]) => Number(pid));
  }

  /** Waits for so many commands that have not ended by themselves; the last one's pid. */
  async stays(count: number): Promise<number> {
    await eventually(() => this.text.match(/^stays$/gm)?.length === count);
    return this.pids.at(-1) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGTERM");
    await this.exited;
  }
}

describe("what keeps a server running", () => {
  it("starts one that was killed again, which gets to know that, and ends both in order when it is asked to", async () => {
    await using server = new Supervised({ SERVES: "yes" });
    const first = await server.stays(1);
    process.kill(first, "SIGKILL");
    const second = await server.stays(2);
    assert.notEqual(second, first);
    assert.match(server.text, /after \(\)[^]*started again in 0\.25 s[^]*after \(killed by SIGKILL\)/);
    server.child.kill("SIGTERM");
    assert.equal(await server.exited, 0);
    assert.match(server.text, /asked by SIGTERM/);
    assert.equal(server.pids.length, 2);
  });

  it("passes Ctrl-C on once: the server has a session of its own", async () => {
    await using server = new Supervised({ SERVES: "yes" });
    const pid = await server.stays(1);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ").map(Number);
    assert.deepEqual([stat[4], stat[5]], [pid, pid]);
    server.child.kill("SIGINT");
    assert.equal(await server.exited, 0);
    assert.match(server.text, /asked by Ctrl-C/);
  });

  it("ends with a server that ended in order by itself", async () => {
    await using server = new Supervised({ SERVES: "yes" });
    process.kill(await server.stays(1), "SIGTERM");
    assert.equal(await server.exited, 0);
    assert.equal(server.pids.length, 1);
  });

  for (const [title, environment, status] of [
    ["that can't serve and says why", { STATUS: "75" }, 75],
    ["with a bad setting, also when one served before", { SERVES: "yes", STATUS: "2" }, 2],
  ] as const) {
    it(`does not try again with a server ${title}`, async () => {
      await using server = new Supervised(environment);
      assert.equal(await server.exited, status);
      assert.equal(server.pids.length, 1);
    });
  }

  it("waits longer and longer for one that does not live, and can be stopped meanwhile", async () => {
    await using server = new Supervised({ SERVES: "yes", SIGNAL: "KILL" });
    await eventually(() => server.text.includes("again in 2 s"));
    assert.deepEqual(
      [...server.text.matchAll(/again in (\S+) s/g)].map(([, pause]) => pause),
      ["0.25", "0.5", "1", "2"],
    );
    server.child.kill("SIGTERM");
    assert.equal(await server.exited, 0);
    assert.equal(server.pids.length, 4);
  });

  it("lets the server end in order when it is killed itself", async () => {
    await using server = new Supervised({ SERVES: "yes" });
    await server.stays(1);
    server.child.kill("SIGKILL");
    assert.equal(await server.exited, "SIGKILL");
    await eventually(() => server.text.includes("asked by SIGTERM"));
  });
});

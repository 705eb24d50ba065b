/** The account that programs run as on the host, where there is one of their own and where there is none. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { lstat, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { findJailUser, throughView } from "../../src/runner/jail-user.ts";
import { Lab } from "../runner/support.ts";
import { eventually } from "../support/eventually.ts";
import { attack } from "./attack.ts";

const run = promisify(execFile);

/** How large a new pipe of the server's account is. */
async function pipeBytes(): Promise<number> {
  const { stdout } = await run("/usr/bin/python3", ["-c", "import fcntl, os; print(fcntl.fcntl(os.pipe()[0], 1032))"]);
  return Number(stdout);
}

/** Everything below a process. */
async function descendants(pid: number): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "latin1"))
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

for (const jailUser of ["auto", "off"] as const) {
  describe(`the account of a jail, jailUser ${jailUser}`, () => {
    let lab: Lab;
    /** The account that is expected on the host. */
    let uid: number;
    let own: boolean;

    before(async () => {
      lab = await Lab.open({ runner: { jailUser } });
      const user = await findJailUser(join(tmpdir(), "jail-user"));
      own = jailUser === "auto" && user !== undefined;
      uid = own && user ? user.uid : (process.getuid?.() ?? 0);
    });
    after(async () => {
      await lab[Symbol.asyncDispose]();
    });

    it("is reported", () => {
      assert.equal(lab.runner.jail.available, true, lab.runner.jail.reason);
      assert.equal(lab.runner.jail.user !== undefined, own, lab.runner.jail.notes.join("\n"));
    });

    it("is the one that the kernel counts programs under", async () => {
      const input = new PassThrough();
      const program = lab.start("holds-locks.py", input);
      await new Promise<void>((resolve) => program.stdout.once("data", () => resolve()));
      const uids: number[] = [];
      for (const pid of await descendants(lab.runner.brokerPid ?? 0)) {
        const words = await readFile(`/proc/${pid}/cmdline`, "latin1");
        if (words.includes("runner.py") && !words.includes("bwrap")) uids.push((await lstat(`/proc/${pid}`)).uid);
      }
      input.end();
      await program.end;
      assert.deepEqual(uids, [uid]);
    });

    for (const streams of ["terminal", "pipes"] as const) {
      it(`shows nothing of that inside, and leaves all files the server's, on ${streams}`, async () => {
        const home = join(lab.directory, "files/Local/ada");
        let text: string;
        if (streams === "pipes") {
          const end = await lab.run("tells-accounts.py");
          text = end.stdout + end.stderr;
        } else {
          await using console = lab.console();
          console.console.resize({ columns: 500, rows: 24 });
          console.console.runFile("/home/ada/tells-accounts.py");
          await console.until("the end", () => console.ends.length > 0);
          text = console.text;
        }
        const line = text.split(/\r?\n/).find((each) => each.startsWith("{"));
        assert.ok(line, text);
        const {
          "end process 1": killed,
          "give a file away": given,
          "become the server's account": became,
          ...seen
        } = JSON.parse(line) as Record<string, unknown>;
        assert.deepEqual(seen, {
          ids: [1000, 1000, 1000, []],
          home: 1000,
          "old file": 1000,
          "new file": 1000,
          "open terminal": "done",
          "own descriptors": "done",
        });
        // A jail's first process ignores what its own programs send, whoever they are.
        assert.equal(killed, own ? "EPERM" : "done");
        assert.match(String(given), /^E/);
        assert.match(String(became), /^E/);
        for (const name of ["made-here.txt", "made/folder"])
          assert.equal((await stat(join(home, name))).uid, process.getuid?.(), name);
        await rm(join(home, "made"), { recursive: true });
        await rm(join(home, "made-here.txt"));
      });
    }

    attack(
      {
        area: "jail",
        attack: `opens thousands of pipes, as many as its account may have (runner.jailUser ${jailUser})`,
        outcome:
          jailUser === "auto" ? "the server's pipes keep their size" : "the server's new pipes are small, and work",
        ...(jailUser === "auto"
          ? { holds: "started as root" as const, otherwise: "the server's new pipes are small, and work" }
          : {}),
      },
      async () => {
        const before = await pipeBytes();
        const input = new PassThrough();
        const program = lab.start("opens-pipes.py", input);
        await new Promise<void>((resolve) => program.stdout.once("data", () => resolve()));
        const meanwhile = await pipeBytes();
        const other = await lab.run("hello.py");
        input.end();
        await program.end;
        if (own) assert.equal(meanwhile, before);
        // What the attack is worth: here it reaches the server.
        else if (Number(await readFile("/proc/sys/fs/pipe-user-pages-soft", "utf8")) > 0)
          assert.ok(meanwhile < before, `${meanwhile} bytes`);
        assert.equal(other.outcome.kind, "exited");
      },
    );

    it("leaves no file of its own in the broker's directory, also where /tmp is on disk", async () => {
      await using disk = await Lab.open({ runner: { jailUser, cgroups: "off" } });
      const end = await disk.run("leaves-temporary.py");
      assert.equal(end.stderr, "");
      const left = async (): Promise<string[]> =>
        (await readdir(join(disk.directory, "runner"))).filter((name) => /^\d+-\d+$/.test(name));
      // Nobody waits for the removal that follows an exit.
      await eventually(async () => (await left()).length === 0);
    });
  });
}

describe("the view of the jail's account", () => {
  const user = {
    account: "jail",
    uid: 1,
    namespace: "/data/jail-user/namespace",
    source: "/data",
    view: "/data/jail-user/view",
    terminalGroup: false,
  };
  for (const [path, seen] of [
    ["/data/files/Local/ada", "/data/jail-user/view/files/Local/ada"],
    ["/data", "/data/jail-user/view"],
    ["/database/files", "/database/files"],
    ["/elsewhere", "/elsewhere"],
    ["/data/..files", "/data/jail-user/view/..files"],
  ] as const) {
    it(`shows ${path} as ${seen}`, () => assert.equal(throughView(path, user), seen));
  }

  it("is nowhere without such an account", () => assert.equal(throughView("/data/files", undefined), "/data/files"));
});

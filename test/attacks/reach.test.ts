/** What a program in a jail reaches with signals, priorities and scheduling calls: its own jail, on every kind of stream. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { eventually } from "../support/eventually.ts";
import { Lab } from "../runner/support.ts";
import { attack } from "./attack.ts";

/** What the calls could have changed about one of the server's processes. */
interface Standing {
  readonly niceness: string | undefined;
  readonly policy: string | undefined;
  readonly cpus: string | undefined;
  readonly files: string | undefined;
  readonly signals: string | undefined;
}

interface Place {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

describe("a program's reach", () => {
  for (const streams of ["pipes", "terminal"] as const) {
    describe(`on ${streams}`, () => {
      let lab: Lab;
      let standing: readonly Standing[];
      let results: Readonly<Record<string, string>>;
      let broker: number;

      // The test's own process is the server here.
      const server = (): readonly number[] => [process.pid, broker];

      before(async () => {
        lab = await Lab.open();
        broker = lab.runner.brokerPid ?? 0;
        standing = server().map(standingOf);
        results = await attempt(lab, streams);
      });
      after(() => lab[Symbol.asyncDispose]());

      for (const [attackName, name] of [
        ["slows down its process group (setpriority PRIO_PGRP)", "nice of the group"],
        ["slows down its account (setpriority PRIO_USER)", "nice of the user"],
        ["slows down the broker by its process number", "nice of the broker"],
        ["takes the disk from its process group (ioprio_set)", "ioprio of the group"],
        ["takes the disk from its account (ioprio_set)", "ioprio of the user"],
        ["binds the server to one processor (sched_setaffinity)", "affinity of the broker"],
        ["makes the server a batch job (sched_setscheduler)", "scheduler of the broker"],
        ["takes the server's descriptors away (prlimit)", "limits of the broker"],
        ["signals every process (kill -1)", "signal everybody"],
        ["signals its process group (kill 0)", "signal the group"],
        ["signals the broker's group (killpg)", "signal the broker's group"],
        ["lets the kernel signal others (F_SETOWN)", "own signals for others"],
        ["lets a terminal or socket signal others (FIOSETOWN)", "ioctl signals for others"],
      ] as const) {
        attack({ area: "jail", attack: attackName, outcome: "reaches only its own processes" }, () => {
          assert.match(results[name] ?? "not tried", /^(refused|done|survived)/);
          assert.deepEqual(server().map(standingOf), standing);
          assert.equal(lab.runner.brokerPid, broker, "the broker is the same");
        });
      }

      attack(
        { area: "jail", attack: "kills its process group (os.kill(0, 9))", outcome: "ends its own program" },
        async () => {
          if (streams === "pipes") {
            assert.deepEqual((await lab.run("attacks-group.py")).outcome, { kind: "signalled", signal: "SIGKILL" });
          } else {
            await using console = lab.console();
            assert.equal((await console.runToEnd("attacks-group.py")).outcome.kind, "signalled");
          }
          assert.equal(lab.runner.brokerPid, broker, "the broker is the same");
          assert.equal((await lab.run("hello.py")).stdout, "Hello, Ada!\n");
        },
      );
    });
  }

  it("has a session and a group of its own, as the broker has", async () => {
    await using lab = await Lab.open();
    const broker = lab.runner.brokerPid ?? 0;
    const own = placeOf(process.pid);
    const brokers = placeOf(broker);
    assert.equal(brokers.session, broker);
    assert.notEqual(brokers.session, own.session);
    await using console = lab.console();
    console.console.runFile("/home/ada/ignores-signals.py");
    await console.prints("deaf");
    const leaving = new AbortController();
    const running = lab.run("ignores-signals.py", { signal: leaving.signal });
    // The monitor of each jail, bwrap's init and the program: as the terminal does it, so do pipes.
    await eventually(() => jailsOf(broker).filter((jail) => jail.length >= 3).length >= 2);
    const sessions = new Set([own.session, brokers.session]);
    for (const jail of jailsOf(broker)) {
      const [monitor, ...inside] = jail;
      assert.ok(monitor);
      assert.equal(monitor.session, monitor.pid);
      assert.ok(!sessions.has(monitor.session), "no two jails share a session");
      sessions.add(monitor.session);
      for (const each of inside) assert.equal(each.session, monitor.session);
    }
    // The kernel's grouping by session must not give a jail the share of the server.
    for (const jail of jailsOf(broker).filter((each) => each.length >= 3))
      await eventually(() => jail[0] !== undefined && yields(jail[0].pid, 10));
    leaving.abort();
    await running;
  });
});

async function attempt(lab: Lab, streams: "pipes" | "terminal"): Promise<Record<string, string>> {
  const targets = JSON.stringify({ broker: lab.runner.brokerPid, group: placeOf(lab.runner.brokerPid ?? 0).group });
  if (streams === "pipes") {
    const end = await lab.run("attacks-reach.py", { args: [targets] });
    return JSON.parse(end.stdout) as Record<string, string>;
  }
  await using console = lab.console();
  console.console.resize({ columns: 500, rows: 24 });
  console.console.runFile("/home/ada/attacks-reach.py", [targets]);
  await console.until("the results", () => console.ends.length > 0);
  const line = console.text.split("\r\n").find((text) => text.startsWith("{"));
  assert.ok(line, console.text);
  return JSON.parse(line) as Record<string, string>;
}

/** All but what moves by itself. */
function standingOf(pid: number): Standing {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status)?.[1];
  const stat = afterName(pid);
  return {
    niceness: stat[16],
    policy: stat[38],
    cpus: field("Cpus_allowed"),
    files: /^Max open files.*$/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[0],
    signals: field("SigQ")?.split("/")[1],
  };
}

function placeOf(pid: number): Place {
  const [, parent, group, session] = afterName(pid).map(Number);
  return { pid, parent: parent ?? 0, group: group ?? 0, session: session ?? 0 };
}

/** The fields of proc(5)'s stat from the third on. */
function afterName(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** The broker's jails, each with its processes from bwrap's monitor on; those that end meanwhile are left out. */
function jailsOf(broker: number): Place[][] {
  return childrenOf(broker).map((monitor) => {
    const found = [monitor];
    for (const pid of found) found.push(...childrenOf(pid));
    return found.flatMap((pid) => {
      try {
        return [placeOf(pid)];
      } catch {
        return [];
      }
    });
  });
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** True where the kernel does not group by session. */
function yields(pid: number, niceness: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/autogroup`, "utf8").trimEnd().endsWith(`nice ${niceness}`);
  } catch {
    return true;
  }
}

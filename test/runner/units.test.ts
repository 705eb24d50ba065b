import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { FrameReader } from "../../src/base/frame-reader.ts";
import { RunClock, type ClockDecision } from "../../src/runner/broker/run-clock.ts";
import { findV1, parseMounts, parseOwn } from "../../src/runner/cgroups.ts";
import { brokerFrames, encodeFrame } from "../../src/runner/broker-frames.ts";
import { MarkReader } from "../../src/runner/marks.ts";
import { describe as sentence, exitStatusOf, type Outcome } from "../../src/runner/outcome.ts";
import { parseResult } from "../../src/runner/script-result.ts";
import { argumentRules, errorNumbers } from "../../src/runner/call-arguments.ts";
import { seccompFilter } from "../../src/runner/seccomp.ts";
import { callGroups, newestJudged, numberOf, type Architecture, type CallName } from "../../src/runner/system-calls.ts";

type Doing = "wait" | "print" | "work" | "enter";

/**
 * Samples as "SECONDS wait|print|work CPU [BYTES]", and what the clock of 10 seconds and 100 bytes says to each.
 * Returns the limit that it names.
 */
function checkClock(
  script: readonly (readonly [seconds: number, doing: Doing, cpu: number, says?: ClockDecision, printed?: number])[],
): "time" | "output" {
  const clock = new RunClock({ runSeconds: 10, outputBytes: 100 });
  clock.restart({ now: 0, cpuSeconds: 0, printedBytes: 0 });
  for (const [seconds, doing, cpuSeconds, says, printedBytes = 0] of script) {
    const moment = { now: seconds * 1000, cpuSeconds, printedBytes };
    if (doing === "enter") clock.restart(moment);
    else {
      const sample = { ...moment, waiting: doing === "wait", heldBack: doing === "print" };
      assert.equal(clock.sample(sample), says, `at ${seconds} s`);
    }
  }
  return clock.reached;
}

describe("the run clock", () => {
  it("does not count the wait for our own rate", () =>
    assert.equal(
      checkClock([
        [100, "print", 1, "go-on", 99],
        [101, "work", 1, "go-on", 99],
        [109, "work", 1, "go-on", 99],
        [110, "work", 1, "interrupt", 99],
      ]),
      "time",
    ));
  it("ends an endless printer by its output, though it waits for us all the time", () =>
    assert.equal(
      checkClock([
        [50, "print", 1, "go-on", 99],
        [51, "print", 1, "interrupt", 101],
        [52, "print", 1, "go-on", 150],
        [53, "print", 1, "end", 200],
      ]),
      "output",
    ));
  it("counts output anew at Enter", () =>
    checkClock([
      [50, "print", 1, "go-on", 99],
      [50, "enter", 1, undefined, 99],
      [60, "print", 1, "go-on", 190],
      [61, "print", 1, "interrupt", 199],
    ]));
  it("interrupts at the limit, and ends what goes on after the grace", () =>
    checkClock([
      [5, "work", 5, "go-on"],
      [10, "work", 10, "interrupt"],
      [11, "work", 11, "go-on"],
      [12, "work", 12, "end"],
    ]));
  it("counts sleep as running", () =>
    checkClock([
      [9, "work", 0, "go-on"],
      [10, "work", 0, "interrupt"],
    ]));
  it("does not count waiting", () =>
    checkClock([
      [100, "wait", 0, "go-on"],
      [101, "work", 0, "go-on"],
      [105, "work", 0, "go-on"],
      [200, "wait", 0, "go-on"],
      [201, "work", 0, "go-on"],
      [205, "work", 0, "interrupt"],
    ]));
  it("counts a second at most between a look at waiting and a late one", () =>
    checkClock([
      [10, "wait", 0, "go-on"],
      [19, "work", 0, "go-on"],
      [27, "work", 0, "go-on"],
      [28, "work", 0, "interrupt"],
    ]));
  it("counts the CPU time of a program that seems to wait", () =>
    checkClock([
      [5, "wait", 6, "go-on"],
      [9, "wait", 10, "interrupt"],
    ]));
  it("keeps CPU time that has gone with its process", () =>
    checkClock([
      [5, "wait", 9, "go-on"],
      [6, "wait", 1, "go-on"],
      [7, "work", 11, "interrupt"],
    ]));
  it("starts anew at Enter", () =>
    checkClock([
      [9, "work", 9, "go-on"],
      [9, "enter", 9],
      [18, "work", 18, "go-on"],
      [19, "work", 19, "interrupt"],
    ]));
  it("allows a prompt after the interruption, but no second run", () =>
    checkClock([
      [10, "work", 10, "interrupt"],
      [11, "wait", 10, "go-on"],
      [60, "wait", 10, "go-on"],
      [60.5, "work", 10.5, "go-on"],
      [62, "work", 12, "end"],
    ]));
  it("starts anew at Enter after the interruption", () =>
    checkClock([
      [10, "work", 10, "interrupt"],
      [11, "wait", 10, "go-on"],
      [20, "enter", 10],
      [29, "work", 19, "go-on"],
      [30, "work", 20, "interrupt"],
    ]));
});

/** Feeds text in chunks of every size and checks what comes out: marks in <>. */
function checkMarks(text: string, expected: string): void {
  for (let size = 1; size <= text.length; size++) {
    const reader = new MarkReader("w");
    let out = "";
    for (let at = 0; at < text.length; at += size) {
      for (const piece of reader.read(Buffer.from(text.slice(at, at + size), "latin1"))) {
        out += "text" in piece ? piece.text.toString("latin1") : `<${piece.mark}>`;
      }
    }
    assert.equal(out + reader.flush().toString("latin1"), expected, `chunks of ${size}`);
  }
}

describe("marks", () => {
  it("are taken out of the text, in order", () =>
    checkMarks("a\x1b]777;classh;w;running\x07b\x1b]777;classh;w;prompt\x07c", "a<running>b<prompt>c"));
  it("of another word are text", () =>
    checkMarks("a\x1b]777;classh;x;running\x07b", "a\x1b]777;classh;x;running\x07b"));
  it("that never end are text when the stream does", () =>
    checkMarks("a\x1b]777;classh;w;run", "a\x1b]777;classh;w;run"));
  it("leave other escapes alone", () =>
    checkMarks("\x1b[1mbold\x1b[0m\x1b]0;title\x07", "\x1b[1mbold\x1b[0m\x1b]0;title\x07"));
  it("do not hold back text without a bound", () => {
    const reader = new MarkReader("w");
    const pieces = reader.read(Buffer.from(`\x1b]777;classh;w;${"x".repeat(100_000)}`));
    assert.ok(pieces.reduce((sum, piece) => sum + ("text" in piece ? piece.text.length : 0), 0) > 90_000);
  });
});

describe("frames", () => {
  it("come out as they went in, whatever the chunks", () => {
    const stream = Buffer.concat([
      encodeFrame(1, 7, Buffer.from("abc")),
      encodeFrame(2, 8, Buffer.alloc(0)),
      encodeFrame(0, 9, Buffer.from("{}")),
    ]);
    for (let size = 1; size <= stream.length; size++) {
      const reader = new FrameReader(brokerFrames);
      const out: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        for (const frame of reader.read(stream.subarray(at, at + size)))
          out.push(`${frame.kind} ${frame.jail} ${frame.payload.toString()}`);
      }
      assert.deepEqual(out, ["1 7 abc", "2 8 ", "0 9 {}"]);
    }
  });
  it("are refused when they are too long or of no known kind", () => {
    const long = encodeFrame(1, 1, Buffer.alloc(0));
    long.writeUInt32LE(1 << 30, 0);
    assert.throws(() => new FrameReader(brokerFrames).read(long), /bad frame/);
    const odd = encodeFrame(1, 1, Buffer.alloc(0));
    odd.writeUInt8(77, 4);
    assert.throws(() => new FrameReader(brokerFrames).read(odd), /bad frame/);
  });
});

describe("what a script says of its end", () => {
  it("is taken when it is well-formed", () => {
    assert.deepEqual(parseResult('{"status":1,"line":4}'), {
      status: 1,
      errorLine: 4,
      interrupted: false,
      outOfMemory: false,
      waits: false,
    });
  });
  it("tells the error as one printable line of at most 200 characters, whatever the program put there", () => {
    const { error = "" } =
      parseResult(JSON.stringify({ status: 1, error: `E: a\x1b[31m\n\tb\u202ec\0\ud800${"x".repeat(4000)}` })) ?? {};
    assert.match(error, /^E: a \[31m b c \ufffdx+$/);
    assert.equal(error.length, 200);
    for (const value of ["", 3, null, ["x"]])
      assert.equal(parseResult(JSON.stringify({ status: 1, error: value }))?.error, undefined);
  });
  it("has no line that can't be one", () => {
    assert.deepEqual(parseResult('{"line":-1}'), {
      status: 0,
      interrupted: false,
      outOfMemory: false,
      waits: false,
    });
  });
  for (const forged of ["", "{", "3", "null", '{"status":"x"}', '{"status":1e9}', '{"status":-1}']) {
    it(`is ignored when it is forged as ${JSON.stringify(forged)}`, () => assert.equal(parseResult(forged), undefined));
  }
});

describe("outcomes", () => {
  const cases: readonly (readonly [Outcome, string, number])[] = [
    [{ kind: "exited", status: 0 }, "Finished.", 0],
    [{ kind: "exited", status: 3 }, "Finished with exit status 3.", 3],
    [{ kind: "signalled", signal: "SIGKILL" }, "The system ended it (signal SIGKILL).", 137],
    [{ kind: "timed-out", seconds: 30 }, "Stopped: it ran for 30 seconds without finishing.", 124],
    [{ kind: "timed-out", seconds: 1 }, "Stopped: it ran for 1 second without finishing.", 124],
    [{ kind: "too-much-output", mebibytes: 32 }, "Stopped: it printed more than 32 MiB without finishing.", 137],
    [{ kind: "out-of-memory", mebibytes: 128 }, "Stopped: it needed more than 128 MiB of memory.", 137],
    [{ kind: "too-many-processes", processes: 32 }, "Stopped: it had more than 32 processes at a time.", 137],
    [{ kind: "stopped" }, "Stopped.", 130],
  ];
  for (const [outcome, words, status] of cases) {
    it(`are told in one sentence: ${words}`, () => {
      assert.equal(sentence(outcome), words);
      assert.equal(exitStatusOf(outcome), status);
    });
  }
});

/** The jumps of a filter, by their codes. */
const conditions: ReadonlyMap<number, (loaded: number, k: number) => boolean> = new Map([
  [0x15, (loaded: number, k: number) => loaded === k],
  [0x25, (loaded: number, k: number) => loaded > k],
  [0x35, (loaded: number, k: number) => loaded >= k],
  [0x45, (loaded: number, k: number) => (loaded & k) !== 0],
]);

interface Judged {
  readonly args?: readonly number[];
  /** Another architecture's number than the filter's own. */
  readonly audit?: number | undefined;
  /** Gets the places in the filter that are visited. */
  readonly steps?: number[];
}

/** Runs the filter as the kernel would. */
function judge(architecture: "x64" | "arm64", call: number, { args = [], audit, steps }: Judged = {}): string {
  const filter = seccompFilter(architecture);
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call, 0);
  data.writeUInt32LE(audit ?? (architecture === "x64" ? 0xc000003e : 0xc00000b7), 4);
  args.forEach((value, index) => data.writeUInt32LE(value >>> 0, 16 + index * 8));
  let loaded = 0;
  for (let at = 0; ; at++) {
    const [code, yes, no, k] = [
      filter.readUInt16LE(at * 8),
      filter.readUInt8(at * 8 + 2),
      filter.readUInt8(at * 8 + 3),
      filter.readUInt32LE(at * 8 + 4),
    ];
    const condition = conditions.get(code);
    steps?.push(at);
    if (code === 0x05) at += k;
    else if (code === 0x54) loaded = (loaded & k) >>> 0;
    else if (code === 0x20) loaded = data.readUInt32LE(k);
    else if (condition) at += condition(loaded, k) ? yes : no;
    else return k === 0x7fff0000 ? "allow" : k === 0x80000000 ? "kill" : `error ${k & 0xffff}`;
  }
}

/** From linux-libc-dev, where that is installed. */
const kernelTables = {
  x64: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
  arm64: "/usr/include/asm-generic/unistd.h",
};

/** Numbers by name. The generic table names some of them by way of __NR3264_, and has calls that 32-bit machines only get, under names of their own. */
function readCallTable(file: string): Map<string, number> {
  const defined = new Map(
    [...readFileSync(file, "utf8").matchAll(/^#\s*define __NR(3264)?_(\w+) (\S+)/gm)].map(
      ([, wide = "", name = "", value = ""]) => [wide + name, value],
    ),
  );
  const table = new Map<string, number>();
  for (const [name, value] of defined) {
    const number = Number(
      /^\d+$/.test(value) ? value : defined.get(value.replace("__NR", "").replace("3264_", "3264")),
    );
    if (
      Number.isInteger(number) &&
      !/^3264|64$|llseek|mmap2|^(l?stat|arch_specific_syscall|syscalls|sync_file_range2)$/.test(name)
    )
      table.set(name, number);
    if (["getdents64", "prlimit64"].includes(name)) table.set(name, number);
  }
  return table;
}

describe("the system call filter", () => {
  for (const architecture of ["x64", "arm64"] as const) {
    it(`ends every path in an action and jumps only forward within itself, on ${architecture}`, () => {
      const filter = seccompFilter(architecture);
      const count = filter.length / 8;
      assert.ok(Number.isInteger(count) && count <= 4096);
      for (let index = 0; index < count; index++) {
        const code = filter.readUInt16LE(index * 8);
        if (code === 0x06) continue;
        const far =
          code === 0x20 || code === 0x54
            ? 0
            : code === 0x05
              ? filter.readUInt32LE(index * 8 + 4)
              : Math.max(filter.readUInt8(index * 8 + 2), filter.readUInt8(index * 8 + 3));
        assert.ok(index + 1 + far < count, `instruction ${index}`);
      }
      assert.equal(filter.readUInt16LE((count - 1) * 8), 0x06);
    });
  }

  it("gives each call what the table says, within 16 instructions when its arguments don't matter", () => {
    const withArguments = new Set<string>(argumentRules.map(({ call }) => call));
    for (const architecture of ["x64", "arm64"] as const) {
      for (const { answer, calls } of callGroups) {
        for (const name of Object.keys(calls) as CallName[]) {
          const number = numberOf(name, architecture);
          if (number === undefined || withArguments.has(name)) continue;
          const steps: number[] = [];
          assert.equal(
            judge(architecture, number, { steps }),
            answer === "allowed" ? "allow" : `error ${errorNumbers[answer]}`,
            `${name} on ${architecture}`,
          );
          assert.ok(steps.length <= 16, `${name} on ${architecture}: ${steps.length} instructions`);
        }
      }
    }
  });

  it("has every call of the kernel's tables, once, with its number", function () {
    const names = callGroups.flatMap(({ calls }) => Object.keys(calls));
    assert.equal(new Set(names).size, names.length);
    for (const [architecture, file] of Object.entries(kernelTables) as [Architecture, string][]) {
      if (!existsSync(file)) continue;
      const table = readCallTable(file);
      for (const name of names as CallName[]) {
        const number = numberOf(name, architecture);
        if (number !== undefined && table.has(name))
          assert.equal(number, table.get(name), `${name} on ${architecture}`);
      }
      const judged = new Set(names.map((name) => numberOf(name as CallName, architecture)));
      for (const [name, number] of table)
        assert.ok(judged.has(number) || number > newestJudged, `${name} on ${architecture} is judged`);
    }
  });

  for (const [what, architecture, call, args, expected, audit] of [
    ["read", "x64", 0, [], "allow"],
    ["read", "arm64", 63, [], "allow"],
    ["ptrace", "x64", 101, [], "error 1"],
    ["ptrace", "arm64", 117, [], "error 1"],
    ["an ordinary clone", "x64", 56, [0x01200011], "allow"],
    ["a thread's clone", "arm64", 220, [0x3d0f00], "allow"],
    ["a clone with a user namespace", "arm64", 220, [0x10000011], "error 1"],
    ["a clone with a network namespace", "x64", 56, [0x40000011], "error 1"],
    ["clone3", "arm64", 435, [], "error 38"],
    ["a UNIX socket", "arm64", 198, [1, 1], "allow"],
    ["a vsock", "arm64", 198, [40], "error 97"],
    ["TIOCSTI", "arm64", 29, [0, 0x5412], "error 25"],
    ["TIOCGWINSZ", "arm64", 29, [0, 0x5413], "allow"],
    ["a call that nobody has judged", "x64", 900, [], "error 38"],
    ["an x32 call", "x64", 0x40000000, [], "kill"],
    ["a 32-bit call", "x64", 0, [], "kill", 0x40000003],
    ["a 32-bit call", "arm64", 0, [], "kill", 0x40000028],
    ["fallocate", "arm64", 47, [], "error 95"],
    ["the last allowed request of ioctl", "x64", 16, [0, 0x402c542d], "allow"],
    ["FS_IOC_RESVSP", "x64", 16, [3, 0x40305828], "error 25"],
    ["F_SETLEASE", "arm64", 25, [3, 1024], "error 1"],
    ["F_DUPFD_CLOEXEC", "arm64", 25, [3, 1030], "allow"],
    ["O_TMPFILE", "x64", 257, [0, 0, 0x410002], "error 95"],
    ["an ordinary openat", "x64", 257, [0, 0, 0o2102], "allow"],
    ["a socket that does not block", "x64", 41, [1, 0x801, 0], "allow"],
    ["a raw socket", "x64", 41, [2, 3, 1], "error 1"],
    ["SCTP", "arm64", 198, [2, 1, 132], "error 93"],
    ["TCP_NODELAY", "x64", 54, [3, 6, 1], "allow"],
    ["SO_ATTACH_FILTER", "x64", 54, [3, 1, 26], "error 92"],
    ["SO_SNDBUF", "x64", 54, [3, 1, 7], "error 0"],
    ["SO_RCVBUF", "arm64", 208, [3, 1, 8], "error 0"],
    ["the option after these", "arm64", 208, [3, 1, 9], "allow"],
    ["IPV6_V6ONLY, which has the same number", "x64", 54, [3, 41, 26], "allow"],
    ["an option of Netlink", "arm64", 208, [3, 270, 1], "error 92"],
    ["another process's limits", "arm64", 261, [7], "error 1"],
    ["PR_SET_DUMPABLE", "x64", 157, [4], "error 0"],
    ["inotify_init1", "arm64", 26, [], "error 38"],
    ["a number that is nobody's", "arm64", 250, [], "error 1"],
  ] as const) {
    it(`answers ${what} on ${architecture} with ${expected}`, () =>
      assert.equal(judge(architecture, call, { args, audit }), expected));
  }
});

describe("control groups", () => {
  it("are found in the list of mounts, of both versions", () => {
    const text = [
      "30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755",
      "31 30 0:27 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory",
      "32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct",
      "33 30 0:29 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate",
      "",
    ].join("\n");
    assert.deepEqual(parseMounts(text), [
      { directory: "/sys/fs/cgroup/memory", controllers: ["rw", "memory"] },
      { directory: "/sys/fs/cgroup/cpu,cpuacct", controllers: ["rw", "cpu", "cpuacct"] },
      { directory: "/sys/fs/cgroup/unified", controllers: undefined },
    ]);
  });
  it("know our own group by controller, with a colon in its name too", () => {
    const own = parseOwn("8:pids:/\n4:cpu,cpuacct:/a:b\n0::/system.slice/classh.service\n");
    assert.equal(own.get("pids"), "/");
    assert.equal(own.get("cpuacct"), "/a:b");
    assert.equal(own.get(""), "/system.slice/classh.service");
  });

  const limits = { runMemoryMebibytes: 256, runProcesses: 32, runThreads: 64 };
  /** As bin/prepare-cgroups makes them, below a directory for each controller. */
  async function prepared(
    groups: readonly string[],
  ): Promise<{ readonly root: string; readonly mounts: ReturnType<typeof parseMounts> } & AsyncDisposable> {
    const root = await mkdtemp(join(tmpdir(), "classh-cgroups-"));
    for (const group of groups) await mkdir(join(root, group), { recursive: true });
    const mounts = ["memory", "pids", "cpu"].map((controller) => ({
      directory: join(root, controller),
      controllers: ["rw", controller],
    }));
    return { root, mounts, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
  }
  for (const [where, own, groups, cpu] of [
    [
      "beside the server, which is in a group of its own",
      "/classh/server",
      ["memory/classh", "pids/classh", "cpu/classh/jails"],
      "cpu/classh/jails",
    ],
    ["where the server is in none", "/", ["memory/classh", "pids/classh", "cpu/classh/jails"], "cpu/classh/jails"],
    [
      "below the group of a service",
      "/a/classh/server",
      ["memory/classh", "pids/classh", "cpu/a/classh/jails", "cpu/classh/jails"],
      "cpu/a/classh/jails",
    ],
    ["as an earlier release left them", "/", ["memory/classh", "pids/classh", "cpu/classh"], "cpu/classh"],
  ] as const) {
    it(`give programs what the server leaves: ${where}`, async () => {
      await using made = await prepared(groups);
      const found = await findV1(
        made.mounts,
        new Map([
          ["memory", "/"],
          ["pids", "/"],
          ["cpu", own],
        ]),
      );
      assert.deepEqual(
        found?.plans(limits).map(({ directory }) => relative(made.root, directory)),
        ["memory/classh", "pids/classh", cpu],
      );
    });
  }
  it("are not used where one is missing that limits memory", async () => {
    await using made = await prepared(["pids/classh", "cpu/classh/jails"]);
    assert.equal(await findV1(made.mounts, new Map()), undefined);
  });
});

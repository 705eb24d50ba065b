import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { promisify } from "node:util";
import { UserError } from "../../src/base/errors.ts";
import type { JailSpec } from "../../src/runner/jail-spec.ts";
import { Lab } from "./support.ts";

const run = promisify(execFile);

describe("the time limit", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open({ limits: { runSeconds: 1 } });
  });
  after(() => lab[Symbol.asyncDispose]());

  for (const program of ["forever.py", "sleeps.py", "raw-terminal.py"]) {
    it(`interrupts ${program} after its time, says so, and keeps its variables`, async () => {
      await using console = lab.console();
      const end = await console.runToEnd(program);
      assert.deepEqual(end.outcome, { kind: "timed-out", seconds: 1 });
      assert.match(console.plainText, /KeyboardInterrupt\r\n[^]*Stopped: it ran for 1 second without finishing.\r\n/);
      assert.match(await console.type("__name__"), /'__main__'/);
    });
  }

  for (const program of [
    "ignores-signals.py",
    "catches-interrupt.py",
    "forges-marks.py",
    "child-works-while-asking.py",
    "polls-terminal.py",
    "forks-on.py",
    "forks-on-while-asking.py",
  ]) {
    it(`ends ${program}, which does not stop`, async () => {
      await using console = lab.console();
      console.console.runFile(`/home/ada/${program}`);
      await console.until("its end", () => console.ends.length > 0);
      assert.deepEqual(console.ends[0]?.outcome, { kind: "timed-out", seconds: 1 });
    });
  }

  it("does not count the time a script waits for input", async () => {
    await using console = lab.console();
    console.console.runFile("/home/ada/asks-twice.py");
    await console.prints("First? ");
    // Another console's script runs into its time meanwhile.
    await using other = lab.console();
    await other.runToEnd("forever.py");
    console.console.write("a\r");
    await console.prints("Second? ");
    await other.runToEnd("forever.py");
    console.console.write("b\r");
    await console.prints("got a b");
    await console.reaches("prompt");
    assert.deepEqual(
      console.ends.map((end) => end.outcome),
      [{ kind: "exited", status: 0 }],
    );
  });

  it("counts the time of a thread that works while another waits for input", async () => {
    await using console = lab.console();
    const end = await console.runToEnd("sleeps-in-thread-while-asking.py");
    assert.deepEqual(end.outcome, { kind: "timed-out", seconds: 1 });
  });

  it("counts the time of a thread that begins to work when nothing has run for long", async () => {
    await using console = lab.console();
    console.console.runFile("/home/ada/works-after-a-while.py");
    await console.until("its end", () => console.ends.length > 0, 60);
    assert.deepEqual(console.ends[0]?.outcome, { kind: "timed-out", seconds: 1 });
  });

  it("stops an endless line at the prompt, and lets the next one run", async () => {
    await using console = lab.console();
    await console.type("import time");
    assert.match(await console.type("time.sleep(600)"), /KeyboardInterrupt[^]*Stopped: it ran for 1 second/);
    assert.match(await console.type("'next'"), /'next'/);
  });

  it("slows an endless printer down, and Ctrl-C stops it", async () => {
    await using console = lab.console();
    await console.reaches("prompt");
    const started = performance.now();
    console.console.runFile("/home/ada/prints-forever.py");
    await console.until("30 kB", () => console.bytes > 30_000);
    console.console.write("\x03");
    await console.reaches("prompt");
    const rate = console.bytes / ((performance.now() - started) / 1000 + 0.5);
    assert.ok(rate < 600_000, `${rate} bytes a second`);
    assert.deepEqual(console.ends[0]?.outcome, { kind: "stopped" });
  });
});

describe("the wait for our own rate", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open({ limits: { runSeconds: 2, outputKibibytesPerSecond: 128 } });
  });
  after(() => lab[Symbol.asyncDispose]());

  const write = (name: string, text: string): Promise<void> =>
    writeFile(join(lab.place.workspaceDirectory, name), text);

  // Each prints 640 KiB, which takes 5 seconds at that rate.
  for (const [how, program] of [
    ["prints", "print('x' * (640 << 10))"],
    ["writes to the descriptor", "import os\nfor _ in range(640): os.write(1, b'x' * 1024)"],
    ["writes a vector", "import os\nfor _ in range(640): os.writev(1, [b'x' * 512, b'y' * 512])"],
    ["lets another program print", "import subprocess\nsubprocess.run(['head', '-c', str(640 << 10), '/dev/zero'])"],
    [
      "prints in two threads",
      "import threading\nfor t in [threading.Thread(target=print, args=('x' * (320 << 10),)) for _ in 'ab']: t.start()",
    ],
    ["copies a file", "import os\nos.sendfile(1, os.open('zeros', 0), 0, 640 << 10)"],
  ] as const) {
    it(`is no run time of a program that ${how}`, async () => {
      await write("zeros", "0".repeat(640 << 10));
      await write("prints.py", program);
      const end = await lab.run("prints.py");
      assert.deepEqual(end.outcome, { kind: "exited", status: 0 }, end.stderr);
      assert.ok(end.stdout.length >= 640 << 10);
    });
  }

  it("is no run time in a console", async () => {
    await write("prints.py", "for _ in range(10_000): print('x' * 64)");
    await using console = lab.console();
    const end = await console.runToEnd("prints.py");
    assert.deepEqual(end.outcome, { kind: "exited", status: 0 });
  });

  it("is none after the end of a program whose reader is slow", async () => {
    await write("prints.py", "print('x' * (96 << 10))");
    let goOn = (): void => undefined;
    const slow = new Writable({ write: (_chunk, _encoding, done) => void (goOn = done) });
    const running = lab.runner.runScript(
      lab.place,
      { file: "/home/ada/prints.py", args: [] },
      { stdin: new PassThrough().end(), stdout: slow, stderr: new PassThrough(), signal: new AbortController().signal },
    );
    for (const _ of "ab") assert.equal((await lab.run("sleeps.py")).outcome.kind, "timed-out");
    slow._write = (_chunk, _encoding, done) => done();
    goOn();
    assert.deepEqual(await running, { kind: "exited", status: 0 });
  });

  it("is run time as soon as the program sleeps", async () => {
    await write("prints.py", "import time\nwhile True: print('x'); time.sleep(0.01)");
    assert.deepEqual((await lab.run("prints.py")).outcome, { kind: "timed-out", seconds: 2 });
  });
});

describe("the limit of output", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open({ limits: { runSeconds: 600, outputMebibytes: 1, outputKibibytesPerSecond: 4096 } });
  });
  after(() => lab[Symbol.asyncDispose]());

  it("stops a script that prints for ever, and says so", async () => {
    const end = await lab.run("prints-forever.py");
    assert.deepEqual(end.outcome, { kind: "too-much-output", mebibytes: 1 });
    assert.match(end.stderr, /KeyboardInterrupt/);
  });

  it("stops a script in a console, and keeps its variables", async () => {
    await using console = lab.console();
    const end = await console.runToEnd("prints-forever.py");
    assert.deepEqual(end.outcome, { kind: "too-much-output", mebibytes: 1 });
    assert.match(
      console.plainText,
      /KeyboardInterrupt\r\n[^]*Stopped: it printed more than 1 MiB without finishing.\r\n/,
    );
    assert.match(await console.type("__name__"), /'__main__'/);
  });

  it("ends a script that goes on printing", async () => {
    await writeFile(
      join(lab.place.workspaceDirectory, "prints-on.py"),
      "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: print('x' * 70)",
    );
    assert.deepEqual((await lab.run("prints-on.py")).outcome, { kind: "too-much-output", mebibytes: 1 });
  });

  it("counts anew at each line of its person", async () => {
    await using console = lab.console();
    await console.reaches("prompt");
    for (const _ of "abc") assert.match(await console.type("print('x' * 700_000, len('ab'))"), /x 2\r\n/);
  });
});

describe("the disk limit", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
  });
  after(() => lab[Symbol.asyncDispose]());
  afterEach(async () => {
    // Node's rm knows neither closed folders nor paths longer than a path may be.
    const home = lab.place.workspaceDirectory;
    await run("/bin/chmod", ["-R", "u+rwX", home]);
    await run("/usr/bin/find", [
      home,
      "-mindepth",
      "1",
      "-maxdepth",
      "1",
      "!",
      "-name",
      "*.py",
      "-exec",
      "/bin/rm",
      "-rf",
      "{}",
      "+",
    ]);
  });

  for (const [how, where] of [
    ["closed", "a folder that it closed to readers"],
    ["closed-again", "a folder that it closes as often as it is opened"],
    ["odd-name", "a folder whose name is no text"],
    ["deep", "folders deeper than a path can be"],
  ] as const) {
    it(`stops a program that fills ${where}`, async () => {
      const end = await lab.run("hides-files.py", { args: [how], place: { ...lab.place, workspaceBytes: 4 << 20 } });
      assert.equal(end.outcome.kind, "out-of-disk", end.stderr);
    });
  }

  const crowded = { workspaceEntries: 400 };

  const tooMany = { kind: "too-many-files", entries: 400 };

  it("stops a program that makes too many files", async () => {
    const end = await lab.run("many-files.py", { args: ["make", "600"], place: { ...lab.place, ...crowded } });
    assert.deepEqual(end.outcome, tooMany, end.stdout);
  });

  it("stops a program that makes too many files while it waits for its person", async () => {
    await using console = lab.console({ ...lab.place, ...crowded });
    await console.reaches("prompt");
    console.console.runFile("/home/ada/makes-files-while-asking.py");
    await console.until("its end", () => console.console.state === "ended", 40); // later it may be seen at work by chance
    assert.deepEqual(console.ends[0]?.outcome, tooMany);
    await console.prints("Stopped: you would have more than your 400 files, folders included.");
  });

  for (const [what, make] of Object.entries({
    "empty files in one folder": "open(f'many/{n}', 'x').close()",
    "empty files in many folders": "os.mkdir(f'many/{n}'); open(f'many/{n}/f', 'x').close()",
    "folders in folders": "os.mkdir('d'); os.chdir('d')",
    "names of one file": "os.link('kept', f'many/{n}')",
    links: "os.symlink('kept', f'many/{n}')",
    sockets: "s = socket.socket(socket.AF_UNIX); s.bind(f'many/{n}'); s.close()",
  })) {
    it(`leaves hardly more ${what} than may be there, however fast they were made`, async () => {
      const home = lab.place.workspaceDirectory;
      await writeFile(join(home, "kept"), "kept\n");
      await writeFile(
        join(home, "program.py"),
        `import os, socket, time\nos.mkdir("many")\nfor n in range(3000): ${make}\ntime.sleep(600)\n`,
      );
      const end = await lab.run("program.py", { place: { ...lab.place, ...crowded } });
      assert.equal(end.outcome.kind, "too-many-files", JSON.stringify(end));
      const { stdout } = await run("/usr/bin/find", [home]);
      // With the home itself.
      assert.ok(stdout.trim().split("\n").length <= 400 * 1.25 + 1, String(stdout.split("\n").length));
      assert.equal(await readFile(join(home, "kept"), "utf8"), "kept\n");
    });
  }

  describe("of a person who keeps too many files already", () => {
    beforeEach(async () => {
      const many = join(lab.place.workspaceDirectory, "many");
      await mkdir(many);
      for (let number = 0; number < 600; number++) await writeFile(join(many, `old-${number}`), "");
    });

    it("stops a program that adds to them", async () => {
      const end = await lab.run("many-files.py", { args: ["make", "20"], place: { ...lab.place, ...crowded } });
      assert.equal(end.outcome.kind, tooMany.kind, end.stdout);
    });

    it("lets a program read and delete", async () => {
      const end = await lab.run("many-files.py", { args: ["delete", "100"], place: { ...lab.place, ...crowded } });
      assert.deepEqual(end, { outcome: { kind: "exited", status: 0 }, stdout: "done 500\n", stderr: "" });
    });

    it("lets a person delete, but not add, at the prompt", async () => {
      await using console = lab.console({ ...lab.place, ...crowded });
      assert.match(await console.type("import os; os.remove('many/old-0'); 'deleted'"), /'deleted'/);
      console.console.write("open('many/new', 'w').close()\r");
      await console.reaches("ended");
      await console.prints("Delete some files, then try again.");
    });
  });
});

describe("the limit of runs at once", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open({ limits: { runsAtOnce: 2 } });
  });
  after(() => lab[Symbol.asyncDispose]());

  const ended = { kind: "exited", status: 0 };
  const hint = /programs running already/;

  it("refuses one more run of the same person, and nobody else's", async () => {
    const inputs = [new PassThrough(), new PassThrough()];
    const running = inputs.map((input) => lab.start("waits-for-line.py", input));
    await Promise.all(running.map((each) => once(each.stdout, "data")));
    await assert.rejects(
      lab.run("hello.py"),
      (error) => error instanceof UserError && error.code === "too-many-runs" && hint.test(error.message),
    );
    assert.deepEqual((await lab.run("hello.py", { place: { ...lab.place, owner: "alan" } })).outcome, ended);
    assert.equal(lab.runner.jailCount, 2);
    inputs[0]?.end("\n");
    assert.deepEqual((await running[0]?.end)?.outcome, ended);
    assert.deepEqual((await lab.run("hello.py")).outcome, ended);
    inputs[1]?.end("\n");
    await running[1]?.end;
  });

  it("forgets a run however it ends", async () => {
    for (let time = 0; time < 3; time++) {
      const gone = new AbortController();
      gone.abort();
      assert.deepEqual((await lab.run("hello.py", { signal: gone.signal })).outcome, { kind: "stopped" });
      assert.equal((await lab.run("no-such-file.py")).outcome.kind, "exited");
      // Whatever goes wrong before there is a jail.
      const broken: JailSpec = {
        ...lab.place,
        mounts: [
          {
            target: "/",
            writable: false,
            get source(): never {
              throw new Error("no mount");
            },
          },
        ],
      };
      await assert.rejects(lab.run("hello.py", { place: broken }), /no mount/);
    }
    assert.deepEqual((await lab.run("hello.py")).outcome, ended);
  });
});

/** What must hold with control groups and without. */
for (const cgroups of ["auto", "off"] as const) {
  describe(`limits of memory, processes and files, control groups ${cgroups}`, () => {
    let lab: Lab;
    before(async () => {
      // Only the other limits are to end a program here, however slow the machine is.
      lab = await Lab.open({ runner: { cgroups }, limits: { runSeconds: 600 } });
    });
    after(() => lab[Symbol.asyncDispose]());

    it("gives a MemoryError to a program that wants too much", async () => {
      await using console = lab.console();
      const end = await console.runToEnd("memory-hog.py");
      assert.deepEqual(end.outcome, { kind: "out-of-memory", mebibytes: 128 });
      // On a machine that is busy elsewhere it may be noticed too late: then the kernel ends it.
      await console.prints(/MemoryError|Stopped: it needed more than 128 MiB of memory/);
    });

    it("ends a program that takes memory past the limit for data", async () => {
      const end = await lab.run("shared-memory-hog.py");
      assert.ok(
        end.outcome.kind === "out-of-memory" || /MemoryError|Cannot allocate/.test(end.stderr),
        JSON.stringify(end),
      );
      assert.doesNotMatch(end.stdout, /survived/);
    });

    it("contains a fork bomb, and other students notice nothing", async () => {
      await using console = lab.console();
      console.console.runFile("/home/ada/fork-bomb.py");
      if (lab.runner.jail.cgroups === "none") {
        await console.prints(/children [1-8] refused 49/);
      } else {
        await console.until("the end", () => console.ends.length > 0);
        assert.deepEqual(console.ends[0]?.outcome, { kind: "too-many-processes", processes: 32 });
        assert.match(console.text, /Stopped: it had more than 32 processes at a time\./);
        const [, children = 0] = /children (\d+) refused/.exec(console.text) ?? [];
        assert.ok(Number(children) < 150, console.text);
      }
      assert.deepEqual((await lab.run("hello.py")).outcome, { kind: "exited", status: 0 });
    });

    it("refuses a file over the largest size", async () => {
      const end = await lab.run("big-file.py");
      assert.equal(end.outcome.kind, "exited");
      assert.match(end.stderr, /OSError: \[Errno 27\] File too large/);
      await rm(join(lab.place.workspaceDirectory, "big.bin"));
    });

    it("stops a program that fills the workspace", async () => {
      const place = { ...lab.place, workspaceBytes: 20 << 20 };
      await using console = lab.console(place);
      const end = await console.runToEnd("fills-workspace.py");
      assert.ok(end.outcome.kind === "out-of-disk" && end.outcome.mebibytes === 20, JSON.stringify(end.outcome));
      const remove = "import os; [os.remove(n) for n in os.listdir() if n.startswith('part-')] and 'tidy'";
      console.console.restart();
      assert.match(await console.type(remove), /'tidy'/);
    });

    it("leaves no process behind when a script ends", async () => {
      const end = await lab.run("leaves-child.py");
      assert.match(end.stdout, /child stays[^]*parent done|parent done/);
      assert.deepEqual(end.outcome, { kind: "exited", status: 0 });
      assert.equal(lab.runner.jailCount, 0);
    });

    it("allows as many threads as the limit says", async () => {
      const end = await lab.run("threads.py");
      if (lab.runner.jail.cgroups === "none") assert.match(end.stderr, /can't start new thread/);
      else assert.equal(end.stdout, "threads 20\n");
    });
  });
}

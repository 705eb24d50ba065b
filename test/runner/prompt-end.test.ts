/** A prompt that is ended has time to write what it still has to write, and not more. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { Lab, type Transcript } from "./support.ts";

describe("a prompt that is ended", () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await Lab.open();
  });
  afterEach(() => lab[Symbol.asyncDispose]());

  const path = (name: string): string => join(lab.directory, "files/Local/ada", name);
  const content = (name: string): Promise<string> => readFile(path(name), "utf8").catch(() => "");
  const unpacked = async (name: string): Promise<string> => {
    try {
      return gunzipSync(await readFile(path(name))).toString();
    } catch {
      return "";
    }
  };

  it("has flushed its files before: the next run finds what a statement wrote", async () => {
    await using console = lab.console();
    await console.type('f = open("out", "w")');
    await console.type('f.write("one")');
    assert.equal(await content("out"), "one");
    await console.type('f.close(); f = open("out", "w"); f.write("two")');
    assert.equal(await content("out"), "two");
    await console.type('f.write(" and three"); f.closed');
    assert.equal(await content("out"), "two and three");
    await console.type(
      'import io; b = io.BufferedRandom(io.FileIO("more", "w+")); t = io.TextIOWrapper(b); t.write("four")',
    );
    assert.equal(await content("more"), "four");
    await writeFile(path("reads.py"), 'print(open("out").read(), open("more").read())');
    await console.runToEnd("reads.py");
    assert.match(console.text, /two and three four/);
  });

  it("flushes without the program's own methods, and goes on when it can't", async () => {
    await using console = lab.console();
    await console.type('import io; f = open("/dev/full", "w"); f.write("x")');
    await console.type("class Mine(io.TextIOWrapper): flush = lambda self: exit()");
    await console.type('g = Mine(open("out", "wb")); g.write("mine")');
    await console.type('h = open("more", "w"); h.write("x"); h.flush = exit');
    assert.match(await console.type("6 * 7"), /\n42\r\n/);
    assert.equal(await content("more"), "x");
  });

  const ends: readonly (readonly [string, (console: Transcript) => void | Promise<void>])[] = [
    ["a run", async (console) => void (await console.runToEnd("hello.py"))],
    ["a restart", (console) => console.console.restart()],
    ["the end of its session", async (console) => await console[Symbol.asyncDispose]()],
    ["Ctrl-D", (console) => console.console.write("\x04")],
    [
      "a restart behind half a line",
      async (console) => {
        console.console.write("print(1\x1b[D\x1b[D");
        await console.prints("print(1");
        console.console.restart();
      },
    ],
    [
      "a restart within a block",
      async (console) => {
        console.console.write("if True:\r");
        await console.prints(/\.\.\. +$/);
        console.console.write("    x = ");
        console.console.restart();
      },
    ],
    [
      "a restart during a statement",
      async (console) => {
        console.console.write("import time; time.sleep(0.3)\r");
        await console.reaches("running");
        console.console.restart();
      },
    ],
    [
      "a restart without readline",
      async (console) => {
        await console.type("import sys; sys.stdin = open(0, closefd=False); stdin = sys.stdin");
        console.console.write("half a line");
        console.console.restart();
      },
    ],
  ];
  for (const [name, end] of ends) {
    it(`ends as python3 does, by ${name}`, async () => {
      await using console = lab.console();
      await console.type('import atexit, gzip; z = gzip.open("out", "wt"); z.write("packed") and None');
      await console.type('atexit.register(lambda: open("more", "a").write("at the end"))');
      await end(console);
      await eventually(async () => (await unpacked("out")) === "packed" && (await content("more")) === "at the end");
    });
  }

  it("is hung up when it does not end, and killed when it goes on", async () => {
    await using console = lab.console();
    await console.type("import atexit, signal, threading");
    await console.type('signal.signal(signal.SIGHUP, lambda *a: open("out", "a").write("hung up")) and None');
    await console.type("atexit.register(threading.Event().wait)");
    console.console.restart();
    await console.promptShown();
    await eventually(async () => (await content("out")).startsWith("hung up"));
    await eventually(() => lab.runner.jailCount === 2);
  });

  for (const [name, line] of [
    ["threads that never end", "threading.Thread(target=threading.Event().wait).start()"],
    ["ignored signals", "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)] and atexit.register(time.sleep, 600)"],
    [
      "children",
      "[os.fork() or signal.signal(1, signal.SIG_IGN) or time.sleep(600) for _ in range(3)] if os.fork() == 0 else 1",
    ],
    ["endless output", "atexit.register(lambda: [print('x' * 1000) for _ in iter(int, 1)])"],
    ["a terminal that nobody reads", "[signal.signal(1, signal.SIG_IGN), time.sleep(600)]"],
  ] as const) {
    it(`can't stay by ${name}`, async () => {
      await using console = lab.console();
      await console.type("import atexit, os, signal, threading, time");
      console.clear();
      console.console.write(`${line}\r`);
      await console.until("the statement", () => console.text.includes("\n"));
      console.console.restart();
      await console.promptShown();
      await eventually(() => lab.runner.jailCount === 2);
      await console[Symbol.asyncDispose]();
      assert.equal(lab.runner.jailCount, 0);
    });
  }

  it("leaves at most one Python behind for a moment, however often it is ended", async () => {
    await using console = lab.console();
    let most = 0;
    for (let time = 0; time < 6; time++) {
      await console.type("import atexit, time; atexit.register(time.sleep, 600)");
      console.console.restart();
      await console.promptShown();
      // In use, ready, leaving, and one that is being killed.
      most = Math.max(most, lab.runner.jailCount);
    }
    assert.ok(most <= 4, String(most));
  });
});

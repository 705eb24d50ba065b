import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { Emitter } from "../../src/base/events.ts";
import { collector, Lab } from "./support.ts";

describe("a script without a screen", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open({ limits: { outputKibibytesPerSecond: 4096 } });
  });
  after(() => lab[Symbol.asyncDispose]());

  it("gets standard input with its end, arguments, and keeps its two outputs apart", async () => {
    const end = await lab.run("copies-input.py", { stdin: "one\ntwo\n", args: ["a b", "--flag"] });
    assert.deepEqual(end.outcome, { kind: "exited", status: 0 });
    assert.equal(end.stdout, "lines 2 args ['a b', '--flag']\n");
    assert.equal(end.stderr, "to stderr\n");
  });

  it("runs behind the server, with all that it starts", async () => {
    assert.equal((await lab.run("shows-niceness.py")).stdout, "10 10\n");
  });

  it("passes megabytes of input on", async () => {
    const end = await lab.run("copies-input.py", { stdin: "0123456789\n".repeat(200_000) });
    assert.match(end.stdout, /^lines 200000 /);
  });

  for (const [program, status, words] of [
    ["exits-3.py", 3, ""],
    ["fails.py", 1, "ZeroDivisionError: division by zero"],
    ["unclosed.py", 1, "SyntaxError: '(' was never closed"],
    ["no-such-file.py", 2, "Can't open /home/ada/no-such-file.py: No such file or directory"],
  ] as const) {
    it(`ends ${program} with status ${status}`, async () => {
      const end = await lab.run(program);
      assert.deepEqual(end.outcome, { kind: "exited", status });
      assert.ok(end.stderr.includes(words), end.stderr);
      assert.doesNotMatch(end.stderr, /runner\.py/);
    });
  }

  it("tells the signal that ended it", async () => {
    assert.deepEqual((await lab.run("kills-itself.py")).outcome, { kind: "signalled", signal: "SIGKILL" });
  });

  it("stops when its person leaves, even one that ignores signals", async () => {
    const leaving = new AbortController();
    const stdout = collector();
    const running = lab.runner.runScript(
      lab.place,
      { file: "/home/ada/ignores-signals.py", args: [] },
      { stdin: new PassThrough(), stdout: stdout.stream, stderr: new PassThrough(), signal: leaving.signal },
    );
    stdout.stream.once("data", () => leaving.abort());
    assert.deepEqual(await running, { kind: "stopped" });
  });

  it("passes a signal on", async () => {
    const signals = new Emitter<string>();
    const stdout = collector();
    const stderr = collector();
    const running = lab.runner.runScript(
      lab.place,
      { file: "/home/ada/sleeps.py", args: [] },
      {
        stdin: new PassThrough(),
        stdout: stdout.stream,
        stderr: stderr.stream,
        signal: new AbortController().signal,
        onSignal: signals.on,
      },
    );
    stdout.stream.once("data", () => signals.emit("INT"));
    assert.deepEqual(await running, { kind: "signalled", signal: "SIGINT" });
    assert.match(stderr.text(), /KeyboardInterrupt/);
    assert.equal(signals.listenerCount, 0);
  });

  it("waits for a reader that is slow, and loses nothing", async () => {
    let bytes = 0;
    let writes = 0;
    const slow = new Writable({
      highWaterMark: 1024,
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        writes++;
        setImmediate(done);
      },
    });
    const outcome = await lab.runner.runScript(
      lab.place,
      { file: "/home/ada/prints-much.py", args: [] },
      { stdin: new PassThrough().end(), stdout: slow, stderr: new PassThrough(), signal: new AbortController().signal },
    );
    assert.deepEqual(outcome, { kind: "exited", status: 0 });
    let expected = 0;
    for (let number = 0; number < 20_000; number++) expected += `line ${number}\n`.length;
    assert.equal(bytes, expected);
    assert.ok(writes > 0);
  });

  it("holds a program back whose reader has stopped reading", async () => {
    let bytes = 0;
    const stuck = new Writable({
      write(chunk: Buffer) {
        bytes += chunk.length; // and never done
      },
    });
    const leaving = new AbortController();
    const running = lab.runner.runScript(
      lab.place,
      { file: "/home/ada/prints-forever.py", args: [] },
      { stdin: new PassThrough(), stdout: stuck, stderr: new PassThrough(), signal: leaving.signal },
    );
    // The next script takes longer than the first needs to fill every buffer there is.
    await lab.run("prints-much.py");
    assert.ok(stuck.writableLength + bytes < 300_000, `${stuck.writableLength} bytes were taken`);
    leaving.abort();
    assert.deepEqual(await running, { kind: "stopped" });
  });

  for (const [how, program] of [
    ["prints", "while True: print('x' * 70)"],
    ["writes to the descriptor", "import os\nwhile True: os.write(1, b'x' * 70)"],
    ["lets another program print", "import subprocess, sys\nsys.exit(subprocess.run(['yes']).returncode and 1)"],
  ] as const) {
    it(`gets an error or a signal, as from any pipe, when it ${how} and nobody reads any more`, async () => {
      await writeFile(join(lab.place.workspaceDirectory, "to-nobody.py"), program);
      const stdout = new PassThrough();
      const stderr = collector();
      stdout.once("data", () => stdout.destroy());
      const outcome = await lab.runner.runScript(
        lab.place,
        { file: "/home/ada/to-nobody.py", args: [] },
        { stdin: new PassThrough(), stdout, stderr: stderr.stream, signal: new AbortController().signal },
      );
      assert.deepEqual(outcome, { kind: "exited", status: 1 });
      // A program that is not Python ends by SIGPIPE without a word, or says that its reader has gone.
      if (!program.includes("yes")) assert.match(stderr.text(), /BrokenPipeError|ConnectionResetError/);
    });
  }

  it("goes on without its reader where it catches that, and its errors are still read", async () => {
    await writeFile(
      join(lab.place.workspaceDirectory, "without-reader.py"),
      "import os, sys\ntry:\n    while True: os.write(1, b'x' * 70)\nexcept ConnectionError:\n    print('went on', file=sys.stderr)\n",
    );
    const stdout = new PassThrough();
    const stderr = collector();
    stdout.once("data", () => stdout.destroy());
    const outcome = await lab.runner.runScript(
      lab.place,
      { file: "/home/ada/without-reader.py", args: [] },
      { stdin: new PassThrough(), stdout, stderr: stderr.stream, signal: new AbortController().signal },
    );
    assert.deepEqual([outcome, stderr.text()], [{ kind: "exited", status: 0 }, "went on\n"]);
  });

  it("gets a terminal when the client has one", async () => {
    const stdin = new PassThrough();
    const stdout = collector();
    const resized = new Emitter<{ columns: number; rows: number }>();
    const running = lab.runner.runScript(
      lab.place,
      { file: "/home/ada/tells-terminal.py", args: [] },
      {
        stdin,
        stdout: stdout.stream,
        stderr: stdout.stream,
        signal: new AbortController().signal,
        terminal: { columns: 100, rows: 30, onResize: resized.on },
      },
    );
    stdout.stream.once("data", () => {
      resized.emit({ columns: 120, rows: 40 });
      stdin.write("go\r");
    });
    assert.deepEqual(await running, { kind: "exited", status: 0 });
    assert.match(stdout.text(), /True 100x30[^]*now 120x40\r\n$/);
  });
});

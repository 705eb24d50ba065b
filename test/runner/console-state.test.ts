import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { Lab } from "./support.ts";

describe("the console", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
  });
  after(() => lab[Symbol.asyncDispose]());

  it("finds a jail that works on this machine", () => {
    assert.equal(lab.runner.jail.available, true, JSON.stringify(lab.runner.jail));
  });

  it("opens with Python's prompt", async () => {
    await using console = lab.console();
    assert.match(await console.type("1 + 1"), /\n2\r\n>>> $/);
  });

  it("runs a script and keeps its variables at the prompt", async () => {
    await using console = lab.console();
    const end = await console.runToEnd("hello.py");
    assert.deepEqual(end.outcome, { kind: "exited", status: 0 });
    assert.equal(end.file, "/home/ada/hello.py");
    assert.match(console.text, /=== RUN hello.py ===.*\r\nHello, Ada!\r\n/);
    assert.match(await console.type("name"), /'Ada'/);
  });

  it("starts each run afresh, also while the one before still runs", async () => {
    await using console = lab.console();
    await console.runToEnd("hello.py");
    console.console.runFile("/home/ada/forever.py");
    await console.prints("going round");
    await console.runToEnd("asks-nothing.py");
    assert.match(await console.type("name"), /NameError/);
    const stopped = console.ends.find((end) => end.file === "/home/ada/forever.py");
    assert.deepEqual(stopped?.outcome, { kind: "stopped" });
  });

  it("lets a script ask for input", async () => {
    await using console = lab.console();
    await console.reaches("prompt");
    console.console.runFile("/home/ada/asks-name.py");
    await console.prints("Your name? ");
    console.console.write("Grace\r");
    await console.prints("Hello, Grace\r\n");
    await console.reaches("prompt");
    assert.deepEqual(console.ends.at(-1)?.outcome, { kind: "exited", status: 0 });
  });

  it("keeps what is typed before the script reads", async () => {
    await using console = lab.console();
    console.console.runFile("/home/ada/asks-name.py");
    console.console.write("Early\r");
    await console.prints("Hello, Early\r\n");
  });

  for (const program of ["forever.py", "sleeps.py", "asks-name.py"]) {
    it(`stops ${program} by Ctrl-C and opens the prompt`, async () => {
      await using console = lab.console();
      console.console.runFile(`/home/ada/${program}`);
      await console.prints(/going round|sleeping|Your name/);
      console.console.write("\x03");
      await console.reaches("prompt");
      assert.match(console.text, /KeyboardInterrupt/);
      assert.deepEqual(console.ends.at(-1)?.outcome, { kind: "stopped" });
    });
  }

  it("interrupts a script that has only just been asked for", async () => {
    await using console = lab.console();
    console.console.runFile("/home/ada/forever.py");
    console.console.interrupt();
    await console.reaches("prompt");
    assert.deepEqual(console.ends.at(-1)?.outcome, { kind: "stopped" });
  });

  it("takes Ctrl-C at the prompt as a new line", async () => {
    await using console = lab.console();
    await console.promptShown();
    console.console.write("half a li\x03");
    await console.prints(/KeyboardInterrupt\r\n>>> $/);
    assert.match(await console.type("'still' + ' here'"), /'still here'/);
  });

  it("interrupts a script that has switched Ctrl-C off", async () => {
    await using console = lab.console();
    console.console.runFile("/home/ada/raw-terminal.py");
    await console.prints("\nraw");
    console.console.interrupt();
    await console.reaches("prompt");
    assert.deepEqual(console.ends.at(-1)?.outcome, { kind: "stopped" });
  });

  it("shows an error without our frames, tells its line, and opens the prompt", async () => {
    await using console = lab.console();
    const end = await console.runToEnd("fails.py");
    assert.deepEqual(end.outcome, { kind: "exited", status: 1 });
    assert.equal(end.errorLine, 4);
    assert.match(console.plainText, /ZeroDivisionError: division by zero/);
    assert.equal(end.error, "ZeroDivisionError: division by zero");
    assert.match(console.plainText, /File "\/home\/ada\/helper_module.py", line 2/);
    assert.doesNotMatch(console.text, /runner\.py/);
    await console.reaches("prompt");
    assert.match(await console.type("middle"), /function middle/);
  });

  it("shows no frames of ours in errors that were caused by others", async () => {
    await using console = lab.console();
    const end = await console.runToEnd("chained-error.py");
    assert.equal(end.errorLine, 4);
    assert.match(console.plainText, /KeyError: 'missing'[^]*direct cause[^]*ValueError: wrapped/);
    assert.doesNotMatch(console.text, /runner\.py/);
    assert.doesNotMatch(await console.type("1/0"), /runner\.py|code\.py/);
  });

  it("checks the syntax before anything runs", async () => {
    await using console = lab.console();
    const end = await console.runToEnd("unclosed.py");
    assert.equal(end.syntaxError, true);
    assert.equal(end.errorLine, 2);
    assert.equal(end.error, "SyntaxError: '(' was never closed");
    assert.match(console.plainText, /unclosed.py", line 2\r\n[^]*SyntaxError: '\(' was never closed/);
    assert.doesNotMatch(console.text, /Traceback|runner\.py/);
  });

  it("says when a file is not there", async () => {
    await using console = lab.console();
    const end = await console.runToEnd("no-such-file.py");
    assert.deepEqual(end.outcome, { kind: "exited", status: 2 });
    assert.match(console.text, /Can't open \/home\/ada\/no-such-file.py: No such file or directory/);
  });

  for (const [program, status] of [
    ["exits-3.py", 3],
    ["calls-exit.py", 0],
  ] as const) {
    it(`opens the prompt after ${program}`, async () => {
      await using console = lab.console();
      const end = await console.runToEnd(program);
      assert.deepEqual(end.outcome, { kind: "exited", status });
      assert.match(await console.type("6 * 7"), /42/);
    });
  }

  it("says that Python has ended, and opens a new prompt on Enter", async () => {
    await using console = lab.console();
    await console.promptShown();
    console.console.write("exit()\r");
    await console.reaches("ended");
    assert.match(console.text, /Python has ended. Press Enter for a new prompt.\r\n$/);
    console.console.write("\r");
    assert.match(await console.type("2 + 3"), /5/);
  });

  it("ends by Ctrl-D at the prompt", async () => {
    await using console = lab.console();
    await console.promptShown();
    console.console.write("\x04");
    await console.reaches("ended");
    assert.equal((await console.runToEnd("hello.py")).outcome.kind, "exited");
  });

  it("tells the signal that ended a script", async () => {
    await using console = lab.console();
    const end = await console.runToEnd("kills-itself.py");
    assert.deepEqual(end.outcome, { kind: "signalled", signal: "SIGKILL" });
    await console.reaches("ended");
  });

  it("restarts to a fresh prompt, whatever runs", async () => {
    await using console = lab.console();
    console.console.runFile("/home/ada/ignores-signals.py");
    await console.prints("deaf");
    console.console.restart();
    await console.prints("=== RESTART ===");
    assert.match(await console.type("'fresh'"), /'fresh'/);
    assert.deepEqual(
      console.ends.map((end) => end.outcome.kind),
      ["stopped"],
    );
  });

  it("remembers typed lines from one run to the next, and completes names by Tab", async () => {
    await using console = lab.console();
    await console.type("distinctive = 12345");
    await console.runToEnd("hello.py");
    await console.reaches("prompt");
    console.clear();
    console.console.write("\x1b[A");
    await console.prints("distinctive = 12345");
    console.console.write("\x03");
    await console.prints("KeyboardInterrupt");
    await console.type("unusual_name = 'by tab'");
    console.clear();
    console.console.write("unusual_n\t\r");
    await console.prints("'by tab'");
  });

  it("knows the size of the terminal, and its changes", async () => {
    await using console = lab.console();
    await console.type("import os");
    assert.match(await console.type("os.get_terminal_size()"), /columns=80, lines=24/);
    console.console.resize({ columns: 132, rows: 43 });
    assert.match(await console.type("os.get_terminal_size()"), /columns=132, lines=43/);
  });

  it("prints everything in order, and holds back while paused", async () => {
    await using console = lab.console();
    await console.reaches("prompt");
    console.console.runFile("/home/ada/prints-much.py");
    await console.prints("line 10\r\n");
    console.console.pause();
    const before = console.bytes;
    console.console.resume();
    await console.reaches("prompt");
    assert.ok(console.bytes > before);
    const numbers = [...console.text.matchAll(/line (\d+)\r\n/g)].map((match) => Number(match[1]));
    assert.equal(numbers.at(-1), 19_999);
    assert.ok(numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1));
  });

  it("takes a long paste without losing a byte", async () => {
    await using console = lab.console();
    await console.promptShown();
    const text = "é".repeat(5000);
    console.console.write(`s = '${text}'\rlen(s)\r`);
    await console.prints(/\n5000\r\n>>> $/);
  });

  it("keeps the prompt in its own module", async () => {
    await using console = lab.console();
    assert.match(await console.type("sorted(n for n in globals() if not n.startswith('__'))"), /\n\[\]\r\n/);
    assert.match(await console.type("__name__"), /'__main__'/);
  });
});

describe("the console where the course wants no prompt after an error", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open({ runner: { promptAfterError: false, spareJails: false } });
  });
  after(() => lab[Symbol.asyncDispose]());

  it("opens it by itself after a script that ends well or by exit()", async () => {
    await using console = lab.console();
    await console.runToEnd("exits-3.py");
    assert.match(await console.type("6 * 7"), /42/);
    assert.doesNotMatch(console.text, /Press Enter/);
  });

  it("waits for Enter after an error, and has the variables and the traceback then", async () => {
    await using console = lab.console();
    await console.runToEnd("fails.py");
    await console.reaches("failed");
    assert.match(
      console.plainText,
      /ZeroDivisionError: [^\n]*\r\n[^\n]*Finished with exit status 1\. Press Enter for a prompt with its variables\.\r\n$/,
    );
    console.console.write("x\x03y\x04");
    assert.equal(console.console.state, "failed");
    console.console.write("\r");
    assert.match(await console.type("middle"), /function middle/);
    assert.match(await console.type("import sys; sys.last_traceback.tb_lineno"), /\n7\r\n/);
    console.clear();
    console.console.write("import pdb; pdb.pm()\r");
    await console.prints(/\(Pdb\) $/);
    console.console.write("q\r");
    assert.match(await console.type("6 * 7"), /42/);
    console.clear();
    console.console.write("exit()\r");
    await console.reaches("ended");
    assert.equal(console.text.split("Python has ended").length, 2);
  });

  it("has them also after Ctrl-C and at a limit, and none after an error of syntax", async () => {
    await using console = lab.console();
    await writeFile(join(lab.directory, "files/Local/ada/loops.py"), "n = 0\nprint('going on')\nwhile True: n += 1\n");
    console.console.runFile("/home/ada/loops.py");
    await console.prints("going on");
    console.console.interrupt();
    await console.reaches("failed");
    assert.match(console.text, /KeyboardInterrupt[^]*Stopped\. Press Enter for a prompt with its variables\.\r\n$/);
    console.console.write("\r");
    assert.match(await console.type("n >= 0"), /True/);
    await console.runToEnd("unclosed.py");
    await console.reaches("failed");
    assert.match(console.text, /status 1\. Press Enter for a prompt\.\r\n$/);
  });

  it("ends what waits like a prompt: by a run, a restart and the end of the session", async () => {
    const home = join(lab.directory, "files/Local/ada");
    await writeFile(
      join(home, "leaves.py"),
      'class Late:\n    def __del__(self, open=open): open("late", "a").write("x")\nlate = Late()\n1/0\n',
    );
    const late = (): Promise<string> => readFile(join(home, "late"), "utf8").catch(() => "");
    await using console = lab.console();
    for (const [count, end] of [
      async () => void (await console.runToEnd("hello.py")),
      async () => console.console.restart(),
      async () => await console[Symbol.asyncDispose](),
    ].entries()) {
      await console.runToEnd("leaves.py");
      await console.reaches("failed");
      await end();
      await eventually(async () => (await late()).length === count + 1);
    }
  });
});

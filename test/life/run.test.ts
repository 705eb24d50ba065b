/** The life of a run: key, save, runner, jail, pty, console, outcome; and `run` over exec. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "../support/eventually.ts";
import { sshClients } from "../support/ssh-clients.ts";
import { testServer, type TestServer } from "../support/server.ts";

const run = promisify(execFile);

describe("the life of a run", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ "limits.runSeconds": 4, "limits.runsPerMinute": 100 });
    await server.add("ada");
  });
  after(() => server[Symbol.asyncDispose]());

  const write = (name: string, text: string, user = "ada"): Promise<void> =>
    writeFile(join(server.home(user), name), text);

  it("saves what was typed, runs it, answers input(), and keeps the variables at the prompt", async () => {
    await using ada = await server.connect("ada");
    await ada.wait(/ready/);
    ada.press("Ctrl-N");
    await ada.wait(/name/i);
    ada.type("greet.py\r");
    await ada.wait(/welcome\.py +greet\.py/);
    ada.type('who = input("Who? ")\rfor i in range(2):\rprint("Hi", who, i)\r');
    ada.press("F5");
    await ada.wait("Who? ");
    ada.type("Ada\r");
    await ada.wait(/Hi Ada 0[^]*Hi Ada 1[^]*>>>/);
    ada.type("len(who)\r");
    await ada.wait(/len\(who\)\s*\n.*3/);
    assert.equal(
      await readFile(join(server.home("ada"), "greet.py"), "utf8"),
      'who = input("Who? ")\nfor i in range(2):\n    print("Hi", who, i)\n    ',
    );
  });

  it("stops an endless loop at Ctrl-C", async () => {
    await server.add("grace");
    await write("loop.py", "import time\nprint('looping')\nwhile True:\n    time.sleep(0.01)\n", "grace");
    await using ada = await server.connect("grace");
    await ada.wait(/ready/);
    ada.press("Ctrl-O");
    await ada.wait(/open/i);
    ada.type("loop.py\r");
    await ada.wait("while True");
    ada.press("F5");
    await ada.wait("looping");
    ada.press("Ctrl-C");
    await ada.wait("KeyboardInterrupt");
  });

  it("has written all files when the result is shown, and what was done at the prompt by the next run", async () => {
    await server.add("barbara");
    const text = (name: string): Promise<string> =>
      readFile(join(server.home("barbara"), name), "utf8").catch(() => "");
    await write("ends.py", 'f = open("s.txt", "w")\nf.write("x")\n', "barbara");
    await using ada = await server.connect("barbara");
    await ada.wait(/ready/);
    ada.press("Ctrl-O");
    await ada.wait(/open/i);
    ada.type("ends.py\r");
    await ada.wait("f.write");
    ada.press("F5");
    await ada.wait(/=== RUN[^]*>>>/);
    assert.equal(await text("s.txt"), "x");
    ada.type('import atexit; atexit.register(open("more.txt", "w").write, "at the end") and f.write("y")\r');
    await eventually(async () => (await text("s.txt")) === "xy");
    ada.press("F5");
    await eventually(async () => (await text("more.txt")) === "at the end");
  });

  it("says in one sentence that a program ran too long", async () => {
    await server.add("alan");
    await write("spin.py", "while True:\n    pass\n", "alan");
    await using ada = await server.connect("alan");
    await ada.wait(/ready/);
    ada.press("Ctrl-O");
    await ada.wait(/open/i);
    ada.type("spin.py\r");
    await ada.wait("pass");
    ada.press("F5");
    await ada.wait(/ran for 4 seconds/);
  });

  for (const client of sshClients) {
    it(`over exec by ${client} has the program's input, output and status`, async () => {
      await write(
        "sum.py",
        "import sys\nprint(sum(map(int, sys.stdin)))\nprint('note', file=sys.stderr)\nsys.exit(7)\n",
      );
      const result = await server.run("ada", "run sum.py", "1\n2\n3\n", client);
      assert.equal(result.status, 7, result.stderr);
      assert.equal(result.stdout, "6\n");
      assert.match(result.stderr, /note/);
    });
  }

  it("over exec does at its end what python3 does", async () => {
    await write(
      "ends.py",
      'import atexit, threading, time\natexit.register(print, "atexit")\nf = open("s.txt", "w")\nf.write("x")\n' +
        'threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()\n',
    );
    assert.equal((await server.run("ada", "run ends.py")).stdout, "thread\natexit\n");
    assert.equal(await readFile(join(server.home("ada"), "s.txt"), "utf8"), "x");
  });

  it("over exec passes arguments on as they are, flags too", async () => {
    await write("args.py", "import sys\nprint(sys.argv[1:])\n");
    const result = await server.run("ada", "run args.py --json 'a b' -x $HOME");
    assert.equal(result.stdout, "['--json', 'a b', '-x', '$HOME']\n");
  });

  it("over exec ends what runs too long, with a sentence and a status of its own", async () => {
    await write("spin.py", "while True:\n    pass\n");
    const result = await server.run("ada", "run spin.py");
    assert.equal(result.status, 124);
    assert.match(result.stderr, /ran for 4 seconds without finishing/);
  });

  it("over exec ends within moments of its reader, as under sshd: run big.py | head -1", async () => {
    await write("big.py", "for number in range(10_000_000): print(number)\n");
    const { args, env } = await server.ssh("ada");
    const { stdout, stderr } = await run(
      "bash",
      ["-c", 'ssh "$@" | head -1; echo "${PIPESTATUS[0]}"', "bash", ...args, "run big.py"],
      { env },
    );
    assert.equal(stdout, "0\n1\n");
    assert.match(stderr, /BrokenPipeError|ConnectionResetError/);
  });

  it("over exec ends a command whose answer nobody reads", async () => {
    const { args, env } = await server.ssh("ada");
    const { stdout } = await run("bash", ["-c", 'ssh "$@" | true', "bash", ...args, "help"], { env });
    assert.equal(stdout, "");
  });

  it("over exec says clearly what can't be run", async () => {
    const missing = await server.run("ada", "run nothing.py");
    assert.equal(missing.status, 4);
    assert.match(missing.stderr, /classh: .*nothing\.py/);
    const outside = await server.run("ada", "run ../../etc/passwd");
    assert.notEqual(outside.status, 0);
    const none = await server.run("ada", "run");
    assert.equal(none.status, 2);
    assert.match(none.stderr, /Usage: run .*FILE/);
  });
});

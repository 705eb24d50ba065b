/** What a program leaves to the prompt that follows, and what an interrupt at its end does. That its end is python3's is shown by programs.test.ts. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { copyProgram, corpus } from "./corpus.ts";
import { Lab } from "./support.ts";

describe("the end of a program", () => {
  let lab: Lab;
  let home: string;
  before(async () => {
    lab = await Lab.open({ limits: { runSeconds: 600 } });
    home = join(lab.directory, "files/Local/ada");
    await mkdir(home, { recursive: true });
  });
  after(() => lab[Symbol.asyncDispose]());

  /** Removes what a program left. */
  async function tidy(): Promise<void> {
    for (const name of await readdir(home)) if (/^(out|more)/.test(name)) await rm(join(home, name));
  }

  for (const program of corpus().filter(({ prompt }) => prompt)) {
    it(`leaves to the prompt what ${program.name} has`, async () => {
      await copyProgram(program, home);
      await using console = lab.console();
      const [line = "", shown = ""] = program.prompt ?? [];
      try {
        await console.runToEnd("main.py");
        await console.promptShown();
        console.clear();
        console.console.write(`${line}\r`);
        await console.prints(/\n>>> $|Python has ended/);
        assert.match(console.text, new RegExp(shown));
      } finally {
        await tidy();
      }
    });
  }

  it("waits for threads until Ctrl-C, which python3 reports and goes on", async () => {
    await writeFile(
      join(home, "ends.py"),
      'import atexit, threading\natexit.register(print, "at the end")\ndef f():\n    threading.main_thread().join()\n    print("waits")\n    threading.Event().wait()\nt = threading.Thread(target=f)\nt.start()\n',
    );
    await using console = lab.console();
    console.console.runFile("/home/ada/ends.py");
    await console.prints("waits");
    assert.equal(console.ends.length, 0);
    await eventually(() => {
      if (!console.ends.length) console.console.write("\x03");
      return console.ends.length > 0;
    });
    assert.deepEqual(console.ends[0]?.outcome, { kind: "exited", status: 0 });
    assert.match(
      console.plainText,
      /Exception ignored in: <module 'threading' from '.*'>\r\nTraceback[^]*in _shutdown\r\n[^]*KeyboardInterrupt[^]*at the end\r\n/,
    );
    assert.doesNotMatch(console.text, /runner\.py|program_end\.py/);
    assert.match(await console.type("t.is_alive()"), /True/);
  });

  it("comes after Ctrl-C over exec, before the signal that python3 ends by", async () => {
    await writeFile(
      join(home, "ends.py"),
      'import atexit, os, signal\natexit.register(print, "at the end")\nf = open("out", "w")\nf.write("x")\nos.kill(os.getpid(), signal.SIGINT)\n',
    );
    const { outcome, stdout, stderr } = await lab.run("ends.py");
    assert.deepEqual(outcome, { kind: "signalled", signal: "SIGINT" });
    assert.equal(stdout, "at the end\n");
    assert.match(stderr, /KeyboardInterrupt\n$/);
    assert.equal((stderr.match(/Traceback/g) ?? []).length, 1, stderr);
    assert.equal(await readFile(join(home, "out"), "utf8"), "x");
    await tidy();
  });
});

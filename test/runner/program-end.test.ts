/** What a program leaves behind when it has ended is what python3 leaves: on F5, where a prompt with its variables follows, and over exec. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resetTerminal } from "../../src/runner/reset-terminal.ts";
import { eventually } from "../support/eventually.ts";
import { programEnds, type ProgramEnd } from "./program-ends.ts";
import { Lab } from "./support.ts";

interface Left {
  readonly printed: string;
  readonly errors: string;
  readonly status: number;
  readonly files: string;
}

function python(directory: string, ...words: string[]): Promise<{ status: number; printed: string; errors: string }> {
  return new Promise((resolve) => {
    execFile("/usr/bin/python3", words, { cwd: directory, env: { PATH: "/usr/bin:/bin" } }, (error, printed, errors) =>
      resolve({ status: typeof error?.code === "number" ? error.code : 0, printed, errors }),
    );
  });
}

/** What is in the files, without what differs from run to run. */
async function look(directory: string, { look: code = "" }: ProgramEnd): Promise<string> {
  const { printed, errors } = await python(directory, "-c", code);
  return printed + errors.replaceAll(directory, "DIRECTORY");
}

/** Errors without paths and addresses, and the lines with Python's marks below the code. */
function comparable(text: string): string {
  return text
    .replaceAll(resetTerminal, "")
    .replaceAll("\r\n", "\n")
    .replaceAll(/File ".*?"/g, "File")
    .replaceAll(/0x[\da-f]+/g, "0x")
    .replaceAll(/\x1b\[[\d;?!]*[a-z]/gi, "");
}

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

  async function byPython(each: ProgramEnd): Promise<Left> {
    const directory = await mkdtemp(join(tmpdir(), "classh-python-"));
    try {
      await writeFile(join(directory, "ends.py"), each.program);
      const { status, printed, errors } = await python(directory, "ends.py");
      return { printed, errors: comparable(errors), status, files: await look(directory, each) };
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  for (const each of programEnds) {
    it(`${each.name}, over exec`, async () => {
      const expected = await byPython(each);
      await writeFile(join(home, "ends.py"), each.program);
      try {
        const { outcome, stdout, stderr } = await lab.run("ends.py");
        const status = outcome.kind === "exited" ? outcome.status : -1;
        assert.deepEqual(
          { printed: stdout, errors: comparable(stderr), status, files: await look(home, each) },
          expected,
        );
      } finally {
        await tidy();
      }
    });

    it(`${each.name}, in the console`, async () => {
      const expected = await byPython(each);
      await writeFile(join(home, "ends.py"), each.program);
      await using console = lab.console();
      try {
        await console.reaches("prompt");
        const { outcome } = await console.runToEnd("ends.py");
        const printed = comparable(console.text.replace(/^[^]*?=== RUN .*\r\n/, "").replace(/>>> $/, ""));
        assert.deepEqual(outcome, { kind: "exited", status: expected.status });
        assert.equal(await look(home, each), expected.files);
        // On a terminal both go to one place.
        for (const part of [expected.printed, expected.errors])
          for (const line of part.split("\n")) assert.ok(printed.includes(line), `${line}\nin\n${printed}`);
        assert.equal(printed.length, (expected.printed + expected.errors).length, printed);
        if (each.prompt) {
          const [line, answer] = each.prompt;
          await console.promptShown();
          console.clear();
          console.console.write(`${line}\r`);
          await console.prints(/\n>>> $|Python has ended/);
          assert.match(console.text, answer);
        }
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

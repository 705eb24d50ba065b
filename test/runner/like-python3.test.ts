/** What a program finds when it begins is what python3 shows it, started by the same program in the same jail. */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Lab } from "./support.ts";

type Found = Readonly<Record<string, unknown>>;

/** The lines of JSON among what was printed. */
function foundIn(text: string): Found[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Found);
}

function assertSame([ours, theirs]: readonly Found[]): void {
  assert.ok(ours && theirs, "the program and python3 have told what they find");
  assert.notEqual(ours["random"], theirs["random"]);
  assert.deepEqual({ ...ours, random: 0 }, { ...theirs, random: 0 });
}

describe("a program finds what python3 would show it", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
  });
  after(() => lab[Symbol.asyncDispose]());

  const home = (): string => join(lab.directory, "files/Local/ada");

  async function byConsole(): Promise<Found[]> {
    await using console = lab.console();
    await console.reaches("prompt");
    await console.runToEnd("looks-around.py");
    return foundIn(console.text);
  }

  async function byExec(): Promise<Found[]> {
    const end = await lab.run("looks-around.py");
    assert.equal(end.stderr, "");
    return foundIn(end.stdout);
  }

  it("in the console", async () => assertSame(await byConsole()));

  it("without a screen", async () => assertSame(await byExec()));

  it("with packages and a usercustomize of the person's own", async () => {
    const [first] = await byExec();
    const version = /python3\.\d+/.exec(String(first?.["path"]))?.[0] ?? "";
    const packages = join(home(), ".local/lib", version, "site-packages");
    await mkdir(packages, { recursive: true });
    await writeFile(
      join(packages, "usercustomize.py"),
      'import os, string\nos.environ["CUSTOMIZED"] = string.digits\n',
    );
    await writeFile(join(packages, "further.pth"), "/home/ada/further\nimport colorsys\n");
    await mkdir(join(home(), "further"));
    try {
      const inConsole = await byConsole();
      const overExec = await byExec();
      assertSame(inConsole);
      assertSame(overExec);
      for (const [found] of [inConsole, overExec]) assert.deepEqual(found?.["site"], [true, true, "0123456789"]);
    } finally {
      await rm(join(home(), ".local"), { recursive: true });
    }
  });

  it("with modules beside it that are called as those that we use", async () => {
    const names = [
      "code",
      "codeop",
      "warnings",
      "signal",
      "ctypes",
      "termios",
      "readline",
      "prompt",
      "enclosure",
      "rlcompleter",
    ];
    for (const name of names) await writeFile(join(home(), `${name}.py`), `mine = True\n`);
    await writeFile(
      join(home(), "imports-own.py"),
      `${names
        .filter((name) => name !== "warnings" && name !== "signal")
        .map((name) => `import ${name}\nassert ${name}.mine\n`)
        .join("")}print("all mine")\n`,
    );
    try {
      await using console = lab.console();
      await console.runToEnd("imports-own.py");
      assert.match(console.text, /all mine/);
      assert.match(await console.type("1 + 1"), /\n2\r\n>>> $/);
    } finally {
      for (const name of names) await rm(join(home(), `${name}.py`));
    }
  });

  it("whatever a program puts in the place of built-in functions", async () => {
    await writeFile(
      join(home(), "replaces.py"),
      "import builtins\nbuiltins.input = lambda *words: 'again'\nbuiltins.__import__ = None\n",
    );
    await using console = lab.console();
    await console.runToEnd("replaces.py");
    assert.match(await console.type("2 + 2"), /\n4\r\n>>> $/);
  });
});

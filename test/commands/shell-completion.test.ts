import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { completionFor } from "../../src/commands/shell-completion.ts";
import { commands } from "../../src/commands/command-registry.ts";

const run = promisify(execFile);

describe("completion", () => {
  /** What bash offers after these words; the last one is being typed. */
  async function bash(...words: string[]): Promise<string[]> {
    const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _classh; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run("bash", [
      "-uc",
      `${completionFor("bash", commands)}\n${ask}`,
      "bash",
      "classh",
      ...words,
    ]);
    return stdout.split("\n").filter(Boolean);
  }

  it("in bash offers nouns, verbs and options", async () => {
    assert.deepEqual((await bash("us")).sort(), ["usage", "user"]);
    assert.deepEqual((await bash("audit", "")).sort(), ["list", "verify"]);
    assert.deepEqual(await bash("--data", "/srv/x", "--as", "ada", "who"), ["whoami"]);
    assert.deepEqual(await bash("user", "add", "ada", "--ro"), ["--role"]);
    assert.ok((await bash("audit", "list", "--")).includes("--since"));
    assert.deepEqual(await bash("run", "x.py", ""), []);
    assert.deepEqual(await bash("nothing", "x", "--"), []);
  });

  it("in bash knows every command and every option of it", async () => {
    const all = commands.map(({ name }) => name.split(" "));
    assert.deepEqual(
      (await bash("")).filter((word) => !word.startsWith("-")).sort(),
      [...new Set(all.map(([noun = ""]) => noun))].sort(),
    );
    for (const { name, options = {} } of commands.filter(({ name }) => /^(user|audit) /.test(name))) {
      const offered = await bash(...name.split(" "), "--");
      assert.deepEqual(
        Object.keys(options).filter((option) => !offered.includes(`--${option}`)),
        [],
        name,
      );
    }
  });

  it("in zsh is a program that zsh can read, where there is a zsh", () => {
    const text = completionFor("zsh", commands);
    for (const { name } of commands) assert.ok(text.includes(`'${name}')`), name);
    const { error, status, stderr } = spawnSync("zsh", ["-n"], { input: text });
    if (!error) assert.equal(status, 0, String(stderr));
  });
});

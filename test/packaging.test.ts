/** The scripts in bin/, as far as they can be run without root and without changing this machine. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("the scripts", () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "classh-scripts-"));
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  /** Runs a script of bin/ with a clean environment. */
  function run(script: string, words: readonly string[], path = `${dirname(process.execPath)}:/usr/bin:/bin`): { status: number | null; text: string } {
    const { status, stdout, stderr } = spawnSync(join(root, "bin", script), words, { cwd: scratch, env: { PATH: path, HOME: scratch, TMPDIR: tmpdir() }, encoding: "utf8" });
    return { status, text: stdout + stderr };
  }

  it("are valid, and show how to use them", () => {
    for (const script of ["start", "test", "classh", "prepare-cgroups", "common.bash"]) {
      const { status, stderr } = spawnSync("/bin/bash", ["-n", join(root, "bin", script)], { encoding: "utf8" });
      assert.equal(status, 0, `${script}: ${stderr}`);
    }
    const help = run("start", ["--help"]);
    assert.equal(help.status, 0);
    assert.match(help.text, /bin\/start \[--listen HOST:PORT\] \[--data DIR\] \[--no-demo\]/);
  });

  it("refuse a data directory with other files in it, and leave it as it is", () => {
    const papers = join(scratch, "papers");
    mkdirSync(papers, { mode: 0o755 });
    writeFileSync(join(papers, "thesis.odt"), "");
    for (const words of [["--data", "papers"], ["--data=papers"], ["--config", "settings.yaml"], ["--data", "papers/thesis.odt"]]) {
      writeFileSync(join(scratch, "settings.yaml"), `listen: 127.0.0.1:0\ndata: "${papers}"  # mine\n`);
      const { status, text } = run("start", words);
      assert.equal(status, 1, text);
      assert.match(text, /^classh: .*papers.* (has other files in it|is not a directory)\n.*--data DIR/);
    }
    assert.deepEqual(readdirSync(papers), ["thesis.odt"]);
    assert.equal(statSync(papers).mode & 0o777, 0o755);
  });

  it("say which Node.js is needed", () => {
    const tools = join(scratch, "tools");
    mkdirSync(tools);
    for (const tool of ["bash", "readlink", "realpath", "dirname", "sed", "tail", "grep", "ls"]) symlinkSync(`/usr/bin/${tool}`, join(tools, tool));
    const missing = run("start", ["--data", "data"], tools);
    assert.equal(missing.status, 1);
    assert.match(missing.text, /Node\.js is missing\n +Install Node\.js 20/);
    writeFileSync(join(tools, "node"), `#!/bin/bash\n[ "$1" = --version ] && echo v18.0.0\nexit 1\n`);
    chmodSync(join(tools, "node"), 0o755);
    assert.match(run("start", ["--data", "data"], tools).text, /Node\.js v18\.0\.0 is too old/);
    assert.deepEqual(readdirSync(scratch), ["tools"], "nothing was made");
  });

  it("say so when there is no server to talk to", () => {
    const { status, text } = run("classh", ["--data", "nowhere", "user", "list"]);
    assert.equal(status, 1);
    assert.match(text, /no data directory nowhere\n.*bin\/start/);
  });

  it("copy what is not TypeScript into the build", () => {
    mkdirSync(join(scratch, "src/runner"), { recursive: true });
    for (const name of ["src/runner/runner.py", "src/runner/runner.ts", "src/main.ts", "src/tsconfig.json"]) writeFileSync(join(scratch, name), "");
    const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/copy-assets.mjs"), join(scratch, "build"), scratch], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.deepEqual(readdirSync(join(scratch, "build"), { recursive: true }).map(String).toSorted(), ["runner", "runner/runner.py"]);
  });
});

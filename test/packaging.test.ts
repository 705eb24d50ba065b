/** The scripts in bin/, as far as they can be run without root and without changing this machine. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A directory with the few tools that the scripts need before they look for Node.js. */
function toolbox(scratch: string): string {
  const tools = join(scratch, "tools");
  mkdirSync(tools);
  for (const tool of ["bash", "readlink", "realpath", "dirname", "sed", "tail", "grep", "ls"])
    symlinkSync(`/usr/bin/${tool}`, join(tools, tool));
  return tools;
}

/** Puts a program there that answers as a Node.js of that version does; gives its path. */
function fakeNode(directory: string, version: string): string {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, "node");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isUsable = major > 20 || (major === 20 && minor >= 11);
  const lines = [
    "#!/bin/bash",
    `[ "$1" != --version ] || { echo v${version}; exit 0; }`,
    `[ "$1" != -e ] || exit ${isUsable ? 0 : 1}`,
  ];
  lines.push(`case $2 in *versions*) echo ${major} ;; *execPath*) echo "$(readlink -f "$0")" ;; esac`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe("the scripts", () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "classh-scripts-"));
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  /** Runs a script of bin/ with a clean environment. */
  function run(
    script: string,
    words: readonly string[],
    path = `${dirname(process.execPath)}:/usr/bin:/bin`,
    more: Readonly<Record<string, string>> = {},
  ): { status: number | null; text: string } {
    const env = { PATH: path, HOME: scratch, TMPDIR: tmpdir(), ...more };
    const { status, stdout, stderr } = spawnSync(join(root, "bin", script), words, {
      cwd: scratch,
      env,
      encoding: "utf8",
    });
    return { status, text: stdout + stderr };
  }

  it("are valid, and show how to use them", () => {
    for (const script of ["start", "test", "classh", "prepare-cgroups", "common.bash"]) {
      const { status, stderr } = spawnSync("/bin/bash", ["-n", join(root, "bin", script)], { encoding: "utf8" });
      assert.equal(status, 0, `${script}: ${stderr}`);
    }
    const python = spawnSync(
      "/usr/bin/python3",
      ["-I", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", join(root, "bin/prepare-quotas")],
      { encoding: "utf8" },
    );
    assert.equal(python.status, 0, python.stderr);
    const help = run("start", ["--help"]);
    assert.equal(help.status, 0);
    assert.match(help.text, /bin\/start \[--listen HOST:PORT\] \[--data DIR\] \[--no-demo\]/);
  });

  it("refuse a data directory with other files in it, and leave it as it is", () => {
    const papers = join(scratch, "papers");
    mkdirSync(papers, { mode: 0o755 });
    writeFileSync(join(papers, "thesis.odt"), "");
    for (const words of [
      ["--data", "papers"],
      ["--data=papers"],
      ["--config", "settings.yaml"],
      ["--data", "papers/thesis.odt"],
    ]) {
      writeFileSync(join(scratch, "settings.yaml"), `listen: 127.0.0.1:0\ndata: "${papers}"  # mine\n`);
      const { status, text } = run("start", words);
      assert.equal(status, 1, text);
      assert.match(text, /^classh: .*papers.* (has other files in it|is not a directory)\n.*--data DIR/);
    }
    assert.deepEqual(readdirSync(papers), ["thesis.odt"]);
    assert.equal(statSync(papers).mode & 0o777, 0o755);
  });

  it("say which Node.js is needed", () => {
    const tools = toolbox(scratch);
    assert.match(findNode(tools, {}, "all_nodes() { :; }").text, /Node\.js is missing\n +Install Node\.js 24/);
    const old = fakeNode(tools, "18.0.0");
    assert.match(
      findNode(tools, {}, `all_nodes() { echo ${old}; }`).text,
      /Node\.js v18\.0\.0 is too old\n +classh needs/,
    );
    for (const script of ["start", "classh"]) {
      const { status, text } = run(script, ["--data", "data"], tools, { CLASSH_NODE: "/nowhere/node" });
      assert.equal(status, 1);
      assert.match(text, /CLASSH_NODE is not a program: \/nowhere\/node\n +Give the path/);
      assert.match(run(script, ["--data", "data"], tools, { CLASSH_NODE: old }).text, /CLASSH_NODE, .*, is too old/);
    }
    assert.deepEqual(readdirSync(scratch), ["tools"], "nothing was made");
  });

  it("take CLASSH_NODE, and else the one on PATH, or a newer one when that gets no fixes any more", () => {
    const tools = toolbox(scratch);
    const old = fakeNode(tools, "20.20.2");
    fakeNode(join(scratch, ".nvm/versions/node/v24.9.0/bin"), "24.9.0");
    assert.equal(findNode(tools, { CLASSH_NODE: old }).text, old);
    assert.equal(
      findNode(tools, { CLASSH_NODE: old }, "trap 'printf %s \"${CLASSH_NODE-}\"' EXIT").text,
      old,
      "the server would take it for a setting",
    );
    // It may be one that this machine has in another usual place.
    const newer = findNode(tools, {}).text;
    assert.equal(
      spawnSync(newer, ["-p", `process.versions.node.split(".")[0]`], { encoding: "utf8" }).stdout,
      "24\n",
      newer,
    );
    const good = fakeNode(tools, "22.1.0");
    assert.equal(findNode(tools, {}).text, good, "the one on PATH is good enough");
  });

  /** What the scripts' search for Node.js finds, or says; `before` are commands of the shell that change its parts. */
  function findNode(
    tools: string,
    environment: Readonly<Record<string, string>>,
    before = ":",
  ): { status: number | null; text: string } {
    const command = `source "$1"; ${before}; find_node; printf %s "$node"`;
    const env = { PATH: tools, HOME: scratch, ...environment };
    const { status, stdout, stderr } = spawnSync("/bin/bash", ["-c", command, "find", join(root, "bin/common.bash")], {
      cwd: scratch,
      env,
      encoding: "utf8",
    });
    return { status, text: stdout + stderr };
  }

  it("say so when there is no server to talk to", () => {
    const { status, text } = run("classh", ["--data", "nowhere", "user", "list"]);
    assert.equal(status, 1);
    assert.match(text, /no data directory nowhere\n.*bin\/start/);
  });

  it("build what is run, with what is not TypeScript beside it", () => {
    const build = join(scratch, "build");
    const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/build.mjs"), build], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const built = readdirSync(build, { recursive: true }).map(String);
    const source = readdirSync(join(root, "src"), { recursive: true }).map(String);
    for (const name of source.filter((each) => /\.(?!ts$|json$)\w+$/.test(each)))
      assert.deepEqual(readFileSync(join(build, name)), readFileSync(join(root, "src", name)));
    // Whatever bundle a file has come into, it finds what lies beside it in src/.
    const places = built
      .filter((each) => each.endsWith(".js"))
      .flatMap((name) =>
        [
          ...readFileSync(join(build, name), "utf8").matchAll(
            /new URL\("([^"]+)", new URL\("([^"]+)", import\.meta\.url\)\)/g,
          ),
        ].map(([, own = "", up = ""]) => ({ own, base: join(build, dirname(name), up) })),
      );
    for (const { own, base } of places) {
      assert.equal(join(base, "/"), join(build, "/"), own);
      assert.ok(source.includes(own.replace(/\.js$/, ".ts")), own);
    }
    assert.ok(places.some(({ own }) => own === "base/program-file.js"));
  });
});

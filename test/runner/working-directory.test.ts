/** A program stands in its own folder, however it is started, and the prompt that follows stays there. */
import assert from "node:assert/strict";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { collector, Lab, type ScriptEnd } from "./support.ts";

const program = `import os, pathlib, subprocess, sys
import beside
with open("scores.csv") as file:
    print("read", file.read(), beside.name)
with open("written.txt", "w") as file:
    file.write("x")
print([os.getcwd(), str(pathlib.Path.cwd()), os.environ["PWD"], sys.path[0], sys.argv, __file__, os.path.exists("written.txt")], flush=True)
subprocess.run(["sh", "-c", "pwd"])
`;

describe("a program stands in its own folder", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
    await writeFile(
      join(home(), "by-python.py"),
      `import subprocess, sys
subprocess.run(["sh", "-c", 'cd -- "$1" && exec python3 "$2"', "sh", *sys.argv[1:]], cwd="/", check=True)
`,
    );
  });
  after(() => lab[Symbol.asyncDispose]());

  const home = (): string => join(lab.directory, "files/Local/ada");

  async function makeFolder(folder: string): Promise<void> {
    await mkdir(join(home(), folder), { recursive: true });
    await writeFile(join(home(), folder, "main.py"), program);
    await writeFile(join(home(), folder, "beside.py"), `name = ${JSON.stringify(folder)}\n`);
    await writeFile(join(home(), folder, "scores.csv"), "1,2");
  }

  /** What python3 prints for whoever changes to a folder and starts a program there. */
  async function byPython(folder: string, name = "main.py"): Promise<string> {
    const end = await lab.run("by-python.py", { args: [`/home/ada/${folder}`, name] });
    assert.deepEqual([end.stderr, end.outcome], ["", { kind: "exited", status: 0 }]);
    return end.stdout;
  }

  for (const folder of ["hw1", "Week 2/part one", "Übung ß 東京", "a,b:c'", "-x"]) {
    it(`in ${folder}`, async () => {
      await makeFolder(folder);
      const end = await lab.run(`${folder}/main.py`);
      assert.equal(end.stderr, "");
      assert.equal(end.stdout, await byPython(folder));
      assert.ok(end.stdout.endsWith(`\n/home/ada/${folder}\n`), end.stdout);
    });
  }

  it("in the console too, in a folder that was made and renamed while its Python waited", async () => {
    await using console = lab.console();
    await console.reaches("prompt");
    assert.match(await console.type("import os; os.getcwd()"), /'\/home\/ada'/);
    await makeFolder("made");
    await console.runToEnd("made/main.py");
    assert.ok(console.text.replaceAll("\r", "").includes(await byPython("made")), console.text);
    await makeFolder("before");
    await rename(join(home(), "before"), join(home(), "after"));
    await console.runToEnd("after/main.py");
    assert.match(
      console.text.replaceAll("\r", ""),
      /\n\['\/home\/ada\/after', '\/home\/ada\/after', '\/home\/ada\/after'/,
    );
    assert.match(
      await console.type("os.getcwd(), sys.argv, open('scores.csv').read()"),
      /\('\/home\/ada\/after', \['main.py'\], '1,2'\)/,
    );
    assert.match(await console.type("import beside; beside.name"), /'before'/);
  });

  it("in the home when its own folder is of the course, and says so once", async () => {
    const notes = join(lab.directory, "files/Lecture Notes");
    await writeFile(
      join(notes, "example.py"),
      "import os, sys\nprint(os.getcwd(), os.environ['PWD'], sys.path[0], sys.argv)\n",
    );
    const sentence = "The course is read-only, so this program works in your home, /home/ada.";
    await using console = lab.console();
    console.console.runFile("/course/Lecture Notes/example.py");
    await console.until("the end", () => console.ends.length === 1);
    const line = "/home/ada /home/ada /course/Lecture Notes ['/course/Lecture Notes/example.py']";
    assert.ok(console.text.includes(`${sentence}\r\n${line}\r\n`), console.text);
    assert.equal(console.text.split(sentence).length, 2);
    assert.match(await console.type("os.getcwd()"), /'\/home\/ada'/);
  });

  it("or where it is told to", async () => {
    await makeFolder("elsewhere");
    const end = await start("/home/ada/elsewhere/main.py", "/home/ada/hw1");
    assert.equal(end.stderr, "");
    assert.match(end.stdout, /^read 1,2 elsewhere\n\['\/home\/ada\/hw1', .*, \['\/home\/ada\/elsewhere\/main.py'\]/);
  });

  it("and one that can't be entered is told in one sentence", async () => {
    const gone = await start("/home/ada/hello.py", "/home/ada/gone");
    assert.deepEqual(
      [gone.outcome, gone.stdout, gone.stderr],
      [{ kind: "exited", status: 2 }, "", "Can't enter /home/ada/gone: No such file or directory\n"],
    );
    await makeFolder("closed");
    await chmod(join(home(), "closed"), 0);
    try {
      const closed = await start("/home/ada/closed/main.py", "/home/ada/closed");
      assert.equal(closed.stderr, "Can't enter /home/ada/closed: Permission denied\n");
      await using console = lab.console();
      await console.runToEnd("closed/main.py");
      assert.match(console.text, /Can't enter \/home\/ada\/closed: Permission denied/);
      assert.doesNotMatch(console.text, /Traceback/);
      assert.match(await console.type("1 + 1"), /\n2\r\n>>> $/);
    } finally {
      await chmod(join(home(), "closed"), 0o700);
    }
  });

  it("and the prompt works in one that the program removed", async () => {
    await mkdir(join(home(), "vanishes"));
    await writeFile(join(home(), "vanishes/main.py"), "import os, shutil\nshutil.rmtree(os.getcwd())\n");
    await using console = lab.console();
    await console.runToEnd("vanishes/main.py");
    assert.match(await console.type("40 + 2"), /\n42\r\n>>> $/);
    await rm(join(home(), "vanishes"), { recursive: true, force: true });
    await console.runToEnd("hello.py");
    assert.match(await console.type("import os; os.getcwd()"), /'\/home\/ada'/);
  });

  async function start(file: string, workingDirectory: string): Promise<ScriptEnd> {
    const [stdin, stdout, stderr] = [new PassThrough(), collector(), collector()];
    stdin.end();
    const outcome = await lab.runner.runScript(
      lab.place,
      { file, args: [], workingDirectory },
      { stdin, stdout: stdout.stream, stderr: stderr.stream, signal: new AbortController().signal },
    );
    return { outcome, stdout: stdout.text(), stderr: stderr.text() };
  }
});

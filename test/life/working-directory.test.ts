/** A program stands in its own folder: by F5, over exec, and for a teacher who runs a student's file. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testServer, type TestServer } from "../support/server.ts";

const program = `import os
with open("scores.csv") as file:
    total = sum(map(int, file.read().split(",")))
with open("sum.txt", "w") as file:
    file.write(str(total))
print("total", total, "in", os.getcwd())
`;

describe("the working directory of a program", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ "limits.runsPerMinute": 100 });
    await server.add("ada");
    await server.add("liskov", "professor");
    for (const folder of ["hw1", "Week 2 – Übung", "data"]) {
      await mkdir(join(server.home("ada"), folder));
      await writeFile(join(server.home("ada"), folder, "main.py"), program);
      await writeFile(join(server.home("ada"), folder, "scores.csv"), "1,2,39");
    }
    await writeFile(join(server.data, "files/Assignments/one.py"), 'import os\nprint("in", os.getcwd())\n');
  });
  after(() => server[Symbol.asyncDispose]());

  const sum = async (folder: string): Promise<string> =>
    await readFile(join(server.home("ada"), folder, "sum.txt"), "utf8");

  it("is its folder with F5, and the prompt's", async () => {
    await using ada = await server.connect("ada");
    await ada.wait(/ready/);
    ada.press("Ctrl-O");
    await ada.wait(/open/i);
    ada.type("hw1/main.py\r");
    await ada.wait("map(int");
    ada.press("F5");
    await ada.wait(/total 42 in \/home\/ada\/hw1[^]*>>>/);
    ada.press("F4");
    ada.type("open('sum.txt').read() * 2\r");
    await ada.wait("'4242'");
    assert.equal(await sum("hw1"), "42");
  });

  it("is its folder over exec, whatever the folder is called", async () => {
    const result = await server.run("ada", "run 'Week 2 – Übung/main.py'");
    assert.equal(result.stderr, "");
    assert.equal(result.stdout, "total 42 in /home/ada/Week 2 – Übung\n");
    assert.equal(await sum("Week 2 – Übung"), "42");
  });

  it("is a student's folder in the copy for a teacher, and what was written there is kept by its name", async () => {
    const tried = await server.run("liskov", "run /students/ada/data/main.py");
    assert.equal(tried.stdout, "total 42 in /home/ada/data\n");
    assert.ok(!existsSync(join(server.home("ada"), "data/sum.txt")));
    const kept = await server.run("liskov", "run --keep /students/ada/data/main.py");
    assert.equal(kept.stderr, "classh: kept /students/ada/data/sum.txt (2 bytes)\n");
    assert.equal(await sum("data"), "42");
  });

  it("is the home for a student's run of a course file, which one sentence says", async () => {
    const sentence = "The course is read-only, so this program works in your home, /home/ada.";
    const result = await server.run("ada", "run /course/Assignments/one.py");
    assert.equal(result.stdout, "in /home/ada\n");
    assert.equal(result.stderr, `classh: ${sentence}\n`);
    const teacher = await server.run("liskov", "run /course/Assignments/one.py");
    assert.equal(teacher.stdout, "in /course/Assignments\n", "a teacher may write there");
    assert.equal(teacher.stderr, "");
  });

  it("is what --directory names, among what the program can see", async () => {
    const command = "run --directory hw1 /course/Assignments/one.py --directory x";
    const result = await server.run("ada", command);
    assert.deepEqual([result.status, result.stdout, result.stderr], [0, "in /home/ada/hw1\n", ""]);
    for (const [folder, stdout] of [
      ["/course/Tests", "in /course/Tests\n"],
      ["/course", "in /course\n"],
      ["~", "in /home/ada\n"],
      ["hw1/../data", "in /home/ada/data\n"],
    ])
      assert.equal((await server.run("ada", `run --directory=${folder} /course/Assignments/one.py`)).stdout, stdout);
    const students = await server.run("liskov", "run --directory /students/ada/hw1 /students/ada/data/main.py");
    assert.equal(students.stdout, "total 42 in /home/ada/hw1\n");
  });

  for (const [user, command, words] of [
    ["ada", "run --directory nowhere hw1/main.py", /nowhere/],
    ["ada", "run --directory hw1/scores.csv hw1/main.py", /not a folder: hw1\/scores\.csv/],
    ["ada", "run --directory ../../etc hw1/main.py", /etc/],
    ["ada", "run --directory hw1", /FILE is missing/],
    ["ada", "run --directory", /Usage: run/],
    ["liskov", "run --directory ~ /students/ada/data/main.py", /can't see ~/],
    ["liskov", "run --directory /students/ada /course/Assignments/one.py", /can't see \/students\/ada/],
  ] as const) {
    it(`is refused: ${command}`, async () => {
      const result = await server.run(user, command);
      assert.notEqual(result.status, 0);
      assert.equal(result.stdout, "");
      assert.match(result.stderr, words);
    });
  }
});

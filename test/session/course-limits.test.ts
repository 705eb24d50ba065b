import assert from "node:assert/strict";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { courseLimitsFor, coursePlaceOf, rulesOf, type FoundLimits } from "../../src/session/course-limits.ts";
import { limits, withFiles, type Files } from "../workspace/fixture.ts";

const put = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
};

const find = ({ ada }: Files, path: string): Promise<FoundLimits> => courseLimitsFor(path, ada, limits.course);

describe("the limits of a folder of the course", () => {
  it("belong to the same place in the course and in everybody's files", () => {
    for (const top of ["/course", "/home/ada", "/students/ada"])
      assert.equal(coursePlaceOf(`${top}/Assignments/hw1/main.py`), "/course/Assignments/hw1");
    assert.equal(coursePlaceOf("/home/ada/Assignments/one.py"), "/course/Assignments");
    for (const path of ["/home/ada/main.py", "/home/ada/hw1/main.py", "/home/ada/Assignments", "/course/one.py"])
      assert.equal(coursePlaceOf(path), undefined);
  });

  it(
    "come from the nearest folder, and what it leaves open from those above",
    withFiles(async (files) => {
      const top = join(files.directory, "Assignments");
      await put(join(top, ".classh.yaml"), "seconds: 5\nmemoryMebibytes: 64\n");
      await put(join(top, "hw1/.classh.yaml"), "seconds: 9\n");
      await put(join(top, "hw1/part/main.py"), "");
      for (const home of ["/course", "/home/ada", "/students/ada"]) {
        const found = await find(files, `${home}/Assignments/hw1/part/main.py`);
        assert.deepEqual(found, {
          limits: { runSeconds: 9, runMemoryMebibytes: 64 },
          files: ["/course/Assignments/hw1/.classh.yaml", "/course/Assignments/.classh.yaml"],
          problems: [],
        });
        assert.deepEqual(rulesOf(found).notes, ["Limits of this folder: 9 seconds, 64 MiB of memory."]);
      }
      await rm(join(top, "hw1/.classh.yaml"));
      assert.deepEqual((await find(files, "/home/ada/Assignments/hw1/x.py")).limits, {
        runSeconds: 5,
        runMemoryMebibytes: 64,
      });
      assert.deepEqual((await find(files, "/home/ada/Tests/x.py")).limits, {});
    }),
  );

  it(
    "can't be set by a student",
    withFiles(async (files) => {
      await put(join(files.home, "Assignments/hw1/.classh.yaml"), "seconds: 100\n");
      await put(join(files.home, ".classh.yaml"), "seconds: 100\n");
      assert.deepEqual((await find(files, "/home/ada/Assignments/hw1/main.py")).limits, {});
      assert.deepEqual((await find(files, "/home/ada/main.py")).limits, {});
    }),
  );

  it(
    "are the usual ones where a file is wrong, too large or no file, and the rest still counts",
    withFiles(async (files) => {
      const top = join(files.directory, "Assignments");
      await put(join(top, ".classh.yaml"), "processes: 9\n");
      for (const [text, sentence] of [
        ["seconds: 5\nmemory: 3\n", /hw1\/\.classh\.yaml, line 2: unknown setting "memory"/],
        ["#".repeat(20_000), /too large/i],
      ] as const) {
        await put(join(top, "hw1/.classh.yaml"), text);
        const { limits: found, problems } = await find(files, "/home/ada/Assignments/hw1/main.py");
        assert.deepEqual(found, { runProcesses: 9 });
        assert.match(problems.join("\n"), sentence);
      }
      await rm(join(top, "hw1/.classh.yaml"));
      await symlink("/etc/passwd", join(top, "hw1/.classh.yaml"));
      assert.deepEqual((await find(files, "/home/ada/Assignments/hw1/main.py")).limits, { runProcesses: 9 });
      await rm(join(top, "hw1/.classh.yaml"));
      await mkdir(join(top, "hw1/.classh.yaml"));
      assert.deepEqual((await find(files, "/home/ada/Assignments/hw1/main.py")).limits, { runProcesses: 9 });
    }),
  );
});

import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { CourseWatch } from "../../src/workspace/course-watch.ts";
import { withFiles, type Files } from "./fixture.ts";

describe("course watch", () => {
  /** Watches, lets `act` change something, and gives the folders that are told until `folder` is among them. */
  async function toldOf(folder: string, { directory }: Files, act: () => Promise<void>): Promise<readonly string[]> {
    await using scope = new Scope("course watch test");
    const course = scope.own(new CourseWatch({ directory, clock: systemClock, log: silentLog }));
    await course.ready;
    const told: string[] = [];
    const seen = new Promise<void>((resolve) => {
      scope.own(
        course.onChange((folders) => {
          told.push(...folders);
          if (told.includes(folder)) resolve();
        }),
      );
    });
    await act();
    await seen;
    return told;
  }

  it(
    "tells in which folder a professor's file is new",
    withFiles(async (files) => {
      await toldOf("/course/Assignments", files, () =>
        writeFile(join(files.directory, "Assignments", "two.py"), "x = 2\n"),
      );
    }),
  );

  it(
    "watches folders that are made later",
    withFiles(async (files) => {
      const week = join(files.directory, "Lecture Notes", "week 2");
      await toldOf("/course/Lecture Notes", files, () => mkdir(week));
      await toldOf("/course/Lecture Notes/week 2", files, () => writeFile(join(week, "notes.md"), "# Lists\n"));
    }),
  );

  it(
    "does not follow a link out of the course",
    withFiles(async (files) => {
      await mkdir(join(files.outside, "elsewhere"));
      await symlink(join(files.outside, "elsewhere"), join(files.directory, "Tests", "link"));
      const told = await toldOf("/course/Tests", files, async () => {
        await writeFile(join(files.outside, "elsewhere", "secret.txt"), "");
        await writeFile(join(files.directory, "Tests", "exam.py"), "");
      });
      assert.deepEqual([...new Set(told)], ["/course/Tests"]);
    }),
  );
});

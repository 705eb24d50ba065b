import assert from "node:assert/strict";
import { UserError } from "../../src/base/errors.ts";
import { parseCourseSettings } from "../../src/config/course-settings.ts";

const highest = { runSeconds: 120, runMemoryMebibytes: 512, runProcesses: 64, outputMebibytes: 64 };

describe("the settings of a folder of the course", () => {
  it("may set any of the limits", () => {
    const text = "# for the last task\nseconds: 2.5\nmemoryMebibytes: 256\nprocesses: 8\noutputMebibytes: 4\n";
    const all = { runSeconds: 2.5, runMemoryMebibytes: 256, runProcesses: 8, outputMebibytes: 4 };
    assert.deepEqual(parseCourseSettings(text, "f", highest), all);
    assert.deepEqual(parseCourseSettings("seconds: 120", "f", highest), { runSeconds: 120 });
    for (const empty of ["", "\n", "# nothing\n"]) assert.deepEqual(parseCourseSettings(empty, "f", highest), {});
  });

  for (const [what, text, sentence] of [
    ["an unknown name", "seconds: 1\nsecond: 2", /^in f, line 2: unknown setting "second" \(did you mean seconds\?\)$/],
    ["the beginning of a name", "memory: 2", /line 1: unknown setting "memory" \(did you mean memoryMebibytes\?\)$/],
    ["another unknown name", "\n\nturtles: 2", /^in f, line 3: unknown setting "turtles"$/],
    ["a network", "network: on", /^in f, line 1: network: programs have no network but their own/],
    ["more than the server allows", "\nmemoryMebibytes: 513", /line 2: .*513 is more than 512, which this server/],
    ["too little", "processes: 1", /line 1: processes: /],
    ["text for a number", "seconds: soon", /line 1: seconds: /],
    ["nothing for a number", "seconds:", /line 1: seconds: /],
    ["a list for a number", "seconds: [1]", /line 1: seconds: /],
    ["infinity", "seconds: .inf", /line 1: seconds: /],
    ["a setting twice", "seconds: 1\nseconds: 2", /line 2: /],
    ["a list", "- seconds", /line 1: lines as "seconds: 10" are needed/],
    ["a word", "seconds", /line 1: lines as/],
    ["no YAML", "a: 1\n b: [", /line \d: /],
    ["an alias", "seconds: &a 3\nprocesses: *a", /line 2: processes: /],
    ["a name of every object", "constructor: 1\n__proto__: 2", /line 1: unknown setting "constructor"/],
  ] as const) {
    it(`are refused with the line: ${what}`, () => {
      assert.throws(
        () => parseCourseSettings(text, "f", highest),
        (error) => error instanceof UserError && error.code === "bad-setting" && sentence.test(error.message),
      );
    });
  }

  it("are never nested so deep that the parser's stack would end", () => {
    for (const piece of ["[", "{", "- ", "-\t", "-\n", "? ", "a: ", "[[[[ # ", '"a #", [', "[a,{"]) {
      for (let time = 0; time < 3; time++) {
        assert.throws(
          () => parseCourseSettings(piece.repeat(4096 / piece.length), "f", highest),
          (error) => error instanceof UserError && !/stack/.test(error.message),
          piece,
        );
      }
    }
  });
});

/** People type faster than a question is answered: what follows its Enter belongs to what it leads to. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openStage } from "./stage.ts";

describe("typing ahead", () => {
  it("gives what is typed right after a new file's name to that file", async () => {
    await using stage = await openStage();
    stage.terminal.press("Ctrl-N");
    stage.terminal.input("greet.py\rprint(1)");
    await stage.terminal.wait(/1 {2}print\(1\)/);
    assert.equal(stage.workbench.documents.active?.name, "greet.py");
    assert.deepEqual(
      stage.workbench.documents.unsaved.map(({ name }) => name),
      ["greet.py"],
    );
  });

  it("gives what is typed right after opening a file by name to that file", async () => {
    await using stage = await openStage();
    await writeFile(join(stage.home, "other.py"), "\n");
    stage.terminal.press("Ctrl-O");
    stage.terminal.input("/home/ada/other.py\rprint(2)");
    await stage.terminal.wait(/1 {2}print\(2\)/);
    assert.deepEqual(
      stage.workbench.documents.unsaved.map(({ name }) => name),
      ["other.py"],
    );
  });

  it("gives what is typed right after choosing a command to the question that it asks", async () => {
    await using stage = await openStage();
    stage.terminal.press("Ctrl-P");
    stage.terminal.input("go to a line\r3\rx");
    await stage.terminal.wait(/3 {2}x/);
  });
});

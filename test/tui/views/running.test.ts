/** Keys that run and stop programs, from each pane. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openStage, type Stage } from "./stage.ts";

function press(stage: Stage, keys: string): void {
  stage.terminal.press(...keys.split(" "));
}

/** Starts welcome.py, and goes from the console to another pane. */
async function running(stage: Stage, keys: string): Promise<void> {
  press(stage, "F5");
  await stage.terminal.wait(/CONSOLE {2}welcome\.py ─+ ▶ running/);
  press(stage, keys);
}

describe("Ctrl-C", () => {
  for (const [pane, keys] of [
    ["editor", "F3"],
    ["list of files", "F2"],
    ["find bar", "F3 Ctrl-F"],
  ] as const) {
    it(`stops the program from the ${pane}`, async () => {
      await using stage = await openStage();
      await running(stage, keys);
      press(stage, "Ctrl-C");
      await stage.python.hasRead("\x03");
    });
  }

  it("copies what is selected while a program runs, and the console says which keys stop it", async () => {
    await using stage = await openStage();
    await running(stage, "F3 Shift-End");
    await stage.terminal.wait("▶ running · Ctrl-K Ctrl-C stops");
    press(stage, "Ctrl-C Ctrl-End Ctrl-V");
    await stage.terminal.wait(/# Welcome[^]*# Welcome/);
    assert.deepEqual(stage.python.typed, []);
    press(stage, "Ctrl-K Ctrl-C");
    await stage.python.hasRead("\x03");
    await stage.terminal.wait("▶ running · Ctrl-C stops");
  });

  it("copies the line while nothing runs", async () => {
    await using stage = await openStage();
    press(stage, "Ctrl-C Ctrl-V");
    await stage.terminal.wait(/1 {2}# Welcome[^]*2 {2}# Welcome/);
    assert.deepEqual(stage.python.typed, []);
  });

  it("of a guest copies, and never stops the owner's program", async () => {
    await using stage = await openStage();
    const { terminal } = stage.window({ participant: stage.workbench.viewers.guest("Grace", { mayEdit: true }) });
    await terminal.wait(/1 {2}# Welcome/);
    await running(stage, "F3");
    await terminal.wait(/▶ running ─/);
    terminal.press("Ctrl-C", "Ctrl-V");
    await terminal.wait(/1 {2}# Welcome[^]*2 {2}# Welcome/);
    assert.deepEqual(stage.python.typed, []);
    assert.doesNotMatch(terminal.dump(), /stops/);
  });
});

describe("F5 in the list of files", () => {
  /** Opens a stage with these files, and selects one in the list of files. */
  async function select(name: string): Promise<Stage> {
    const stage = await openStage();
    await writeFile(join(stage.home, "area.py"), "print(1)\n");
    await writeFile(join(stage.home, "notes.txt"), "not a program\n");
    await mkdir(join(stage.home, "homework"));
    await stage.workbench.tree.refresh();
    press(stage, "F2 Home");
    const rows = stage.workbench.tree.rows.map((row) => row.name);
    for (let row = 0; row < rows.indexOf(name); row++) press(stage, "Down");
    await stage.terminal.settled();
    return stage;
  }

  it("opens and runs the selected program, not the one in the editor", async () => {
    await using stage = await select("area.py");
    press(stage, "F5");
    await stage.terminal.wait(/CONSOLE {2}area\.py ─+ ▶ running/);
    await stage.terminal.wait(/1 {2}print\(1\)/);
    assert.deepEqual(stage.python.runs, ["/home/ada/area.py"]);
    stage.terminal.input("x");
    await stage.python.hasRead("x");
  });

  it("does not run the selected program from the editor", async () => {
    await using stage = await select("area.py");
    press(stage, "F3 F5");
    await stage.terminal.wait(/CONSOLE {2}welcome\.py ─+ ▶ running/);
    assert.deepEqual(stage.python.runs, ["/home/ada/welcome.py"]);
  });

  for (const [name, sentence] of [
    ["notes.txt", "can't run notes.txt: it is not a Python file"],
    ["homework", "can't run homework: it is a folder"],
    ["home", "can't run home: it is a folder"],
  ] as const) {
    it(`says of ${name} why it can't be run, and runs nothing`, async () => {
      await using stage = await select(name);
      press(stage, "F5");
      await stage.terminal.wait(sentence);
      assert.deepEqual(stage.python.runs, []);
    });
  }
});

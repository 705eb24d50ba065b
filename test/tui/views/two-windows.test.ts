import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import type { FakeTerminal } from "../../support/fake-terminal.ts";
import { openStage, type Stage } from "./stage.ts";

function type(terminal: FakeTerminal, keys: string): void {
  for (const key of keys.split(" ")) {
    if (key.startsWith("'")) terminal.input(key.slice(1).replaceAll("_", " "));
    else terminal.press(key);
  }
}

/** Opens a file of ada's in one terminal and waits until it is seen there. */
async function openFile(
  stage: Stage,
  terminal: FakeTerminal,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<void> {
  await writeFile(join(stage.home, name), text);
  type(terminal, `Ctrl-O '/home/ada/${name} Enter`);
  await terminal.wait(new RegExp(`1 {2}${text.split("\n")[0] ?? ""}`));
}

const lines = (count: number): string => Array.from({ length: count }, (_, i) => `line${i + 1}`).join("\n");

describe("two windows of one student", () => {
  it("each show a file of their own, with the same tabs", async () => {
    await using stage = await openStage();
    const { terminal: second } = stage.window({ columns: 100, rows: 30 });
    await second.wait(/1 {2}# Welcome/);
    await openFile(stage, second, { name: "a.py", text: "alpha" });
    await stage.terminal.wait(/welcome\.py +a\.py/);
    assert.match(stage.terminal.screen()[2] ?? "", /1 {2}# Welcome/, "the first window stays where it was");
    assert.equal(stage.terminal.title(), "ada@classh: welcome.py");
    assert.equal(second.title(), "ada@classh: a.py");
    type(second, "Ctrl-W");
    await second.wait(/1 {2}# Welcome/);
  });

  it("share the text and the steps of undo, and have a cursor and a place each", async () => {
    await using stage = await openStage();
    const first = stage.terminal;
    await openFile(stage, first, { name: "long.txt", text: lines(200) });
    const { terminal: second } = stage.window();
    await second.wait(/1 {2}line1/);
    type(second, "Ctrl-End");
    await second.wait(/200 {2}line200/);
    assert.match(first.screen()[2] ?? "", /1 {2}line1/);
    type(first, "'top_ Enter");
    await first.wait(/1 {2}top/);
    await second.wait(/201 {2}line200/);
    type(second, "'!");
    await second.wait(/line200!/);
    type(first, "'x");
    await first.wait(/2 {2}xline1/);
    assert.deepEqual(first.cursor()?.row, 3);
    type(first, "Ctrl-Z");
    await first.wait(/2 {2}line1/);
    type(first, "Ctrl-Z");
    await first.wait(/201 {2}line200(?!!)/); // undo goes where it undoes
    await second.wait(/201 {2}line200(?!!)/);
  });

  it("show the neighbour where the other window closes the file", async () => {
    await using stage = await openStage();
    const { terminal: second } = stage.window();
    await second.wait(/1 {2}# Welcome/);
    await openFile(stage, second, { name: "a.py", text: "alpha" });
    type(stage.terminal, "Ctrl-PageDown");
    await stage.terminal.wait(/1 {2}alpha/);
    type(second, "Ctrl-W");
    await second.wait(/1 {2}# Welcome/);
    await stage.terminal.wait(/1 {2}# Welcome/);
    assert.doesNotMatch(stage.terminal.screen().join("\n"), /alpha/);
  });

  it("leave their place to the next one: a dropped connection comes back to the same lines and the same cursor", async () => {
    await using stage = await openStage();
    await openFile(stage, stage.terminal, { name: "long.txt", text: lines(200) });
    type(stage.terminal, "Ctrl-K Ctrl-L");
    await stage.terminal.wait("Which line?");
    type(stage.terminal, "'120 Enter");
    await stage.terminal.wait(/Ln 120, Col 1/);
    type(stage.terminal, "Right Right Up Up");
    await stage.terminal.wait(/Ln 118, Col 3/);
    const before = stage.terminal.screen().slice(2, 14);
    const cursor = stage.terminal.cursor();
    stage.terminal.disconnect();
    await stage.left;
    const { terminal } = stage.window();
    await terminal.wait(/Ln 118, Col 3/);
    assert.deepEqual(terminal.screen().slice(2, 14), before);
    assert.deepEqual(terminal.cursor(), cursor);
  });
});

describe("a student and a helper in one file", () => {
  it("type side by side; each sees the other's cursor by name, and takes back only what is theirs", async () => {
    await using stage = await openStage();
    const ada = stage.terminal;
    const guest = stage.workbench.viewers.guest("Grace Hopper", { mayEdit: true });
    const { terminal: grace, left } = stage.window({ columns: 110, rows: 30, participant: guest });
    await grace.wait(/Ada at line 1/);
    await ada.wait(/Grace Hopper at line 1/);
    type(grace, "Down Down 'help_");
    await ada.wait(/3 {2}help +◂ Grace Hopper/);
    type(ada, "'hers_");
    await grace.wait(/1 {2}hers # Welcome/);
    type(grace, "Ctrl-Z");
    await ada.wait(/3 +◂ Grace Hopper/);
    assert.match(ada.screen()[2] ?? "", /1 {2}hers # Welcome/);
    type(ada, "Ctrl-Z");
    await grace.wait(/1 {2}# Welcome/);
    grace.disconnect();
    await left;
    await ada.wait((screen) => !screen.slice(2, 22).join("\n").includes("Grace"));
  });

  it("part without a question: a helper leaves, and can't close the student's files or lose what she has not saved", async () => {
    await using stage = await openStage();
    const { terminal: grace, left } = stage.window({
      participant: stage.workbench.viewers.guest("Grace", { mayEdit: true }),
    });
    await grace.wait(/1 {2}# Welcome/);
    type(grace, "'help_");
    await stage.terminal.wait(/1 {2}help # Welcome/);
    type(grace, "Ctrl-W");
    await grace.wait(/Only Ada can do that/);
    type(grace, "Ctrl-Q");
    assert.equal(await left, "quit");
    assert.equal(stage.workbench.documents.active?.modified, true);
    assert.deepEqual(
      stage.workbench.documents.list.map(({ name }) => name),
      ["welcome.py"],
    );
  });

  it("are not disturbed by somebody who looks around: other file, other place, not a letter", async () => {
    await using stage = await openStage();
    const before = stage.terminal.screen();
    const { size } = stage.workbench.console;
    const { terminal: looker } = stage.window({
      columns: 70,
      rows: 20,
      participant: stage.workbench.viewers.guest("Tom"),
    });
    await looker.wait(/1 {2}# Welcome/);
    type(looker, "'xyz Enter");
    await looker.wait(/You are only watching/);
    type(looker, "Ctrl-End 'x Ctrl-K Ctrl-K");
    await eventually(() => looker.cursor().row === 9);
    assert.equal(stage.workbench.documents.active?.modified, false);
    assert.deepEqual(stage.terminal.screen().slice(1), before.slice(1));
    assert.deepEqual(stage.workbench.console.size, size);
  });
});

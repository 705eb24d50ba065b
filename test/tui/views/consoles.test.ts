/** One console for each file that is run, and the ways from one to another. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { openStage, type Stage } from "./stage.ts";

function press(stage: Stage, keys: string): void {
  stage.terminal.press(...keys.split(" "));
}

/** Runs a file by opening it. */
async function run(stage: Stage, name: string): Promise<void> {
  await writeFile(join(stage.home, name), `# ${name}\n`);
  const { workbench } = stage;
  const document = await workbench.documents.open(`/home/ada/${name}`);
  assert.equal(await workbench.runs.run(document), undefined);
}

/** The same, and it ends well. */
async function runToEnd(stage: Stage, name: string): Promise<void> {
  await run(stage, name);
  const python = stage.pythons.findLast(({ runs }) => runs.at(-1)?.endsWith(name));
  python?.print(`${name} says hello\r\n>>> `);
  python?.end({ outcome: { kind: "exited", status: 0 } });
}

const names = (stage: Stage): readonly string[] =>
  stage.workbench.consoles.list.map(({ program }) => program.split("/").at(-1) ?? "");

describe("consoles", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage({ columns: 100, rows: 30 });
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  it("begin as one, which the first program takes", async () => {
    await runToEnd(stage, "one.py");
    await stage.terminal.wait(/ CONSOLE {2}one\.py ─+ ready/);
    assert.deepEqual(names(stage), ["one.py"]);
  });

  it("are one for each file, kept with what it printed", async () => {
    await runToEnd(stage, "one.py");
    await runToEnd(stage, "two.py");
    await stage.terminal.wait(/ CONSOLE 2 of 2 {2}two\.py ─+ ready/);
    assert.doesNotMatch(stage.terminal.dump(), /one\.py says/);
    press(stage, "Shift-F9");
    await stage.terminal.wait(/ CONSOLE 1 of 2 {2}one\.py ─+ ready[^]*one\.py says hello/);
    press(stage, "Ctrl-F9");
    await stage.terminal.wait(/ CONSOLE 2 of 2 {2}two\.py/);
    await runToEnd(stage, "one.py");
    await stage.terminal.wait(/ CONSOLE 1 of 2 {2}one\.py/);
    assert.deepEqual(
      stage.pythons.map(({ runs }) => runs),
      [["/home/ada/one.py", "/home/ada/one.py"], ["/home/ada/two.py"]],
    );
  });

  it("get what is typed while they are shown", async () => {
    await runToEnd(stage, "one.py");
    await runToEnd(stage, "two.py");
    press(stage, "Shift-F9");
    await stage.terminal.wait(/CONSOLE 1 of 2/);
    stage.terminal.input("x");
    await stage.pythons[0]?.hasRead("x");
    assert.deepEqual(stage.pythons[1]?.typed, []);
  });

  it("are chosen from a list, which opens by a click on the title, too", async () => {
    await runToEnd(stage, "one.py");
    await run(stage, "two.py");
    press(stage, "Shift-F7");
    await stage.terminal.wait(/1 {2}one\.py +at its prompt[^]*2 {2}two\.py +running +shown[^]*New console/);
    press(stage, "Enter");
    await stage.terminal.wait(/ CONSOLE 1 of 2 {2}one\.py/);
    const row = stage.terminal.screen().findIndex((line) => line.includes(" CONSOLE "));
    stage.terminal.mouse("click", row, 40);
    await stage.terminal.wait(/Consoles[^]*New console/);
    stage.terminal.input("two");
    press(stage, "Enter");
    await stage.terminal.wait(/ CONSOLE 2 of 2 {2}two\.py/);
  });

  it("can be opened without a file, by any terminal's keys, and closed", async () => {
    await runToEnd(stage, "one.py");
    press(stage, "F3 Ctrl-K Tab");
    await stage.terminal.wait(/ CONSOLE 2 of 2 {2}Python, without a file/);
    stage.terminal.input("1");
    await stage.pythons[1]?.hasRead("1");
    await runToEnd(stage, "two.py");
    await stage.terminal.wait(/ CONSOLE 3 of 3 {2}two\.py/);
    press(stage, "Shift-F9");
    await stage.terminal.wait(/ CONSOLE 1 of 3/);
    press(stage, "Ctrl-P");
    await stage.terminal.wait("All commands");
    stage.terminal.input("close this console");
    press(stage, "Enter");
    await stage.terminal.wait(/ CONSOLE 2 of 2 {2}two\.py/);
    assert.deepEqual(names(stage), ["", "two.py"]);
  });

  it("ask before one is closed in which a program runs, and leave a fresh one in the place of the last", async () => {
    await run(stage, "one.py");
    const close = async (): Promise<void> => {
      press(stage, "Ctrl-P");
      await stage.terminal.wait("All commands");
      stage.terminal.input("close this console");
      press(stage, "Enter");
      await stage.terminal.wait(/A program runs in the console of one\.py/);
    };
    await close();
    stage.terminal.input("k");
    await stage.terminal.wait(/CONSOLE {2}one\.py ─+ ▶ running/);
    await close();
    stage.terminal.input("c");
    await stage.terminal.wait(/CONSOLE {2}Press F5 to run/);
    assert.deepEqual(names(stage), [""]);
  });

  it("are four at most: the one is closed that was looked at least recently and in which nothing runs", async () => {
    await run(stage, "runs.py");
    for (const name of ["one.py", "two.py", "three.py"]) await runToEnd(stage, name);
    await runToEnd(stage, "one.py");
    const told = stage.terminal.wait("The console of two.py was closed: there are 4 at most.");
    await runToEnd(stage, "four.py");
    await told;
    assert.deepEqual(names(stage), ["runs.py", "one.py", "three.py", "four.py"]);
  });

  it("refuse another program while programs run in all of them", async () => {
    for (const name of ["one.py", "two.py", "three.py", "four.py"]) await run(stage, name);
    await assert.rejects(run(stage, "five.py"), /programs run in all of your 4 consoles/);
    assert.equal(names(stage).length, 4);
    await run(stage, "two.py");
    await stage.terminal.wait(/ CONSOLE 2 of 4 {2}two\.py/);
  });

  it("tell what ends out of sight", async () => {
    await run(stage, "one.py");
    await runToEnd(stage, "two.py");
    const told = stage.terminal.wait("The console of one.py says: ZeroDivisionError: division by zero");
    stage.python.end({ outcome: { kind: "exited", status: 1 }, error: "ZeroDivisionError: division by zero" });
    await told;
    await stage.terminal.wait(/ CONSOLE 2 of 2 {2}two\.py/);
  });

  it("keep their own errors, which the editor marks while they are shown", async () => {
    await run(stage, "one.py");
    const facts = { kind: "NameError", name: "NameError", message: "", file: "/home/ada/one.py", line: 1 };
    stage.python.end({ outcome: { kind: "exited", status: 1 }, facts });
    const { errors } = stage.workbench;
    assert.equal(errors.markIn("/home/ada/one.py")?.line, 1);
    await runToEnd(stage, "two.py");
    assert.equal(errors.failure, undefined);
    assert.equal(errors.markIn("/home/ada/one.py"), undefined);
    press(stage, "Shift-F9");
    await stage.terminal.wait(/ CONSOLE 1 of 2/);
    assert.equal(errors.markIn("/home/ada/one.py")?.line, 1);
  });

  it("are the same in a second window, and a guest sees which one is shown", async () => {
    const second = stage.window({ columns: 90, rows: 30 });
    const guest = stage.window({
      columns: 90,
      rows: 30,
      participant: stage.workbench.viewers.guest("Grace", { mayEdit: true }),
    });
    for (const { terminal } of [second, guest]) await terminal.wait(/1 {2}# Welcome/);
    await runToEnd(stage, "one.py");
    await runToEnd(stage, "two.py");
    for (const { terminal } of [second, guest]) await terminal.wait(/ CONSOLE 2 of 2 {2}two\.py/);
    guest.terminal.press("Shift-F9");
    await guest.terminal.wait("Only Ada can do that.");
    second.terminal.press("Shift-F9");
    for (const { terminal } of [stage, second, guest]) await terminal.wait(/ CONSOLE 1 of 2 {2}one\.py/);
  });

  it("take the size of the screen when they are shown", async () => {
    await runToEnd(stage, "one.py");
    await runToEnd(stage, "two.py");
    stage.terminal.resizeTo(80, 24);
    const [one, two] = stage.pythons;
    await eventually(() => two?.sizes.at(-1)?.columns === 59);
    assert.deepEqual(one?.sizes, []);
    press(stage, "Shift-F9");
    await eventually(() => one?.sizes.at(-1)?.columns === 59);
  });
});

/** Pythons that nobody uses give their memory back. */
import assert from "node:assert/strict";
import { idleMs } from "../../src/runner/spare-python.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { Lab } from "./support.ts";

describe("a console that nobody uses", () => {
  let lab: Lab;
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    lab = await Lab.open({ clock });
  });
  afterEach(() => lab[Symbol.asyncDispose]());

  const jails = (count: number): Promise<void> => eventually(() => lab.runner.jailCount === count);

  it("puts its Pythons away after ten minutes, and takes one out for the next line", async () => {
    await using console = lab.console();
    await console.promptShown();
    clock.advance(1000);
    await jails(2);
    clock.advance(idleMs - 1001);
    await jails(2);
    clock.advance(1);
    await jails(0);
    assert.equal(console.console.state, "prompt");
    // What is typed before Python reads is echoed before its prompt, and once more behind it.
    console.console.write("6 * 7\r");
    await console.prints(/\n42\r\n>>> $/);
  });

  it("runs a file then as well", async () => {
    await using console = lab.console();
    await console.promptShown();
    clock.advance(idleMs);
    await jails(0);
    assert.deepEqual((await console.runToEnd("hello.py")).outcome, { kind: "exited", status: 0 });
  });

  it("keeps a prompt with variables, and puts only the spare away", async () => {
    await using console = lab.console();
    await console.type("answer = 42");
    clock.advance(1000);
    await jails(2);
    clock.advance(idleMs);
    await jails(1);
    assert.match(await console.type("answer"), /\n42\r\n/);
  });

  it("puts a program away that has failed and waits for Enter", async () => {
    await using strict = await Lab.open({ clock, runner: { promptAfterError: false } });
    await using console = strict.console();
    await console.runToEnd("fails.py");
    await console.reaches("failed");
    clock.advance(idleMs - 1);
    assert.equal(console.console.state, "failed");
    clock.advance(1);
    await console.reaches("ended");
    await eventually(() => strict.runner.jailCount === 0);
    assert.equal(console.text.split("Press Enter for a new prompt").length, 2);
    console.console.write("\r");
    await console.prints(/=== RESTART ===[^]*>>> $/);
  });

  it("counts from what was done last", async () => {
    await using console = lab.console();
    await console.promptShown();
    clock.advance(idleMs - 1000);
    console.console.restart();
    await console.promptShown();
    clock.advance(1000);
    clock.advance(idleMs - 2000);
    await jails(2);
    clock.advance(1000);
    await jails(0);
  });
});

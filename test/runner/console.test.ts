import assert from "node:assert/strict";
import { Lab } from "./support.ts";

describe("the console", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
  });
  after(() => lab[Symbol.asyncDispose]());

  it("finds a jail that works on this machine", () => {
    assert.deepEqual({ ...lab.runner.jail, notes: [] }, { available: true, cgroups: lab.runner.jail.cgroups, notes: [] }, JSON.stringify(lab.runner.jail));
  });

  it("opens with Python's prompt", async () => {
    await using console = lab.console();
    await console.reaches("prompt");
    assert.match(await console.type("1 + 1"), /\n2\r\n>>> $/);
  });

  it("runs a script and keeps its variables at the prompt", async () => {
    await using console = lab.console();
    const end = await console.runToEnd("hello.py");
    assert.deepEqual(end.outcome, { kind: "exited", status: 0 });
    assert.match(console.text, /=== RUN hello.py ===.*\r\nHello, Ada!\r\n/);
    assert.match(await console.type("name"), /'Ada'/);
  });
});

/** The standard library under the filter: what is refused must not be what programs need. The filter itself is in units.test.ts. */
import assert from "node:assert/strict";
import { Lab } from "./support.ts";

describe("the standard library in a jail", () => {
  let lab: Lab;
  before(async () => {
    // Every part at once: more than a lesson's program needs.
    lab = await Lab.open({
      runner: { spareJails: false },
      limits: { runMemoryMebibytes: 512, runProcesses: 64, runSeconds: 120 },
    });
  });
  after(() => lab[Symbol.asyncDispose]());

  it("works: files, processes, threads, event loops, databases, sockets, signals, clocks, numpy where there is one", async () => {
    const end = await lab.run("uses-library.py");
    check(end.stdout, 15);
  });

  it("works on a terminal: curses, readline, job control", async () => {
    await using console = lab.console();
    console.console.runFile("/home/ada/uses-library.py", ["the_terminal"]);
    await console.until("the end", () => console.ends.length > 0);
    check(console.text, 1);
  });
});

function check(output: string, least: number): void {
  const line = /\{"[^\n]*\}/.exec(output)?.[0];
  assert.ok(line, output);
  const results = Object.entries(JSON.parse(line) as Record<string, string>);
  assert.ok(results.length >= least);
  assert.deepEqual(
    results.filter(([, result]) => result !== "ok"),
    [],
  );
}

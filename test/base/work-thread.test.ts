import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { getPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { UserError } from "../../src/base/errors.ts";
import { WorkThread } from "../../src/base/work-thread.ts";
import { loader } from "../support/program.ts";

const program = new URL("programs/work.ts", import.meta.url);
const oneWork = fileURLToPath(new URL("programs/one-work.ts", import.meta.url));

describe("a thread that works", () => {
  it("does one piece of work after the other, and tells in order", async () => {
    await using thread = new WorkThread(program, 64);
    const told: unknown[] = [];
    const onNews = (news: unknown): void => void told.push(news);
    await thread.do("first", { onNews });
    await thread.do("second", { onNews });
    assert.deepEqual(told, ["first 1", "first 2", "second 1", "second 2"]);
  });

  it("runs behind the threads that have people waiting", async () => {
    const threads = (): Map<number, number> =>
      new Map(readdirSync("/proc/self/task").map((task) => [Number(task), getPriority(Number(task))]));
    const before = threads();
    await using thread = new WorkThread(program, 64);
    await thread.do("first");
    // Numbers of threads begin anew some day: the first in the folder need not be the process's own.
    const own = before.get(process.pid) ?? 5;
    // With `nice bin/test` it has more already, and keeps it.
    const expected = own < 5 ? [5] : [];
    assert.deepEqual(
      [...threads()]
        .filter(([task, niceness]) => !before.has(task) && niceness !== own)
        .map(([, niceness]) => niceness),
      expected,
    );
  });

  it("keeps the niceness of a process that was started with more", async () => {
    // Whoever may take niceness back (root) proves nothing here; the suite never runs as root.
    await promisify(execFile)("nice", ["-n", "15", process.execPath, ...loader, oneWork]);
  });

  it("hands on what a person can mend, and goes on", async () => {
    await using thread = new WorkThread(program, 64);
    await assert.rejects(
      thread.do("refuse"),
      (error) =>
        error instanceof UserError &&
        error.code === "too-deep" &&
        error.message === "it is too deep" &&
        error.hint === "Dig less.",
    );
    await thread.do("more");
  });

  for (const [death, words] of [
    ["die", /ended before its work was done, with status 3/],
    ["break", /a bug/],
    ["fill", /memory limit/],
  ] as const) {
    it(`that dies says so, and nobody waits: ${death}`, async () => {
      const thread = new WorkThread(program, 64);
      await assert.rejects(thread.do(death), words);
      assert.ok(thread.ended);
      await assert.rejects(thread.do("more"), /can't be given work/);
    });
  }

  it("ends at once when its work is not wanted any more, in the middle of a loop", async () => {
    const thread = new WorkThread(program, 64);
    const unwanted = new AbortController();
    const reason = new Error("not wanted");
    await assert.rejects(thread.do("spin", { signal: unwanted.signal, onNews: () => unwanted.abort(reason) }), reason);
    assert.ok(thread.ended);
  });
});

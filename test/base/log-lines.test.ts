import assert from "node:assert/strict";
import { BoundedLines } from "../../src/base/bounded-lines.ts";
import { createLog } from "../../src/base/log.ts";
import { LogLines, recordOf } from "../../src/base/log-lines.ts";
import { logLineJson, logLineText } from "../../src/commands/log-line-text.ts";
import { eventually } from "../support/eventually.ts";

describe("lines for a slow reader", () => {
  let taken: string[];
  let waiting: (() => void)[];
  let lines: BoundedLines;
  beforeEach(() => {
    taken = [];
    waiting = [];
    lines = new BoundedLines({
      send: (line, sent) => void (taken.push(line), waiting.push(sent)),
      dropped: (count) => `${count} dropped`,
      maxCharacters: 100,
    });
  });

  it("are dropped when they don't fit, and their number stands in their place", () => {
    for (let number = 0; number < 50; number++) lines.add("0123456789");
    assert.equal(taken.length, 10);
    for (const sent of waiting.splice(0, 5)) sent();
    assert.equal(taken.at(-1), "40 dropped", "also when no other line comes");
    lines.add("more");
    assert.equal(taken.at(-1), "more");
  });

  it("are counted once where the reader's side says twice that a line is taken", () => {
    for (let number = 0; number < 10; number++) lines.add("0123456789");
    for (const sent of [...waiting, ...waiting]) sent();
    for (let number = 0; number < 20; number++) lines.add("0123456789");
    assert.equal(taken.length, 20);
  });

  it("bound also what is kept of a reader who never reads", () => {
    for (let number = 0; number < 100_000; number++) lines.add("0123456789");
    assert.equal(waiting.length, 10);
  });
});

describe("the lines of a log", () => {
  const log = createLog({ level: "info", file: "/dev/null" });
  const lines = new LogLines(log);
  after(() => log.flush?.());

  it("reach who follows, by level and account, while they follow", async () => {
    const all: string[] = [];
    const warnings: string[] = [];
    const adas: string[] = [];
    const wanted: boolean[] = [];
    using _wanted = lines.onWanted((is) => wanted.push(is));
    const follow = [
      lines.follow({ level: "info" }, (line) => all.push(line)),
      lines.follow({ level: "warn" }, (line) => warnings.push(line)),
      lines.follow({ level: "debug", user: "ada" }, (line) => adas.push(line)),
    ];
    log.child(() => ({ session: "s1", run: undefined })).info("one", { user: "ada" });
    log.warn("two", { username: "alan" });
    log.debug("three", { user: "ada" });
    lines.add(JSON.stringify({ level: "error", message: "of the primary" }));
    await eventually(() => all.length === 3);
    for (const each of follow) each[Symbol.dispose]();
    log.info("nobody hears this");
    assert.deepEqual(
      [all, warnings, adas].map((each) => each.map((line) => recordOf(line)?.["message"])),
      [["one", "two", "of the primary"], ["two", "of the primary"], ["one"]],
    );
    assert.deepEqual(recordOf(adas[0] ?? "")?.["session"], "s1");
    assert.deepEqual(wanted, [true, false]);
  });

  it("are cut when they are long", () => {
    const taken: string[] = [];
    using _following = lines.follow({ level: "info" }, (line) => taken.push(line));
    lines.add(JSON.stringify({ level: "info", message: "long", user: "ada", stack: "x".repeat(100_000) }));
    assert.deepEqual(recordOf(taken[0] ?? ""), { level: "info", message: "long", user: "ada", shortened: true });
  });
});

describe("a line of the log on a screen", () => {
  const at = new Date(2026, 10, 30, 10, 41, 7, 5).toISOString();
  const line = (fields: object): string => JSON.stringify({ timestamp: at, level: "warn", message: "m", ...fields });

  it("has time, level, process, message and fields", () => {
    assert.equal(
      logLineText(
        "host/1",
        line({ user: "ada", why: "two words", error: { name: "TypeError", message: "no", stack: "s" } }),
      ),
      '10:41:07.005 warn  host/1 m user=ada why="two words" error="TypeError: no"',
    );
    assert.match(logLineText("host/1", line({ primary: true })), /^10:41:07.005 warn {2}host\/primary m$/);
    assert.match(logLineText("host/2", '{"dropped":3}'), /^\.\.\. 3 lines of host\/2 left out/);
  });

  it("shows no control and no unseen character, as text and as JSON", () => {
    const hostile = line({ why: "\u001b[2J\u202e\u009b\u{e0041}" });
    for (const text of [logLineText("host", hostile), logLineJson("host", hostile)])
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
    assert.equal((JSON.parse(logLineJson("host", hostile)) as { why: string }).why, "\u001b[2J\u202e\u009b\u{e0041}");
  });

  it("is shown as it is where it is no JSON", () => {
    assert.equal(logLineText("host", "half a li"), "half a li");
    assert.deepEqual(JSON.parse(logLineJson("host", "half a li")), { line: "half a li", from: "host" });
  });
});

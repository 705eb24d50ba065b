import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { systemClock } from "../../src/base/clock.ts";
import { Turns } from "../../src/base/turns.ts";
import { createEmulator, parseNow, resizeEmulator, scrollbackFor, type Emulator } from "../../src/session/emulator.ts";
import { EmulatorFeed } from "../../src/session/emulator-feed.ts";
import { EmulatorWork } from "./emulator-work.ts";
import { loader } from "../support/program.ts";

const text = (emulator: Emulator, row: number): string =>
  emulator.buffer.active.getLine(row)?.translateToString(true) ?? "";

describe("emulator", () => {
  let emulator: Emulator;
  let turns: Turns;
  let feed: EmulatorFeed;
  const failures: unknown[] = [];
  const show = (output: string | Uint8Array): Promise<void> =>
    new Promise((resolve) => feed.write(Buffer.from(output), resolve));

  beforeEach(() => {
    emulator = createEmulator({ columns: 20, rows: 5 });
    turns = new Turns(systemClock, (error) => assert.fail(String(error)));
    failures.length = 0;
    feed = new EmulatorFeed({ emulator, turns, failed: (error) => failures.push(error) });
  });
  afterEach(() => {
    feed[Symbol.dispose]();
    turns[Symbol.dispose]();
    emulator.dispose();
  });

  it("obeys sequences whose numbers are larger than the screen as far as the screen goes", async () => {
    for (const final of "ILMSTZb@PX") await show(`\x1b[H${final}\x1b[2147483647${final}`);
    await show("\x1b[2J\x1b[Hone\x1b[1;1H\x1b[2Ltwo\x1b[3b");
    assert.deepEqual([text(emulator, 0), text(emulator, 2)], ["twoooo", "one"]);
  });

  it("keeps the order of what comes in pieces of any size", async () => {
    const bytes = Buffer.from(Array.from({ length: 2000 }, (_, line) => `line ${line}\r\n`).join(""));
    void show(bytes.subarray(0, 7));
    void show(bytes.subarray(7, 9000));
    await show(bytes.subarray(9000));
    assert.equal(text(emulator, emulator.buffer.active.baseY + 3), "line 1999");
    assert.equal(text(emulator, emulator.buffer.active.baseY), "line 1996");
  });

  it("lets others have their turn between the slices of a flood", async () => {
    feed.resize({ columns: 500, rows: 200 });
    let rounds = 0;
    const count = (): void => {
      rounds++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await show("\x1bc".repeat(40));
    clearImmediate(next);
    assert.ok(rounds >= 40, `${rounds} rounds of the event loop while 40 screens were made`);
  });

  it("erases up to the last cell of a fresh screen, where xterm.js fails", async () => {
    for (const sequence of ["\x1b[1J", "\x1b[?1J"]) await show(`\x1bc\x1b[Habc\x1b[99;99Hx${sequence}`);
    assert.deepEqual(failures, []);
    assert.equal(text(emulator, 0), "");
  });

  it("tells when xterm.js fails, and goes on as new", async () => {
    const core = (emulator as unknown as { _core: { _inputHandler: { parse: (data: Uint8Array) => void } } })._core
      ._inputHandler;
    const { parse } = core;
    core.parse = () => {
      throw new Error("a bug");
    };
    await show("first");
    core.parse = parse;
    await show("second");
    assert.equal(failures.length, 1);
    assert.equal(text(emulator, 0), "second");
  });

  it("keeps so many lines that all of them fit into 4 MB", () => {
    for (const size of [
      { columns: 80, rows: 24 },
      { columns: 200, rows: 50 },
      { columns: 300, rows: 80 },
      { columns: 500, rows: 200 },
    ]) {
      const cells = size.columns * (2 * size.rows + scrollbackFor(size));
      assert.ok(cells * 12 < 2.6e6, `${cells} cells`);
      assert.ok(scrollbackFor(size) >= (size.columns <= 200 ? 100 : 20));
    }
  });

  it("makes of a new size a bounded number of lines, and keeps the newest", async () => {
    feed.resize({ columns: 500, rows: 200 });
    await show(`${"x".repeat(500 * 430)}end`);
    using work = new EmulatorWork(emulator);
    assert.equal(feed.resize({ columns: 1, rows: 1 }), true);
    assert.equal(emulator.cols, 20, "a program's lines are not taken apart for a pane that shows nothing");
    assert.ok(work.done < 3_000_000, `${work.done} cells and entries`);
    assert.equal(text(emulator, emulator.buffer.active.length - 1), "end");
    assert.equal(resizeEmulator(emulator, { columns: 20, rows: 2 }), false);
    feed.resize({ columns: 80, rows: 24 });
    await show("\r\nline\r\n".repeat(600));
    assert.equal(emulator.buffer.active.length, 24 + 100);
  });

  it("gives its memory back when the console ends, and keeps under 4 MB before", async function () {
    this.timeout(600_000);
    const program = fileURLToPath(new URL("emulator-memory.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", ...loader, program]);
    const results = JSON.parse(stdout) as {
      readonly name: string;
      readonly mebibytes: number;
      readonly collected: boolean;
    }[];
    assert.ok(results.length >= 8);
    for (const { name, mebibytes, collected } of results) {
      assert.ok(mebibytes < 4, `${name} keeps ${mebibytes.toFixed(1)} MB`);
      assert.ok(collected, `what drew ${name} is kept`);
    }
  });

  it("parses at once what it is given", () => {
    parseNow(emulator, Buffer.from("now"));
    assert.equal(text(emulator, 0), "now");
  });
});

import assert from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { createEmulator, type Emulator } from "../../src/session/emulator.ts";
import { EmulatorFeed } from "../../src/session/emulator-feed.ts";

const text = (emulator: Emulator, row: number): string => emulator.buffer.active.getLine(row)?.translateToString(true) ?? "";

describe("emulator", () => {
  let emulator: Emulator;
  const show = (output: string): Promise<void> => new Promise((resolve) => emulator.write(output, resolve));

  beforeEach(() => {
    emulator = createEmulator({ columns: 20, rows: 5 });
  });
  afterEach(() => emulator.dispose());

  it("passes over a sequence that would take half an hour", async () => {
    for (const final of "ILMSTZb") await show(`\x1b[H${final}\x1b[2147483647${final}`);
    await show("\x1b[Hstill here");
    assert.match(text(emulator, 0), /^still here/);
  });

  it("obeys the same sequences with numbers that fit a screen", async () => {
    await show("one\x1b[1;1H\x1b[2Ltwo\x1b[3b");
    assert.deepEqual([text(emulator, 0), text(emulator, 2)], ["twoooo", "one"]);
  });

  it("puts accents on their letter, and not a million of them", async () => {
    await show(`e\u0301x${"\u0301".repeat(1000)}`);
    const cell = (column: number): string => emulator.buffer.active.getLine(0)?.getCell(column)?.getChars() ?? "";
    assert.equal(cell(0), "e\u0301");
    assert.ok(cell(1).length <= 20, `${cell(1).length} characters in one cell`);
  });

  it("keeps no titles", async () => {
    let title = "";
    emulator.onTitleChange((given) => void (title = given));
    await show("\x1b]0;mine\x07ok");
    assert.equal(title, "");
    assert.equal(text(emulator, 0), "ok");
  });

  it("leaves the thread to others while a program floods it with slow sequences", async () => {
    emulator.resize(200, 50);
    using feed = new EmulatorFeed(emulator, systemClock);
    let longest = 0;
    let last = performance.now();
    using _ticks = systemClock.every(1, () => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    });
    const begin = performance.now();
    await new Promise<void>((resolve) => feed.write(Buffer.from("\x1bc".repeat(4000)), resolve));
    const whole = performance.now() - begin;
    assert.ok(longest < whole / 4, `the thread was blocked for ${longest.toFixed(0)} of ${whole.toFixed(0)} ms`);
  });

  it("keeps the order of what comes in pieces of any size", async () => {
    using feed = new EmulatorFeed(emulator, systemClock);
    const lines = Array.from({ length: 2000 }, (_, line) => `line ${line}\r\n`).join("");
    const bytes = Buffer.from(lines);
    feed.write(bytes.subarray(0, 7), () => undefined);
    feed.write(bytes.subarray(7, 9000), () => undefined);
    await new Promise<void>((resolve) => feed.write(bytes.subarray(9000), resolve));
    assert.equal(text(emulator, emulator.buffer.active.baseY + 3), "line 1999");
    assert.equal(text(emulator, emulator.buffer.active.baseY), "line 1996");
  });
});

/** Typing at the prompt, as the screen shows it. */
import assert from "node:assert/strict";
import { createEmulator, type Emulator } from "../../src/session/emulator.ts";
import { eventually } from "../support/eventually.ts";
import { Lab, type Transcript } from "./support.ts";

const up = "\x1b[A";
const down = "\x1b[B";
const home = "\x1b[H";
const left = "\x1b[D";

describe("typing at the prompt", () => {
  let lab: Lab;
  let console: Transcript;
  let emulator: Emulator;
  before(async () => {
    lab = await Lab.open();
    console = lab.console();
    emulator = createEmulator({ columns: 80, rows: 24 });
    console.console.onOutput((data) => emulator.write(data));
    await console.promptShown();
    await shows([">>>"], 4);
  });
  after(async () => {
    await console[Symbol.asyncDispose]();
    emulator.dispose();
    await lab[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    // A prompt at the top of an empty screen. Ctrl-C takes with it what was typed and not read: it is waited for.
    await type("\x03", ["KeyboardInterrupt", ">>>"], 4);
    console.console.write("\x0c");
    await eventually(() => rows().join("\n") === ">>>");
  });

  /** The lines of the screen up to the last that is not empty. */
  function rows(): string[] {
    const { active } = emulator.buffer;
    const lines = Array.from({ length: emulator.rows }, (_, row) =>
      (active.getLine(active.baseY + row)?.translateToString(true) ?? "").trimEnd(),
    );
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** Waits for the last lines of the screen, and for the cursor when its column is given. */
  async function shows(lines: readonly string[], column?: number): Promise<void> {
    try {
      await eventually(() => {
        const { cursorX } = emulator.buffer.active;
        const same = rows().slice(-lines.length).join("\n") === lines.join("\n");
        return same && (column === undefined || cursorX === column);
      });
    } catch {
      assert.deepEqual([rows(), emulator.buffer.active.cursorX], [lines, column]);
    }
  }

  /** Types and waits for what that shows, as a person does: what comes faster is a paste. */
  async function type(text: string, lines: readonly string[], column?: number): Promise<void> {
    console.console.write(text);
    await shows(lines, column);
  }

  it("indents below a colon, keeps the indentation, and an empty line ends the block", async () => {
    await type("for i in range(2):", [">>> for i in range(2):"]);
    await type("\r", [">>> for i in range(2):", "..."], 8);
    await type("if i:", ["...     if i:"]);
    await type("\r", ["..."], 12);
    await type("print(i)", ["...         print(i)"]);
    await type("\r", ["..."], 12);
    await type("\x7f", ["..."], 8);
    await type("i", ["...     i"]);
    await type("\r", ["..."], 8);
    await type("\r", ["...", "0", "1", "1", ">>>"], 4);
  });

  it("brings back whole statements, and edits them as a whole", async () => {
    await type("if True:\r    print('b')\r\r", ["b", ">>>"]);
    await type("'after'\r", ["'after'", ">>>"]);
    await type(up, [">>> 'after'"]);
    await type(up, [">>> if True:", "...     print('b')"], 12);
    await type(down, ["...     print('b')"]);
    await type(`\x05${left}${left}c`, ["...     print('bc')"], 17);
    await type("\x05\r", ["...     print('bc')", "..."], 8);
    await type("\r", ["bc", ">>>"]);
    await type(up, [">>> if True:", "...     print('bc')"]);
    await type("\r", [">>> if True:", "...     print('bc')", "bc", ">>>"]);
  });

  it("finds by Up what begins as what was typed, and by Ctrl-R what contains it", async () => {
    await type("alpha = 1\r", [">>> alpha = 1", ">>>"]);
    await type("beta = alpha\r", [">>> beta = alpha", ">>>"]);
    await type("al", [">>> al"]);
    await type(up, [">>> alpha = 1"]);
    await type(down, [">>> al"]);
    await type("\x15", [">>>"]);
    await type("\x12", ["(search: )"]);
    await type("alpha", ["(search: alpha) beta = alpha"]);
    await type("\x12", ["(search: alpha) alpha = 1"]);
    await type("zzz", ["(not found: alphazzz)"]);
    await type("\x07", [">>>"]);
  });

  it("completes names, and lists what they may be", async () => {
    await type("unusual_one = unusual_two = 1\r", [">>> unusual_one = unusual_two = 1", ">>>"]);
    await type("unus\t", [">>> unusual_"]);
    await type("\t", [">>> unusual_", "unusual_one  unusual_two", ">>> unusual_"]);
    await type("o\t\r", [">>> unusual_one", "1", ">>>"]);
  });

  it("has the keys that people know", async () => {
    await type("one two three", [">>> one two three"], 17);
    await type("\x1bb", [">>> one two three"], 12);
    await type("\x17", [">>> one three"], 8);
    await type("\x01", [">>> one three"], 4);
    await type("\x1bf", [">>> one three"], 7);
    await type("\x0b", [">>> one"], 7);
    await type("\x19", [">>> one three"], 13);
    await type("\x1f", [">>> one"], 7);
    await type(`${home}\x1b[3~`, [">>> ne"], 4);
    await type("\x1b[F", [">>> ne"], 6);
    await type("\x15", [">>>"], 4);
  });

  it("knows the width of letters, and takes marks with them", async () => {
    await type("漢字e\u0301x", [">>> 漢字e\u0301x"], 10);
    await type(left, [">>> 漢字e\u0301x"], 9);
    await type("\x7f", [">>> 漢字x"], 8);
    await type(`${left}y`, [">>> 漢y字x"], 7);
  });

  it("wraps long lines as one, and draws them anew at another width", async () => {
    const long = "x".repeat(100);
    await type(long, [`>>> ${"x".repeat(76)}`, "x".repeat(24)], 24);
    await type(`${home}y`, [`>>> y${"x".repeat(75)}`, "x".repeat(25)], 5);
    emulator.resize(50, 24);
    console.console.resize({ columns: 50, rows: 24 });
    await shows([`>>> y${"x".repeat(45)}`, "x".repeat(50), "x".repeat(5)], 5);
    emulator.resize(80, 24);
    console.console.resize({ columns: 80, rows: 24 });
    await shows([`>>> y${"x".repeat(75)}`, "x".repeat(25)], 5);
  });

  it("keeps in sight where the cursor is, in a text that is longer than the screen", async () => {
    const lines = Array.from({ length: 40 }, (_, number) => `v${number} = ${number}`);
    await type(`\x1b[200~${lines.join("\r")}\x1b[201~`, ["... v39 = 39"]);
    await type("\x1b<", [">>> v0 = 0", ...lines.slice(1, 24).map((line) => `... ${line}`)], 4);
    await type("\x1b>\x05", ["... v38 = 38", "... v39 = 39"]);
  });
});

/** What people write and their programs print, shown to others and drawn for everybody by one thread. */
import assert from "node:assert/strict";
import { checkText } from "../../src/auth/account.ts";
import { messageText, readable } from "../../src/classroom/message-text.ts";
import { printable, table } from "../../src/commands/table.ts";
import { stringWidth } from "../../src/base/width.ts";
import { isUnderlined } from "../../src/session/character-styles.ts";
import { createEmulator, parseNow, roomForMarks, scrollbackFor, type Emulator } from "../../src/session/emulator.ts";
import { stepsOfSlice } from "../../src/session/output-prices.ts";
import { OutputFilter } from "../../src/session/output-filter.ts";
import { checkNewName, shown } from "../../src/workspace/file-names.ts";
import { attack } from "./attack.ts";

/** One of each kind of character that leaves nothing on a screen, or a blank that is not the keyboard's. */
const unseen = {
  "soft hyphen": "\u00ad",
  "Hangul fillers": "\u115f\u1160\u3164\uffa0",
  "braille pattern without dots": "\u2800",
  tags: "\u{e0001}\u{e0041}\u{e007f}",
  "variation selectors": "\ufe00\ufe0f\u{e0100}\u180b",
  "combining grapheme joiner": "\u034f",
  "Khmer inherent vowels": "\u17b4\u17b5",
  "Mongolian vowel separator": "\u180e",
  "zero width": "\u200b\u200c\u200d\u2060\ufeff",
  "direction of writing": "\u061c\u200e\u202a\u202e\u2066\u2069",
  "musical signs": "\u{1d173}\u{1d17a}",
  "shorthand controls": "\u{1bca0}\u{1bca3}",
  "reserved for more of these": "\u{e0fff}\u2065\ufff0",
};
const blanks = "\u00a0\u1680\u2000\u2007\u200a\u202f\u205f\u3000";

describe("attack: names that look alike or empty", () => {
  attack(
    {
      area: "output",
      attack: "names a file like another with characters that can't be seen",
      outcome: "each is spelt out wherever the name is shown; new files can't be called so",
    },
    () => {
      for (const [kind, characters] of Object.entries({ ...unseen, blanks })) {
        for (const character of characters) {
          const name = `area${character}.py`;
          assert.notEqual(shown(name), name, kind);
          assert.match(shown(name), /^area\\[xu][0-9a-f{}]+\.py$/, kind);
          assert.throws(() => checkNewName(name), /invisible/, kind);
        }
      }
      for (const name of ["área.py", "日本 語.py", "ключ.py", "ملف.py", "नमस्ते.py", "🙂.py"])
        assert.equal(shown(name), name);
    },
  );

  attack(
    {
      area: "output",
      attack: "takes a display name, section or e-mail address that looks like somebody else's",
      outcome: "characters that can't be seen are refused in accounts",
    },
    () => {
      for (const [kind, characters] of Object.entries(unseen)) {
        for (const character of characters)
          assert.throws(() => checkText("name", `Ada${character} Byron`, 100), /invisible/, kind);
      }
      for (const name of ["Ada Byron", "山田\u3000太郎", "Zoë Müller", "نور"]) checkText("name", name, 100);
    },
  );

  attack(
    {
      area: "output",
      attack: "sends a message that looks empty, or hides text in it",
      outcome: "what can't be seen is left out; a message with nothing else in it is refused",
    },
    () => {
      for (const [kind, characters] of Object.entries({ ...unseen, blanks })) {
        assert.throws(() => messageText(characters.repeat(3)), /empty/, kind);
        assert.equal(readable(`yes${characters}`), "yes", kind);
      }
      // What belongs to a language, or makes one emoji of several, stays.
      for (const text of ["❤️ 👩‍💻 1️⃣", "می‌خواهم", "क्‍ष"]) assert.equal(readable(text), text);
    },
  );

  attack(
    {
      area: "output",
      attack: "puts such a name into a command's table",
      outcome: "it is spelt out there, columns stay aligned",
    },
    () => {
      const text = table(
        ["FILE", "WHO"],
        [
          [`ar\u00adea\u{e0041}.py`, "ada"],
          ["x\u3164", "bob"],
        ],
        "none",
      );
      assert.match(text, /ar\\xadea\\u\{e0041\}\.py {2}ada/);
      const columns = text
        .trimEnd()
        .split("\n")
        .map((line) => stringWidth(line.slice(0, line.search(/WHO|ada|bob/))));
      assert.equal(new Set(columns).size, 1);
      assert.equal(printable("\u001b[2J\u0085"), "\ufffd[2J\ufffd");
    },
  );
});

/** A console's emulator as a session has it, and what its program would be answered. */
class Screen implements Disposable {
  readonly emulator: Emulator;
  readonly filter: OutputFilter;
  answered = "";
  /** Of the most expensive slice, and of all. */
  maxSteps = 0;
  steps = 0;

  constructor(size = { columns: 80, rows: 24 }) {
    this.emulator = createEmulator(size);
    this.filter = new OutputFilter({
      size,
      scrollback: scrollbackFor(size),
      roomForMarks: () => roomForMarks(this.emulator),
    });
    this.emulator.onData((data) => (this.answered += data));
  }

  show(output: string): void {
    const bytes = Buffer.from(output);
    for (let at = 0; at < bytes.length || this.filter.unfinished;) {
      const slice = this.filter.read(bytes, at, stepsOfSlice);
      parseNow(this.emulator, slice.output);
      at += slice.read;
      this.steps += slice.steps;
      this.maxSteps = Math.max(this.maxSteps, slice.steps);
    }
  }

  [Symbol.dispose](): void {
    this.emulator.dispose();
  }
}

describe("attack: what a program prints", () => {
  const largest = "2147483647";

  attack(
    {
      area: "output",
      attack:
        "sets colours of the palette by a list of 585 KB (OSC 4), which takes the emulator time that grows with the square of its length",
      outcome: "control strings are not passed on; they cost one step for each byte",
    },
    () => {
      using screen = new Screen();
      screen.show(`\x1b]4;${"1;red;".repeat(100_000)}\x07ok`);
      assert.ok(screen.steps < 12_000_000, `${screen.steps} steps`); // nearly all of it is text by then
      using short = new Screen();
      short.show(`\x1b]4;${"1;red;".repeat(600)}\x07ok`);
      assert.ok(short.steps < 4000);
      assert.equal(short.emulator.buffer.active.getLine(0)?.translateToString(true), "ok");
    },
  );

  attack(
    {
      area: "output",
      attack: "prints a title, link, image or message that never ends (OSC, DCS, APC, PM, SOS)",
      outcome: "ends after 4 KB; nothing of it is kept",
    },
    () => {
      for (const begin of ["\x1b]0;", "\x1b]8;;", "\x1bPq", "\x1b_G", "\x1b^", "\x1bX", "\u009d2;", "\u0098"]) {
        using screen = new Screen();
        screen.show(`${begin}${"x".repeat(4000)}`);
        assert.equal(screen.emulator.buffer.active.getLine(0)?.translateToString(true), "", JSON.stringify(begin));
        screen.show(`${"x".repeat(200)}\r\nhere`);
        assert.match(
          screen.emulator.buffer.active.getLine(screen.emulator.buffer.active.cursorY)?.translateToString(true) ?? "",
          /^here/,
        );
      }
    },
  );

  attack(
    {
      area: "output",
      attack: "inserts, deletes, scrolls, repeats or tabs two billion times with a sequence of 13 bytes",
      outcome: "counts are limited to the screen's size; each slice has a bounded number of steps",
    },
    () => {
      using screen = new Screen({ columns: 500, rows: 200 });
      for (const final of ["L", "M", "S", "T", "@", "P", "X", "b", "I", "Z", " @", " A", "'}", "'~"])
        screen.show(`x\x1b[${largest}${final}`.repeat(5));
      assert.ok(screen.maxSteps < 5 * stepsOfSlice, `${screen.maxSteps} steps at a time`);
    },
  );

  attack(
    {
      area: "output",
      attack: "clears, resets and switches the largest screen again and again",
      outcome: "each is charged what it costs, and the console waits its turn",
    },
    () => {
      using screen = new Screen({ columns: 500, rows: 200 });
      screen.show("\x1bc\x1b[2J\x1b#8\x1b[?1049h\x1b[?1049l".repeat(20));
      assert.ok(screen.steps > 20 * 4 * 500 * 200, "it is counted");
      assert.ok(screen.maxSteps < 5 * stepsOfSlice, `${screen.maxSteps} steps at a time`);
    },
  );

  attack(
    {
      area: "output",
      attack: "has every question answered by its terminal, and echoes the answers as new questions",
      outcome: "no answer is a question; each answer is shorter than 20 bytes",
    },
    () => {
      using screen = new Screen();
      screen.show(
        "\x1b[c\x1b[>c\x1b[5n\x1b[6n\x1b[?6n\x1b[?1$p\x1b[4$p\x1b[18t\x1b[21t\x1bP$qm\x1b\\\x1b]11;?\x07\x05\x1bZ",
      );
      assert.ok(screen.answered.length < 7 * 20);
      for (let turn = 0; turn < 3; turn++) {
        const echoed = screen.answered;
        screen.answered = "";
        screen.show(echoed);
      }
      assert.equal(screen.answered, "");
    },
  );

  attack(
    {
      area: "output",
      attack: "erases up to the last cell of a fresh screen, where the emulator throws",
      outcome: "it is the whole screen; an error of the emulator would clear the console, and nobody else's",
    },
    () => {
      using screen = new Screen();
      screen.show("\x1b[999;999Hx\x1b[1J\x1b[999;999Hy\x1b[?1Jz");
    },
  );

  attack(
    {
      area: "output",
      attack: "hides a control sequence in 8-bit controls, halves of characters or overlong UTF-8",
      outcome: "is read the same way, or is no character at all",
    },
    () => {
      for (const bytes of [
        Buffer.from(`\u009b${largest}L`),
        Buffer.from([0xe2, 0xc2, 0x9b, 0x39, 0x39, 0x39, 0x39, 0x4c]),
        Buffer.from([0xe0, 0x82, 0x9b, 0x4c]),
        Buffer.from([0xc2]),
      ]) {
        const filter = new OutputFilter({ size: { columns: 80, rows: 24 }, scrollback: 500, roomForMarks: () => 0 });
        let passed = "";
        for (const byte of bytes) passed += Buffer.from(filter.read(Buffer.of(byte), 0, 1).output).toString("latin1");
        while (filter.unfinished) passed += Buffer.from(filter.read(Buffer.alloc(0), 0, 1).output).toString("latin1");
        assert.match(passed, /^(?:(?:\x1b\[\d{1,2}L)*|L)$/, bytes.toString("hex"));
      }
    },
  );

  attack(
    {
      area: "output",
      attack: "covers the largest screen with accents, underlines and colours, one for each letter",
      outcome: "keeps under 4 MB; 10,000 accents at a time, no object for an underline",
    },
    () => {
      using screen = new Screen();
      for (let turn = 0; turn < 10; turn++) screen.show(`\x1b[H${"\x1b[4;58;5;1ma\u0301\u0302\x1b[24m".repeat(1900)}`);
      assert.ok(roomForMarks(screen.emulator) >= 0);
      const cell = screen.emulator.buffer.active.getLine(0)?.getCell(0);
      assert.equal(cell?.isUnderline(), 0);
      assert.ok(cell && isUnderlined(cell));
    },
  );
});

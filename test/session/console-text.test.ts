import assert from "node:assert/strict";
import { createEmulator, parseNow, resizeEmulator, scrollbackFor, type Emulator } from "../../src/session/emulator.ts";
import { maxBytes, maxLines } from "../../src/session/console-history.ts";
import { ConsoleText } from "../../src/session/console-text.ts";
import { styleOfWords, type WordStyle } from "../../src/session/emulator-cells.ts";
import { isUnderlined } from "../../src/session/character-styles.ts";

interface Printed {
  readonly emulator: Emulator;
  readonly text: ConsoleText;
  readonly print: (output: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  readonly all: () => string[];
}

function printed(columns = 20, rows = 5): Printed {
  const emulator = createEmulator({ columns, rows });
  const text = new ConsoleText(emulator);
  return {
    emulator,
    text,
    print(output) {
      parseNow(emulator, Buffer.from(output));
      text.touch();
    },
    resize(wide, high) {
      resizeEmulator(emulator, { columns: wide, rows: high }, text);
      text.resized();
    },
    all: () => Array.from({ length: text.end - text.first }, (_, at) => text.line(text.first + at).text),
  };
}

/** The style of a letter. */
function styleAt(styles: readonly number[], offset: number): WordStyle {
  let at = -3;
  while (at + 3 < styles.length && (styles[at + 3] ?? 0) <= offset) at += 3;
  return styleOfWords(styles[at + 1] ?? 0, styles[at + 2] ?? 0);
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, line) => `line ${line}`);

describe("a console's text", () => {
  it("has every line in order, those on the screen and those that left it", () => {
    const { print, all } = printed();
    print(`${numbered(3000).join("\r\n")}\r\n>>> `);
    assert.deepEqual(all(), [...numbered(3000), ">>>"]);
  });

  it("has a line that was too long for the screen as one line, wherever it is", () => {
    const { print, all } = printed();
    const long = "0123456789".repeat(9);
    for (let turn = 0; turn < 60; turn++) print(`${long}${turn}\r\nshort\r\n`);
    assert.deepEqual(
      all(),
      Array.from({ length: 60 }, (_, turn) => [`${long}${turn}`, "short"])
        .flat()
        .concat(""),
    );
  });

  it("has half of a line above the screen and half on it as one", () => {
    const { print, all, emulator } = printed();
    print("x".repeat(20 * (scrollbackFor({ columns: 20, rows: 5 }) + 5 + 7)));
    assert.equal(all().join("|"), "x".repeat(20 * emulator.buffer.normal.length + 140));
  });

  it("loses nothing when the pane gets another size, and joins what was wrapped", () => {
    const { print, all, resize } = printed(40, 10);
    const lines = Array.from({ length: 400 }, (_, line) => `${line} ${"word ".repeat(line % 30)}end`);
    // xterm.js leaves the line with the cursor to the program, which draws it again.
    print(`${lines.join("\r\n")}\r\n`);
    for (const [columns, rows] of [
      [20, 3],
      [120, 40],
      [20, 2],
      [33, 12],
      [500, 200],
      [40, 10],
    ] as const) {
      resize(columns, rows);
      assert.deepEqual(all(), [...lines, ""], `at ${columns}x${rows}`);
    }
  });

  it("keeps letters of two columns, marks, emoji and blanks within a line", () => {
    const { print, all } = printed(20, 3);
    const lines = ["日本語 テキスト", "a\u0301e\u0301  tail", "   indented", "\u{1f600} face", "日".repeat(25)];
    print(`${lines.join("\r\n")}\r\n`.repeat(100));
    assert.deepEqual(all().slice(0, 5), lines);
    assert.deepEqual(all().slice(-6), [...lines, ""]);
  });

  it("has the colours and styles that the emulator has, cell by cell", () => {
    const { print, text, emulator } = printed(60, 30);
    const codes = [
      "1",
      "2",
      "3",
      "53",
      "7",
      "31",
      "92",
      "38;5;200",
      "38;2;1;2;3",
      "44",
      "103",
      "48;2;9;8;7",
      "48;5;20",
    ];
    print(codes.map((code) => `plain\x1b[${code}m styled \x1b[0mafter`).join("\r\n"));
    const cell = emulator.buffer.normal.getNullCell();
    codes.forEach((code, row) => {
      const { styles, text: line } = text.line(row);
      for (let column = 0; column < line.length; column++) {
        emulator.buffer.normal.getLine(row)?.getCell(column, cell);
        const style = styleAt(styles ?? [], column);
        assert.equal(line[column], cell.getChars() || " ");
        assert.deepEqual(
          [style.bold, style.dim, style.italic, style.underline, style.inverse],
          [cell.isBold() !== 0, cell.isDim() !== 0, cell.isItalic() !== 0, isUnderlined(cell), cell.isInverse() !== 0],
          `${code} at ${column}`,
        );
        const color = (isDefault: boolean, isRgb: boolean, value: number): number | undefined =>
          isDefault ? undefined : isRgb ? 0x1000000 + value : value;
        assert.equal(style.foreground, color(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()), code);
        assert.equal(style.background, color(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()), code);
      }
    });
  });

  it("says where a row of the screen and the cursor are", () => {
    const { print, text, emulator } = printed();
    print(`${"x".repeat(45)}\r\nab 日c`);
    assert.deepEqual(text.cursor, { line: 1, offset: 5 });
    assert.deepEqual(text.placeOf(2), { line: 0, offset: 40 });
    assert.deepEqual(text.placeOf(emulator.buffer.normal.baseY + 3), { line: 1, offset: 0 });
  });

  it("leaves a program's own screen out", () => {
    const { print, all } = printed();
    print(`before\r\n\x1b[?1049h${"curses\r\n".repeat(300)}\x1b[?1049lafter`);
    assert.deepEqual(all(), ["before", "after"]);
  });

  it("forgets what a program clears, as terminals do, and keeps the numbers of lines", () => {
    const { print, all, text } = printed();
    print(`${numbered(500).join("\r\n")}\x1b[H\x1b[2J\x1b[3J$ `);
    assert.deepEqual(all(), ["$"]);
    const { first } = text;
    assert.ok(first >= 300);
    print(`\x1bc${numbered(200).join("\r\n")}`);
    assert.equal(all()[0], "line 0");
    assert.ok(text.first >= first);
  });

  it("clears the screen and keeps the line with the cursor, whose end still works", () => {
    const { print, all, text, emulator } = printed();
    print(`${numbered(50).join("\r\n")}\r\n>>> prin`);
    text.clearScreen();
    assert.equal(emulator.buffer.normal.getLine(emulator.buffer.normal.baseY)?.translateToString(true), ">>> prin");
    print("t(1)\r\n1\r\n>>> ");
    assert.deepEqual(all(), [...numbered(50), ">>> print(1)", "1", ">>>"], "the rest can be read above");
    text.clear();
    assert.deepEqual(all(), [">>>"]);
    print("2\r\n");
    assert.deepEqual(all(), [">>> 2", ""]);
  });

  it("clears around a statement of several rows, and does not take a line apart that fills the screen", () => {
    const { print, all, text } = printed(20, 4);
    print(`old\r\n>>> ${"y".repeat(40)}`);
    text.clear();
    print("z");
    assert.deepEqual(all(), [`>>> ${"y".repeat(40)}z`]);
    print(`\r\n${"q".repeat(20 * 9)}`);
    text.clear();
    assert.equal(all().at(-1), "q".repeat(180));
  });

  it("keeps 10,000 lines of usual length, and of any kind so many as fit into its bytes", () => {
    const usual = printed(80, 24);
    usual.print("a line of the usual kind, and a number: 12345\r\n".repeat(12_000));
    assert.ok(usual.text.end - usual.text.first >= maxLines);
    assert.ok(usual.text.bytes <= maxBytes);
    const colours = printed(200, 50);
    colours.print("\x1b[38;2;1;2;3mx\x1b[48;5;7my".repeat(400_000));
    assert.ok(colours.text.bytes <= maxBytes, `${colours.text.bytes} bytes`);
    const endless = printed(80, 24);
    endless.print("x".repeat(4_000_000));
    assert.ok(endless.text.bytes <= maxBytes);
    assert.ok(endless.all().every(({ length }) => length <= 20_000));
  });

  it("gives memory back when it is shortened", () => {
    const { print, text } = printed(80, 24);
    print("a line of the usual kind\r\n".repeat(9000));
    const { end } = text;
    text.shorten();
    assert.equal(text.end, end, "numbers stay");
    assert.ok(text.end - text.first <= 500 + 124 + 1);
    assert.ok(text.bytes <= 3 * 65_536, `${text.bytes} bytes`);
  });

  it("remembers a bounded number of pauses, at the lines that they stand before", () => {
    const { print, text } = printed();
    text.pause();
    print("one\r\ntwo\r\n");
    text.pause();
    text.pause();
    print(">>> ");
    text.pause();
    assert.deepEqual(text.pauses, [0, 2, 3]);
    for (let turn = 0; turn < 10_000; turn++) {
      print("x\r\n");
      text.pause();
    }
    assert.ok(text.pauses.length <= 2000);
    assert.equal(text.pauses.at(-1), text.end - 1);
  });
});

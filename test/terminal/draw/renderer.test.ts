import assert from "node:assert/strict";
import * as fc from "fast-check";
import { GridSurface } from "../../../src/terminal/draw/grid-surface.ts";
import { Renderer } from "../../../src/terminal/draw/renderer.ts";
import type { CellStyle } from "../../../src/terminal/draw/cell-style.ts";
import type { Region, Surface } from "../../../src/terminal/draw/surface.ts";
import { createTheme } from "../../../src/terminal/theme.ts";
import { Emulator } from "../../support/emulator.ts";

const columns = 24;
const rows = 6;

function area(row: number, column: number, width: number, height: number): Region {
  return { row, column, width, height };
}

/** The whole of the small screen. */
function all(): Region {
  return area(0, 0, columns, rows);
}

interface Canvas extends Disposable {
  readonly emulator: Emulator;
  readonly renderer: Renderer;
  readonly surface: Surface;
  /** Brings the emulator up to date and returns the bytes that it took. */
  show(cursor?: { row: number; column: number }): Promise<string>;
}

function canvas(width = columns, height = rows, canMove = true): Canvas {
  const emulator = new Emulator(width, height);
  const renderer = new Renderer({
    size: { columns: width, rows: height },
    theme: createTheme("truecolor", "dark"),
    canMove,
  });
  emulator.write("\x1b[?7l");
  const place = area(0, 0, width, height);
  return {
    emulator,
    renderer,
    surface: new GridSurface(renderer.back, place, () => undefined),
    async show(cursor) {
      const bytes = renderer.frame(cursor);
      emulator.write(bytes);
      await emulator.settled();
      return bytes;
    },
    [Symbol.dispose]: () => emulator[Symbol.dispose](),
  };
}

/** Everything that can be seen, cell by cell. */
function look({ emulator, renderer: { back } }: Canvas): unknown[] {
  return Array.from({ length: back.width * back.height }, (_, index) => {
    const cell = emulator.cell(Math.floor(index / back.width), index % back.width);
    // A blank's own colour and weight cannot be seen.
    const isBlank = (cell.text === "" || cell.text === " ") && cell.width === 1 && !cell.underline && !cell.inverse;
    return isBlank ? { blank: cell.background } : cell;
  });
}

interface Stroke {
  readonly row: number;
  readonly column: number;
  readonly text: string;
  readonly style: CellStyle;
  readonly fill: boolean;
}

type Color = NonNullable<CellStyle["foreground"]>;

const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "c", "x", "y", "z", " ", " ", ".") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "世",
      "界",
      "한",
      "👍",
      "🚀",
      "●",
      "▾",
      "─",
      "é",
      "e\u0301",
      "👩\u200d🚀",
      "❤\ufe0f",
      "☂",
      "\u0301",
      "\t",
      "\x1b",
    ),
  },
);
const style: fc.Arbitrary<CellStyle> = fc.record(
  {
    foreground: fc.constantFrom<Color>("accent", "keyword", "text", 3, 200, 0x1ff8800),
    background: fc.constantFrom<Color>("selection", "bar", 4, 0x1000040),
    bold: fc.boolean(),
    underline: fc.boolean(),
    inverse: fc.boolean(),
    italic: fc.boolean(),
    dim: fc.boolean(),
  },
  { requiredKeys: [] },
);
const stroke: fc.Arbitrary<Stroke> = fc.record({
  row: fc.integer({ min: -1, max: rows }),
  column: fc.integer({ min: -3, max: columns }),
  text: fc.array(character, { maxLength: 12 }).map((characters) => characters.join("")),
  style: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: style }),
  fill: fc.boolean(),
});

function paint(surface: Surface, { row, column, text, style, fill }: Stroke): void {
  if (fill) surface.fill(area(row, column, text.length, 2), style);
  else surface.put(row, column, text, style);
}

describe("the renderer", () => {
  it("draws by differences what drawing all at once draws, with wide and combining characters in any place", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(stroke, { maxLength: 4 }), { minLength: 1, maxLength: 5 }), async (frames) => {
        using stepwise = canvas();
        using atOnce = canvas();
        for (const strokes of frames) {
          for (const one of strokes) {
            paint(stepwise.surface, one);
            paint(atOnce.surface, one);
          }
          await stepwise.show({ row: 0, column: 0 });
        }
        await atOnce.show({ row: 0, column: 0 });
        assert.deepEqual(look(stepwise), look(atOnce));
      }),
      { numRuns: 300 },
    );
  });

  /** One step of somebody who edits a text. */
  interface Edit {
    readonly kind: "insert-line" | "delete-line" | "insert" | "delete" | "scroll";
    readonly row: number;
    readonly column: number;
    readonly text: string;
    readonly count: number;
  }
  const edit: fc.Arbitrary<Edit> = fc.record({
    kind: fc.constantFrom("insert-line" as const, "delete-line", "insert", "insert", "delete", "delete", "scroll"),
    row: fc.nat(11),
    column: fc.nat(30),
    text: fc.array(character, { maxLength: 5 }).map((characters) => characters.join("")),
    count: fc.integer({ min: 1, max: 3 }),
  });
  const word = fc.constantFrom("return", "width", "世界", "é", "# a note", "🚀", "    ", "f(x)", "│");
  const startLines = fc.array(
    fc.array(word, { maxLength: 6 }).map((words) => words.join(" ")),
    { minLength: 6, maxLength: 12 },
  );

  /** A pane with line numbers beside a pane that does not move, on a screen of 40 by 10. */
  function drawText(surface: Surface, lines: readonly string[], top: number): void {
    for (let row = 0; row < 10; row++) {
      surface.fill(area(row, 0, 40, 1));
      surface.put(row, 0, row % 3 === 0 ? "files" : "", { foreground: "accent" });
      surface.put(row, 7, "│", { foreground: "rule" });
      const line = lines[top + row];
      if (line === undefined || row === 9) continue;
      surface.put(row, 9, String(top + row + 1), { foreground: "dim" });
      surface.part(area(row, 12, 28, 1)).put(0, 0, line, line.includes("#") ? { foreground: "comment" } : {});
    }
    surface.put(9, 0, "a line below that stays", { background: "bar" });
  }

  function apply(lines: string[], { kind, row, column, text, count }: Edit): void {
    const index = row % Math.max(1, lines.length);
    const line = lines[index] ?? "";
    if (kind === "insert-line") lines.splice(index, 0, ...Array.from({ length: count }, () => text));
    else if (kind === "delete-line") lines.splice(index, count);
    else if (kind === "insert") lines[index] = line.slice(0, column) + text + line.slice(column);
    else if (kind === "delete") lines[index] = line.slice(0, column) + line.slice(column + count);
  }

  for (const canMove of [true, false]) {
    it(`follows somebody who edits, ${canMove ? "moving what the terminal can move" : "on a terminal that moves nothing"}`, async () => {
      await fc.assert(
        fc.asyncProperty(startLines, fc.array(edit, { minLength: 1, maxLength: 8 }), async (start, edits) => {
          using stepwise = canvas(40, 10, canMove);
          const lines = [...start];
          let top = 0;
          drawText(stepwise.surface, lines, top);
          await stepwise.show({ row: 0, column: 0 });
          for (const one of edits) {
            if (one.kind === "scroll") top = Math.max(0, top + (one.row % 2 === 0 ? one.count : -one.count));
            else apply(lines, one);
            drawText(stepwise.surface, lines, top);
            await stepwise.show({ row: one.row % 10, column: one.column });
          }
          using atOnce = canvas(40, 10, canMove);
          drawText(atOnce.surface, lines, top);
          await atOnce.show({ row: 0, column: 0 });
          assert.deepEqual(look(stepwise), look(atOnce));
        }),
        { numRuns: 60 },
      );
    });
  }

  it("has the terminal move what an Enter and a letter move", async () => {
    const sizes = async (canMove: boolean): Promise<{ letter: number; enter: number; joined: number }> => {
      using on = canvas(60, 10, canMove);
      const lines = Array.from(
        { length: 9 },
        (_, index) => `${"zyxwvutsr"[index]?.repeat(2 * index + 9)} # no. ${index}`,
      );
      lines[2] = "x = area(2, width) * height";
      const draw = (): void => {
        on.surface.fill(area(0, 0, 60, 10));
        for (const [row, line] of lines.entries()) on.surface.put(row, 0, `${row + 1}  ${line}`);
      };
      draw();
      await on.show({ row: 2, column: 7 });
      lines[2] = "x = barea(2, width) * height";
      draw();
      const letter = (await on.show({ row: 2, column: 8 })).length;
      lines.splice(2, 1, "x = b", "area(2, width) * height");
      draw();
      const enter = (await on.show({ row: 3, column: 3 })).length;
      lines.splice(2, 2, "x = barea(2, width) * height");
      draw();
      const joined = (await on.show({ row: 2, column: 8 })).length;
      return { letter, enter, joined };
    };
    const [moved, written] = [await sizes(true), await sizes(false)];
    assert.ok(moved.letter < 6 && written.letter > 20, JSON.stringify({ moved, written }));
    assert.ok(moved.enter * 2 < written.enter, JSON.stringify({ moved, written }));
    assert.ok(moved.joined * 2 < written.joined, JSON.stringify({ moved, written }));
  });

  it("shows what the grid holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stroke, { maxLength: 8 }), async (strokes) => {
        using on = canvas();
        for (const one of strokes) paint(on.surface, one);
        await on.show();
        const { back } = on.renderer;
        for (let index = 0; index < columns * rows; index++) {
          const shown = on.emulator.cell(Math.floor(index / columns), index % columns).text;
          assert.equal(shown === "" && back.characters[index] === 0x20 ? " " : shown, back.text(index));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("writes nothing when nothing changed, though it was painted again", async () => {
    using on = canvas();
    on.surface.put(2, 3, "same 世界", { foreground: "keyword", bold: true });
    await on.show({ row: 2, column: 3 });
    on.surface.fill(all());
    on.surface.put(2, 3, "same 世界", { foreground: "keyword", bold: true });
    assert.equal(await on.show({ row: 2, column: 3 }), "");
  });

  const costs: readonly (readonly [what: string, change: (surface: Surface) => void, bytes: string])[] = [
    ["a character at the cursor", (surface) => surface.put(1, 5, "x"), "x"],
    ["a character that goes away", (surface) => surface.put(1, 4, " "), "\b\x1b[K"],
    ["a new colour", (surface) => surface.put(1, 5, "x", { bold: true }), "\x1b[1mx"],
    ["the end of a line", (surface) => surface.fill(area(3, 0, columns, 1)), "\x1b[4H\x1b[K\x1b[2;6H"],
  ];
  for (const [what, change, bytes] of costs) {
    it(`writes the few bytes for ${what}`, async () => {
      using on = canvas();
      on.surface.put(1, 0, "print");
      on.surface.put(3, 0, "a line that goes away");
      await on.show({ row: 1, column: 5 });
      change(on.surface);
      const isTyped = bytes.endsWith("x");
      assert.equal(await on.show({ row: 1, column: isTyped ? 6 : what.includes("goes away") ? 4 : 5 }), bytes);
    });
  }

  it("brackets a large frame as synchronized output with the cursor hidden, and shows it at the end", async () => {
    using on = canvas(80, 24);
    await on.show({ row: 0, column: 0 });
    for (let row = 0; row < 24; row++) on.surface.put(row, 0, "x".repeat(80), { foreground: "string" });
    const bytes = await on.show({ row: 5, column: 7 });
    assert.ok(bytes.startsWith("\x1b[?2026h\x1b[?25l") && bytes.endsWith("\x1b[6;8H\x1b[?25h\x1b[?2026l"), bytes);
    assert.deepEqual(on.emulator.cursor(), { row: 5, column: 7, visible: true });
  });

  it("hides the cursor when nobody types", async () => {
    using on = canvas();
    await on.show({ row: 0, column: 0 });
    await on.show();
    assert.equal(on.emulator.cursor().visible, false);
  });

  it("does not scroll when the last cell of the last row is written", async () => {
    using on = canvas();
    on.surface.put(0, 0, "first");
    on.surface.put(rows - 1, columns - 1, "X");
    await on.show();
    assert.equal(on.emulator.screen()[0], "first");
    assert.equal(on.emulator.cell(rows - 1, columns - 1).text, "X");
  });
});

/** The rows of a grid after drawing on it. */
function drawn(draw: (surface: Surface) => void): string[] {
  const renderer = new Renderer({ size: { columns, rows }, theme: createTheme("none") });
  draw(new GridSurface(renderer.back, all(), () => undefined));
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => renderer.back.text(row * columns + column))
      .join("")
      .trimEnd(),
  );
}

describe("a surface", () => {
  it("tells how many columns a text took", () => {
    drawn((surface) => {
      assert.equal(surface.put(0, 0, "abc"), 3);
      assert.equal(surface.put(0, 0, "世e\u0301"), 3);
      assert.equal(surface.put(-5, 0, "abc"), 3);
    });
  });

  it("shows control characters as pictures, so that a file cannot command the terminal", () => {
    assert.equal(drawn((surface) => surface.put(0, 0, "\x1b[2J\x00\x7f\u009b\ud800"))[0], "␛[2J␀␡\ufffd\ufffd");
  });

  it("does not send direction marks and joiners, which make code look like other code", () => {
    assert.equal(drawn((surface) => surface.put(0, 0, "a\u202eb\u2066c\u200d\ufeffd\u{e0001}"))[0], "abcd");
  });

  it("cuts wide characters cleanly at both edges of a part", () => {
    const rows = drawn((surface) => {
      surface.put(0, 0, "..........");
      const part = surface.part({ row: 0, column: 2, width: 5, height: 1 });
      part.put(0, -1, "世界世界");
    });
    assert.equal(rows[0], ".. 界世...");
  });

  it("blanks the other half of a wide character that is overwritten", () => {
    assert.equal(
      drawn((surface) => {
        surface.put(0, 0, "世界");
        surface.put(0, 1, "x");
      })[0],
      " x界",
    );
    assert.equal(
      drawn((surface) => {
        surface.put(0, 0, "世界");
        surface.put(0, 2, "x");
      })[0],
      "世x",
    );
    assert.equal(
      drawn((surface) => {
        surface.put(0, 0, "世界");
        surface.put(0, 1, "世");
      })[0],
      " 世",
    );
  });

  it("keeps a part's drawing and cursor inside the part, at any depth", () => {
    const places: unknown[] = [];
    const renderer = new Renderer({ size: { columns, rows }, theme: createTheme("none") });
    const surface = new GridSurface(renderer.back, all(), (row, column) => places.push([row, column]));
    const inner = surface
      .part({ row: 1, column: 2, width: 10, height: 3 })
      .part({ row: 1, column: 1, width: 100, height: 100 });
    inner.fill(area(-5, -5, 200, 200), {}, "#");
    inner.cursor(0, 0);
    inner.cursor(0, 50);
    inner.cursor(-1, 0);
    const text = (row: number): string =>
      Array.from({ length: columns }, (_, column) => renderer.back.text(row * columns + column)).join("");
    assert.deepEqual(
      [1, 2, 3, 4].map((row) => text(row).trimEnd()),
      ["", "   #########", "   #########", ""],
    );
    assert.deepEqual(places, [[2, 3]]);
  });

  it("bounds the marks on one character", () => {
    const [row = ""] = drawn((surface) => surface.put(0, 0, `a${"\u0301".repeat(1000)}b`));
    assert.ok(row.length < 20 && row.endsWith("b"), row);
  });

  it("stops at the right edge of a very long line", () => {
    const long = "x".repeat(50_000_000);
    drawn((surface) => assert.equal(surface.put(0, 0, long), columns));
  });
});

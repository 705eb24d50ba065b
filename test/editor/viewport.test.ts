import assert from "node:assert/strict";
import * as fc from "fast-check";
import { columnAt, drawCluster, clusterEnd, clusterWidth, offsetAtColumn } from "../../src/editor/columns.ts";
import { EditorDocument } from "../../src/editor/document.ts";
import type { DocumentView } from "../../src/editor/document-view.ts";
import { Search } from "../../src/editor/search.ts";
import { Viewport } from "../../src/editor/viewport.ts";
import type { DrawnLine, Segment } from "../../src/editor/viewport.ts";
import { stringWidth } from "../../src/base/width.ts";
import { open } from "./marked.ts";

const text = (line: DrawnLine | undefined): string => (line?.segments ?? []).map((segment) => segment.text).join("");
const rows = (viewport: Viewport, document: DocumentView): readonly string[] => viewport.lines(document).map(text);
const numbered = (count: number): string => Array.from({ length: count }, (_, i) => `line ${i + 1}`).join("\n");

/** The text of all segments that have a look. */
function looking(lines: readonly DrawnLine[], look: (segment: Segment) => boolean): readonly string[] {
  return lines.flatMap((line) => line.segments.filter(look).map((segment) => segment.text));
}

describe("editor: what a screen shows", () => {
  it("shows the visible lines with their numbers, and rows without number below the end", () => {
    const lines = new Viewport({ width: 20, height: 4 }).lines(open("|if a:\n    b"));
    assert.deepEqual(
      lines.map((line) => line.number),
      [1, 2, 0, 0],
    );
    assert.deepEqual(
      lines.map((line) => line.current),
      [true, false, false, false],
    );
    assert.deepEqual(
      lines[0]?.segments.map(({ text, style }) => [text, style]),
      [
        ["if", "keyword"],
        [" a", "text"],
        [":", "operator"],
      ],
    );
  });

  const windows: readonly (readonly [string, number, number, string])[] = [
    ["abcdef", 0, 4, "abcd"],
    ["abcdef", 2, 3, "cde"],
    ["ab", 5, 3, ""],
    ["日本語", 0, 4, "日本"],
    ["日本語", 0, 5, "日本 "],
    ["日本語", 1, 4, " 本 "],
    ["日本語", 2, 4, "本語"],
    ["日", 1, 4, " "],
    ["a\tb", 0, 9, "a   b"],
    ["a\tb", 2, 9, "  b"],
    ["a\tb", 0, 3, "a  "],
    ["e\u0301x", 0, 2, "e\u0301x"],
    ["e\u0301x", 1, 2, "x"],
    ["\u0301x", 0, 2, "◌\u0301x"],
    ["a\x1b[31mb\x7f\x9b", 0, 20, "a␛[31mb␡\ufffd"],
    ["a\u202eb\u200bc\ufeff", 0, 20, "a\ufffdb\ufffdc\ufffd"],
    ["x\ud83dy", 0, 20, "x\ufffdy"],
    ["👩\u200d💻x", 0, 20, "👩\u200d💻x"],
  ];
  for (const [line, left, width, expected] of windows) {
    it(`shows ${JSON.stringify(expected)} of ${JSON.stringify(line)} from column ${left}, ${width} wide`, () => {
      const viewport = new Viewport({ width, height: 1 });
      viewport.reset(0, left);
      assert.equal(rows(viewport, open(line, { language: "plain" }))[0], expected);
    });
  }

  it("says that text goes on beside what is shown", () => {
    const viewport = new Viewport({ width: 4, height: 2 });
    const document = open("abcdefgh\nab");
    assert.deepEqual(
      viewport.lines(document).map(({ cutLeft, cutRight }) => [cutLeft, cutRight]),
      [
        [false, true],
        [false, false],
      ],
    );
    viewport.reset(0, 4);
    assert.deepEqual(
      viewport.lines(document).map(({ cutLeft, cutRight }) => [cutLeft, cutRight]),
      [
        [true, false],
        [true, false],
      ],
    );
  });

  it("keeps every row inside its width, with true widths, whatever the text holds", () => {
    const piece = fc.constantFrom(
      "a",
      "bc",
      " ",
      "日",
      "😀",
      "\t",
      "\u0301",
      "\u200d",
      "👩\u200d💻",
      "\x00",
      "\ud83d",
      "'",
      "#",
      "🇩🇪",
      "\u1100\u1161",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.nat(20),
        fc.integer({ min: 1, max: 15 }),
        fc.nat(40),
        (pieces, left, width, anchor) => {
          const document = open(pieces.join(""));
          document.select(anchor % (document.length + 1), document.length);
          const viewport = new Viewport({ width, height: 1 });
          viewport.reset(0, left);
          const [line] = viewport.lines(document);
          const segments = line?.segments ?? [];
          for (const segment of segments)
            assert.equal(stringWidth(segment.text), segment.width, JSON.stringify(segment));
          assert.ok(segments.reduce((sum, segment) => sum + segment.width, 0) <= width);
          assert.doesNotMatch(text(line), /[\x00-\x1f\x7f-\x9f]/);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("goes from offsets to columns and back", () => {
    const piece = fc.constantFrom("a", "日", "😀", "\t", "e\u0301", "👩\u200d💻", "\x01");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const line = pieces.join("");
        let column = 0;
        for (let at = 0; at < line.length; at = clusterEnd(line, at)) {
          const end = clusterEnd(line, at);
          const width = clusterWidth(line, at, end, column);
          assert.equal(columnAt(line, at), column);
          for (let inside = column; inside < column + width; inside++) assert.equal(offsetAtColumn(line, inside), at);
          assert.equal(stringWidth(drawCluster(line, at, end, column)), width);
          column += width;
        }
      }),
      { numRuns: 300 },
    );
  });

  it("gives the same row objects again when nothing about them changed", () => {
    const document = open(numbered(30));
    const viewport = new Viewport({ width: 40, height: 10 });
    const before = viewport.lines(document);
    document.setCursor(2);
    const moved = viewport.lines(document);
    assert.ok(moved.every((line, row) => line === before[row]));
    document.type("x");
    const typed = viewport.lines(document);
    assert.deepEqual(
      typed.map((line, row) => line === before[row]),
      [false, ...Array.from({ length: 9 }, () => true)],
    );
  });

  it("marks what is selected, with the line ends in between", () => {
    const lines = new Viewport({ width: 20, height: 3 }).lines(open("a<bc\n\nd>e"));
    assert.deepEqual(
      looking(lines, (segment) => segment.selected),
      ["bc", " ", " ", "d"],
    );
  });

  it("shows every cursor but the main one as a selected cell", () => {
    const lines = new Viewport({ width: 20, height: 3 }).lines(open("a|b\nc|\nd|e"));
    assert.deepEqual(
      looking(lines, (segment) => segment.selected),
      [" ", "e"],
    );
  });

  it("marks the brackets at the cursor", () => {
    const lines = new Viewport({ width: 20, height: 2 }).lines(open("f(a, |[b],\n  c)"));
    assert.deepEqual(
      looking(lines, (segment) => segment.bracket),
      ["[", "]"],
    );
  });

  it("marks what was searched for, and the match that is selected", () => {
    const document = open("|ab ab\nAB");
    const search = new Search({ text: "ab" });
    search.next(document);
    const lines = new Viewport({ width: 20, height: 2 }).lines(document, { search });
    assert.deepEqual(
      looking(lines, (segment) => segment.match),
      ["ab", "AB"],
    );
    assert.deepEqual(
      looking(lines, (segment) => segment.currentMatch),
      ["ab"],
    );
  });
});

describe("editor: very long lines", () => {
  it("show their middle and the matches there", () => {
    const document = open(`x = "${"ab ".repeat(100_000)}"`);
    const viewport = new Viewport({ width: 30, height: 2 });
    viewport.reset(0, 150_000);
    const lines = viewport.lines(document, { search: new Search({ text: "ab" }) });
    assert.equal(text(lines[0]).length, 30);
    assert.equal(looking(lines, (segment) => segment.match).join(""), text(lines[0]).replaceAll(/[^ab]/g, ""));
  });
});

describe("editor: scrolling", () => {
  it("scrolls as little as needed and keeps a margin around the cursor", () => {
    const document = open(numbered(100));
    const viewport = new Viewport({ width: 20, height: 10 });
    assert.equal(viewport.reveal(document), false);
    for (let i = 0; i < 8; i++) document.run("cursorDown");
    assert.equal(viewport.reveal(document), true);
    assert.equal(viewport.top, 1);
    assert.deepEqual(viewport.cursorCell(document), { row: 7, column: 0 });
    document.run("cursorDocumentEnd");
    viewport.reveal(document);
    document.run("cursorUp");
    viewport.reveal(document);
    assert.ok(rows(viewport, document).includes("line 99"));
  });

  it("puts the cursor in the middle after a jump", () => {
    const document = open(numbered(1000));
    const viewport = new Viewport({ width: 20, height: 11 });
    document.setCursor(document.offsetAt(500, 1));
    viewport.reveal(document);
    assert.deepEqual(viewport.cursorCell(document), { row: 5, column: 0 });
  });

  it("follows the cursor to the side, and back to the start of the line when that fits", () => {
    const document = open(`|${"x".repeat(100)}`);
    const viewport = new Viewport({ width: 20, height: 3 });
    document.run("cursorLineEnd");
    viewport.reveal(document);
    assert.ok(viewport.left > 80);
    assert.ok(viewport.cursorCell(document));
    document.run("cursorLineStart");
    viewport.reveal(document);
    assert.equal(viewport.left, 0);
  });

  it("always shows the cursor after reveal, at any size", () => {
    const step = fc.record({ line: fc.integer({ min: 1, max: 80 }), column: fc.nat(80) });
    const document = new EditorDocument({
      text: Array.from({ length: 60 }, (_, i) => "日x\t".repeat(i % 17)).join("\n"),
      language: "plain",
    }).view;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(step, { maxLength: 10 }),
        (width, height, steps) => {
          const viewport = new Viewport({ width, height });
          for (const { line, column } of steps) {
            document.setCursor(document.offsetAt(line, column));
            viewport.reveal(document);
            const cell = viewport.cursorCell(document) ?? assert.fail("the cursor is not visible");
            assert.equal(viewport.positionAt(document, cell.row, cell.column), document.head);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("scrolls with the wheel without moving the cursor, not beyond the text", () => {
    const document = open(`|${numbered(30)}`);
    const viewport = new Viewport({ width: 20, height: 10 });
    assert.equal(viewport.scrollBy(document, 5), true);
    assert.equal(viewport.top, 5);
    assert.equal(viewport.cursorCell(document), undefined);
    viewport.scrollBy(document, 500);
    assert.equal(viewport.top, 20);
    assert.equal(viewport.scrollBy(document, 5), false);
    viewport.scrollBy(document, -500);
    assert.equal(viewport.top, 0);
    assert.equal(document.head, 0);
  });

  it("shows text though most of it was deleted", () => {
    const document = open(numbered(100));
    const viewport = new Viewport({ width: 20, height: 10 });
    viewport.reset(90);
    document.run("selectAll");
    document.type("x");
    assert.equal(rows(viewport, document)[0], "x");
  });

  it("finds the place that a click means", () => {
    const document = open("ab\n\t日x\n");
    const viewport = new Viewport({ width: 20, height: 10 });
    const places: readonly (readonly [number, number, number])[] = [
      [0, 0, 0],
      [0, 1, 1],
      [0, 19, 2],
      [1, 2, 3],
      [1, 4, 4],
      [1, 5, 4],
      [1, 6, 5],
      [9, 0, 7],
      [-5, 0, 0],
    ];
    for (const [row, column, offset] of places)
      assert.equal(viewport.positionAt(document, row, column), offset, `${row}, ${column}`);
  });

  it("makes room for the numbers of lines", () => {
    assert.equal(Viewport.numberWidth(open("a")), 3);
    assert.equal(Viewport.numberWidth(open("\n".repeat(12_000))), 5);
  });
});

import assert from "node:assert/strict";
import * as fc from "fast-check";
import xterm from "@xterm/headless";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import type { EditorCommandName } from "../../../src/editor/commands.ts";
import { EditorDocument } from "../../../src/editor/document.ts";
import type { DocumentView } from "../../../src/editor/document-view.ts";
import { Participant } from "../../../src/editor/participant.ts";
import { Search } from "../../../src/editor/search.ts";
import { Viewport } from "../../../src/editor/viewport.ts";
import type { WorkbenchView } from "../../../src/session/workbench-view.ts";
import { TextPane } from "../../../src/tui/client/text-pane.ts";
import { drawConsoleCells } from "../../../src/tui/views/console-cells.ts";
import { drawEditorPane, gutterWidth } from "../../../src/tui/views/editor-pane.ts";
import { drawEmptyEditor } from "../../../src/tui/views/empty-state.ts";
import { fuzzyFilter } from "../../../src/tui/views/fuzzy.ts";
import { FindBar } from "../../../src/tui/views/find-bar.ts";
import { documentOf } from "../../editor/marked.ts";
import { GridSurface } from "../../support/grid-surface.ts";

async function emulate(output: string, columns = 20, rows = 5): Promise<xterm.Terminal> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 50 });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  return terminal;
}

async function paint(
  output: string,
  size: { columns: number; rows: number; width?: number; height?: number },
): Promise<GridSurface> {
  const terminal = await emulate(output, size.columns, size.rows);
  const surface = new GridSurface(size.width ?? size.columns, size.height ?? size.rows);
  drawConsoleCells(surface, terminal, true);
  terminal.dispose();
  return surface;
}

function edit(
  text: string,
  size: { width: number; height: number },
  prepare: (document: DocumentView, search: Search) => void = () => undefined,
): GridSurface {
  const document = new EditorDocument({ text, language: "python" }).view;
  const search = new Search();
  prepare(document, search);
  const numberWidth = Viewport.numberWidth(document);
  const viewport = new Viewport({ width: size.width - gutterWidth(numberWidth), height: size.height });
  viewport.reveal(document);
  const surface = new GridSurface(size.width, size.height);
  drawEditorPane(surface, {
    lines: viewport.lines(document, { search }),
    numberWidth,
    cursor: viewport.cursorCell(document),
    focused: true,
  });
  return surface;
}

describe("editor pane, drawn again after each change", () => {
  type Step = (
    state: { documents: readonly DocumentView[]; shown: number; focused: boolean; search: Search; width: number },
    number: number,
  ) => void;
  const command =
    (name: EditorCommandName): Step =>
    ({ documents, shown }) =>
      void documents[shown]?.run(name, { pageLines: 5 });
  const steps: Readonly<Record<string, Step>> = {
    type: ({ documents, shown }, number) => void documents[shown]?.type("ab (\"'日#".charAt(number % 8)),
    enter: command("newline"),
    delete: command("backspace"),
    up: command("cursorUp"),
    down: command("cursorDown"),
    page: command("cursorPageDown"),
    select: command("selectDown"),
    undo: command("undo"),
    wheel: ({ documents, shown }, number) => void documents[shown]?.viewport.scrollBy(documents[shown], number - 6),
    "other document": (state, number) => void (state.shown = number % 3),
    focus: (state) => void (state.focused = !state.focused),
    search: ({ search }, number) => search.setQuery({ text: ["", "a", "z"][number % 3] ?? "" }),
    width: (state, number) => void (state.width = 20 + (number % 3) * 7),
  };

  it("shows the same as one that is drawn anew", () => {
    const step = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(12));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (list) => {
        const documents = ["", "def a(x):\n    return (x + 'z')\n".repeat(8)].map(
          (text) => new EditorDocument({ text, language: "python" }).view,
        );
        const state = { documents, shown: 1, focused: true, search: new Search(), width: 34 };
        const view = {
          get editor() {
            return documents[state.shown];
          },
        } as unknown as WorkbenchView;
        const pane = new TextPane(view);
        let surface = new GridSurface(state.width, 6);
        pane.draw(surface, state.focused, state.search);
        for (const [name, number] of list) {
          steps[name]?.(state, number);
          // Whoever is moved or gets another size is drawn whole.
          if (surface.width !== state.width)
            pane.draw((surface = new GridSurface(state.width, 6)), state.focused, state.search);
          else pane.drawChanges(surface, state.focused, state.search);
          const anew = new GridSurface(state.width, 6);
          new TextPane(view).draw(anew, state.focused, state.search);
          assert.deepEqual(surface.cells(), anew.cells(), name);
          if (anew.cursorAt()) assert.deepEqual(surface.cursorAt(), anew.cursorAt(), name);
        }
      }),
    );
  });
});

describe("console pane", () => {
  it("paints what the emulator shows, wide characters and accents in place", async () => {
    const surface = await paint("日本 e\u0301 👍|\r\nsecond", { columns: 20, rows: 3 });
    assert.deepEqual(surface.rows(), ["日本 e\u0301 👍|", "second", ""]);
    assert.deepEqual(surface.find("|"), { row: 0, column: 9 });
    assert.deepEqual(surface.cursorAt(), { row: 1, column: 6 });
  });

  it("keeps colours and attributes, and the terminal's own where the program chose none", async () => {
    const surface = await paint(
      "plain \x1b[1;31mred\x1b[0m \x1b[38;5;200mpal\x1b[0m \x1b[48;2;1;2;3mrgb\x1b[0m \x1b[3;4;7mall",
      { columns: 40, rows: 2 },
    );
    assert.equal(surface.styleOf("plain").foreground, undefined);
    assert.deepEqual([surface.styleOf("red").foreground, surface.styleOf("red").bold], [1, true]);
    assert.equal(surface.styleOf("pal").foreground, 200);
    assert.equal(surface.styleOf("rgb").background, 0x1000000 + 0x010203);
    const { italic, underline, inverse } = surface.styleOf("all");
    assert.deepEqual([italic, underline, inverse], [true, true, true]);
  });

  it("hides what the program made invisible", async () => {
    assert.deepEqual((await paint("a\x1b[8msecret\x1b[0mb", { columns: 20, rows: 1 })).rows(), ["a      b"]);
  });

  it("shows a smaller screen the part around the cursor", async () => {
    const output = Array.from({ length: 10 }, (_, line) => `line ${line} ${"x".repeat(20)}END`).join("\r\n");
    const surface = await paint(output, { columns: 40, rows: 10, width: 12, height: 3 });
    assert.deepEqual(surface.rows(), ["xxxxxxxxEND", "xxxxxxxxEND", "xxxxxxxxEND"]);
    assert.deepEqual(surface.cursorAt(), { row: 2, column: 11 });
  });

  it("draws nothing of a wide character that is cut in half", async () => {
    const surface = await paint("日本語日本語x", { columns: 20, rows: 1, width: 4, height: 1 });
    assert.equal(surface.cursorAt()?.column, 3);
    assert.match(surface.rows()[0] ?? "", /^.?語?x/u);
  });
});

describe("editor pane", () => {
  it("numbers the lines and colours the words", () => {
    const surface = edit("def area(w):\n    return w * 2  # twice\n", { width: 40, height: 4 });
    assert.deepEqual(surface.rows(), ["  1  def area(w):", "  2      return w * 2  # twice", "  3", ""]);
    assert.equal(surface.styleOf("def").foreground, "keyword");
    assert.equal(surface.styleOf("area").foreground, "function");
    assert.equal(surface.styleOf("# twice").foreground, "comment");
    assert.equal(surface.styleAt(0, 2).bold, true, "the cursor's line number stands out");
    assert.equal(surface.styleAt(1, 2).foreground, "dim");
    assert.deepEqual(surface.cursorAt(), { row: 0, column: 5 });
  });

  it("marks the selection, the matches and the current one", () => {
    const surface = edit("one two one two one", { width: 40, height: 1 }, (document, search) => {
      search.setQuery({ text: "one" });
      search.next(document);
    });
    const backgrounds = [5, 13, 21].map((column) => surface.styleAt(0, column).background);
    assert.deepEqual(backgrounds.filter((background) => background === "current-match").length, 1);
    assert.deepEqual(backgrounds.filter((background) => background === "match").length, 2);
    const selected = edit("one two", { width: 40, height: 1 }, (document) => document.select(4, 7));
    assert.equal(selected.styleOf("two").background, "selection");
  });

  it("shows where others are: a coloured cell, what they have selected, and who it is behind the line", () => {
    const grace = new Participant({ name: "Grace Hopper", color: 1 });
    const withGrace = (width: number, anchor: number, head: number): GridSurface =>
      edit("one two\nthree", { width, height: 2 }, (editor) => {
        const document = documentOf(editor);
        const view = document.open(grace);
        document.open().shown = true;
        view.shown = true;
        view.select(anchor, head);
      });
    const wide = withGrace(40, 0, 4);
    assert.deepEqual(wide.rows(), ["  1  one two  ◂ Grace Hopper", "  2  three"]);
    assert.deepEqual([wide.styleAt(0, 9).foreground, wide.styleAt(0, 9).inverse], ["peer-1", true]);
    assert.equal(wide.styleOf("one ").background, "peer-selection");
    assert.equal(wide.styleOf("◂ Grace").foreground, "peer-1");
    assert.deepEqual(withGrace(20, 13, 13).rows(), ["  1  one two", "  2  three   ◂ GH"]);
    assert.deepEqual(withGrace(14, 7, 7).rows(), ["  1  one two", "  2  three"]);
  });

  it("tells by arrows that a line goes on", () => {
    const surface = edit(`x = "${"abc".repeat(30)}"`, { width: 30, height: 1 });
    assert.match(surface.rows()[0] ?? "", /›$/);
    const scrolled = edit(`x = "${"abc".repeat(30)}"`, { width: 30, height: 1 }, (document) => document.setCursor(95));
    assert.match(scrolled.rows()[0] ?? "", /^ {2}1 ‹/);
    assert.ok((scrolled.cursorAt()?.column ?? 99) < 30);
  });

  it("teaches what to do when no file is open, also in the smallest pane", () => {
    for (const [width, height] of [
      [60, 10],
      [40, 6],
    ] as const) {
      const surface = new GridSurface(width, height);
      drawEmptyEditor(surface);
      assert.match(surface.text(), /No file is open\.[^]*F2 [^]*Ctrl-N [^]*Ctrl-P /);
    }
  });
});

describe("find bar", () => {
  it("switches whole words and capitals by Alt-W and Alt-C, and shows which are on", () => {
    const bar = new FindBar({ query: "x", replacing: false });
    const key = (name: string) => bar.handle({ kind: "key", name });
    assert.equal(key("Alt-C"), "options");
    const surface = new GridSurface(100, 1);
    bar.draw(surface, { focused: true, result: { count: 1000, more: true, current: 0 } });
    assert.match(surface.text(), /1000\+ found +● Alt-C case {2}○ Alt-W word/);
    assert.deepEqual([bar.matchCase, bar.wholeWord], [true, false]);
  });

  it("goes on in the text for keys that are not its own", () => {
    const bar = new FindBar({ query: "", replacing: false });
    assert.equal(bar.handle({ kind: "key", name: "F5" }), undefined);
    assert.equal(bar.handle({ kind: "key", name: "Ctrl-S" }), undefined);
  });
});

describe("fuzzy search", () => {
  const labels = [
    "Save",
    "Save all open files",
    "Save and run this program",
    "Stop and restart the console",
    "Go to a line",
  ];
  const cases: readonly (readonly [query: string, first: string | undefined])[] = [
    ["", "Save"],
    ["save", "Save"],
    ["saf", "Save all open files"],
    ["restart", "Stop and restart the console"],
    ["gl", "Go to a line"],
    ["SAVE AND", "Save and run this program"],
    ["xyz", undefined],
  ];
  for (const [query, first] of cases) {
    it(`finds ${first ?? "nothing"} for "${query}"`, () =>
      assert.equal(fuzzyFilter(query, labels, (label) => label)[0], first));
  }
});

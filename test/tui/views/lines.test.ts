import assert from "node:assert/strict";
import { GridSurface } from "../../support/grid-surface.ts";
import { drawConsoleTitle, type ConsoleTitleProps } from "../../../src/tui/views/console-title.ts";
import { drawHeader } from "../../../src/tui/views/header.ts";
import { drawHintLine, hintAt, shortKey } from "../../../src/tui/views/hint-line.ts";
import { editorFacts, type EditorStatus, type SavedState } from "../../../src/tui/client/status.ts";
import { drawStatusLine, noticeRows, type StatusFact, type StatusProps } from "../../../src/tui/views/status-line.ts";
import { drawTabBar, tabAt, type Tab } from "../../../src/tui/views/tab-bar.ts";
import { drawTooSmall } from "../../../src/tui/views/too-small.ts";
import { wrap } from "../../../src/base/wrap.ts";
import { fitEnd, fitStart, padTo } from "../../../src/tui/views/fit.ts";

function line(width: number, draw: (surface: GridSurface) => void): string {
  const surface = new GridSurface(width, 1);
  draw(surface);
  return surface.rows()[0] ?? "";
}

const header = { course: "CS101", user: "ada", viewers: 2, clock: "10:41" };

function tab(name: string, more: Partial<Tab> = {}): Tab {
  return { name, modified: false, readOnly: false, conflict: false, ...more };
}

/** Whether a fact stands in a line, whole, in short, or cut and still to be recognized. */
function isTold(fact: StatusFact, shown: string): boolean {
  const forms = typeof fact === "string" ? [fact] : [fact.text, fact.short];
  return forms.some((form) => shown.includes(form) || shown.includes(form.slice(0, 6)));
}

/** All that the status line may have to say of a document in the editor, with the longest names and numbers. */
function* editorStates(): Generator<EditorStatus> {
  const since = Date.UTC(2026, 10, 30, 10, 41);
  const plainState: SavedState = {
    disk: "same",
    editing: { kind: "open" },
    fileReadOnly: false,
    modified: false,
    savedAt: undefined,
  };
  const saved: readonly SavedState[] = [
    plainState,
    { ...plainState, savedAt: since },
    { ...plainState, modified: true },
    { ...plainState, fileReadOnly: true },
    { ...plainState, disk: "removed" },
    { ...plainState, disk: "changed" },
    { ...plainState, editing: { kind: "suspended" } },
    ...[ada, longName].map((name): SavedState => ({
      ...plainState,
      editing: { kind: "theirs", user: "ada", name, since },
    })),
  ];
  const places = [
    { line: 1, column: 1 },
    { line: 200_000, column: 20_000 },
  ];
  const peers = [0, 1, 2, 3, 12].map((count) =>
    Array.from({ length: count }, (_, index) => ({ name: index === 0 ? longName : ada, line: 200_000 })),
  );
  for (const document of saved)
    for (const place of places)
      for (const selected of [0, 1, 1_234_567])
        for (const others of peers)
          for (const lineEnding of ["\n", "\r\n"] as const)
            yield { ...place, selected, document, language: "Python", lineEnding, peers: others };
}

const ada = "Ada Lovelace";
const longName = "Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine (visiting lecturer)";

describe("header line", () => {
  it("says where we are and who is here", () => {
    assert.equal(
      line(50, (s) => drawHeader(s, header)),
      " classh   CS101           ada · 2 viewers · 10:41",
    );
    assert.equal(
      line(50, (s) => drawHeader(s, { ...header, viewers: 1 })),
      " classh   CS101            ada · 1 viewer · 10:41",
    );
    assert.equal(
      line(50, (s) => drawHeader(s, { ...header, viewers: 0 })),
      " classh   CS101                       ada · 10:41",
    );
  });

  it("cuts the course and keeps the right side when narrow", () => {
    const drawn = line(40, (s) => drawHeader(s, { ...header, course: "Introduction to programming" }));
    assert.equal(drawn, " classh   Int…  ada · 2 viewers · 10:41");
  });
});

describe("tab bar", () => {
  it("marks unsaved, read-only and conflicting files with a sign each", () => {
    const tabs = [
      tab("welcome.py"),
      tab("area.py", { modified: true }),
      tab("notes.md", { readOnly: true }),
      tab("x.py", { conflict: true }),
    ];
    assert.equal(
      line(60, (s) => drawTabBar(s, { tabs, active: 0, focused: true })),
      " welcome.py   area.py ●   notes.md read   x.py !",
    );
  });

  it("draws the active tab in the accent colour only while the editor has the focus", () => {
    const surface = new GridSurface(40, 1);
    drawTabBar(surface, { tabs: [tab("a.py"), tab("b.py")], active: 1, focused: true });
    assert.equal(surface.styleOf("b.py").foreground, "accent");
    assert.equal(surface.styleOf("a.py").foreground, "dim");
    drawTabBar(surface, { tabs: [tab("a.py"), tab("b.py")], active: 1, focused: false });
    assert.deepEqual(surface.styleOf("b.py"), { bold: true });
  });

  it("keeps the active tab in sight and tells of hidden ones by arrows", () => {
    const tabs = Array.from({ length: 12 }, (_, index) => tab(`file-${index}.py`));
    const drawn = line(40, (s) => drawTabBar(s, { tabs, active: 6, focused: true }));
    assert.match(drawn, /^‹.*file-6\.py/);
    assert.match(drawn, /›$/);
    for (let active = 0; active < 12; active++) {
      assert.ok(
        line(30, (s) => drawTabBar(s, { tabs, active, focused: true })).includes(`file-${active}.py`),
        `tab ${active}`,
      );
    }
  });

  it("finds the tab under the mouse", () => {
    const props = { tabs: [tab("a.py"), tab("b.py", { modified: true })], active: 0, focused: true };
    assert.equal(tabAt(props, 40, 1), 0);
    assert.equal(tabAt(props, 40, 8), 1);
    assert.equal(tabAt(props, 40, 30), undefined);
  });

  it("cuts a name of 255 characters", () => {
    assert.ok(line(60, (s) => drawTabBar(s, { tabs: [tab("x".repeat(255))], active: 0, focused: true })).includes("…"));
  });
});

describe("status line", () => {
  const facts: StatusProps = {
    left: ["Ln 6, Col 1", { text: "saved 10:40, 3 min ago", short: "saved 10:40" }, { text: "Python", short: "" }],
    right: [{ text: "UTF-8", short: "" }],
    notice: undefined,
  };

  it("says facts in short, and then cuts the longest, where they do not fit", () => {
    for (const [width, shown] of [
      [60, " Ln 6, Col 1   saved 10:40, 3 min ago   Python        UTF-8"],
      [52, " Ln 6, Col 1   saved 10:40, 3 min ago   Python"],
      [44, " Ln 6, Col 1   saved 10:40, 3 min ago"],
      [36, " Ln 6, Col 1   saved 10:40"],
      [25, " Ln 6, Col…   saved 10:…"],
    ] as const) {
      assert.equal(
        line(width, (s) => drawStatusLine(s, facts)),
        shown,
      );
    }
  });

  it("leaves no fact out at 80 columns, nor at the 60 that the IDE needs", () => {
    let drawn = 0;
    for (const state of editorStates()) {
      const { left, right } = editorFacts(state);
      for (const width of [200, 80, 60]) {
        const shown = line(width, (s) => drawStatusLine(s, { left, right, notice: undefined }));
        for (const fact of [...left, ...right]) assert.ok(isTold(fact, shown), `${JSON.stringify(fact)} in "${shown}"`);
        drawn++;
      }
    }
    assert.ok(drawn > 1000);
  });

  it("puts a sign before each kind of message, so that nobody needs the colour", () => {
    for (const [kind, shown] of [
      ["info", " It happened."],
      ["success", " ✓ It happened."],
      ["warning", " ! It happened."],
      ["error", " ✗ It happened."],
    ] as const) {
      assert.equal(
        line(30, (s) => drawStatusLine(s, { ...facts, notice: { kind, text: "It happened." } })),
        shown,
      );
    }
  });

  it("shows a long message on up to three rows, and cuts the rest with an ellipsis", () => {
    const message = { kind: "error" as const, text: "one two three four five six seven eight nine ten" };
    assert.equal(noticeRows(message, 60), 1);
    assert.equal(noticeRows(message, 30), 2);
    assert.equal(noticeRows(message, 18), 3);
    const surface = new GridSurface(18, 3);
    drawStatusLine(surface, { ...facts, notice: message });
    assert.equal(surface.text(), " ✗ one two three\n   four five six\n   seven eight n…");
  });
});

describe("hint line", () => {
  const hints = [
    { key: "F5", label: "Run" },
    { key: "^S", label: "Save" },
    { key: "^F", label: "Find" },
  ];

  it("drops whole entries from the end", () => {
    assert.equal(
      line(40, (s) => drawHintLine(s, hints)),
      " F5 Run  ^S Save  ^F Find",
    );
    assert.equal(
      line(24, (s) => drawHintLine(s, hints)),
      " F5 Run  ^S Save",
    );
    assert.equal(
      line(7, (s) => drawHintLine(s, hints)),
      " F5 Run",
    );
    assert.equal(
      line(6, (s) => drawHintLine(s, hints)),
      "",
    );
  });

  it("finds the hint under the mouse, but none that is not drawn", () => {
    assert.equal(hintAt(hints, 40, 1), 0);
    assert.equal(hintAt(hints, 40, 7), undefined);
    assert.equal(hintAt(hints, 40, 9), 1);
    assert.equal(hintAt(hints, 24, 18), undefined);
  });

  it("writes Ctrl as people know it", () => {
    assert.deepEqual(["Ctrl-S", "Ctrl-K Ctrl-R", "Shift-F5", "F1"].map(shortKey), ["^S", "^K ^R", "Shift-F5", "F1"]);
  });
});

describe("console title", () => {
  const props: ConsoleTitleProps = {
    focused: true,
    number: 1,
    count: 1,
    program: "welcome.py",
    activity: "prompt",
    runningSeconds: 0,
    stopped: false,
    stopKey: "Ctrl-C",
    reading: undefined,
  };

  it("is the rule between editor and console", () => {
    assert.equal(
      line(50, (s) => drawConsoleTitle(s, props)),
      `─ CONSOLE  welcome.py ${"─".repeat(19)} ready ──`,
    );
  });

  it("says how to begin before the first run", () => {
    assert.match(
      line(60, (s) => drawConsoleTitle(s, { ...props, program: "" })),
      /Press F5 to run/,
    );
  });

  it("says how to stop a program that runs for more than 2 s", () => {
    const running = { ...props, activity: "running" as const };
    assert.match(
      line(60, (s) => drawConsoleTitle(s, { ...running, runningSeconds: 1 })),
      / ▶ running ─/,
    );
    assert.match(
      line(60, (s) => drawConsoleTitle(s, { ...running, runningSeconds: 3.4 })),
      / ▶ running · Ctrl-C stops ─/,
    );
    assert.match(
      line(60, (s) => drawConsoleTitle(s, { ...running, runningSeconds: 3.4, stopKey: undefined })),
      / ▶ running ─/,
    );
  });

  it("leaves out the keys rather than for whom a program runs, and that it does", () => {
    const running = { ...props, runsAs: "as ada, on a copy", activity: "running" as const, runningSeconds: 3 };
    assert.match(
      line(60, (s) => drawConsoleTitle(s, running)),
      / welcome\.py as ada, on a copy ─+ ▶ running ─/,
    );
    for (let width = 40; width < 80; width++)
      assert.match(
        line(width, (s) => drawConsoleTitle(s, { ...running, program: "an_assignment.py" })),
        / ▶ running /,
        `${width} columns`,
      );
  });

  it("says so when older output is in sight, and when Python has ended", () => {
    assert.match(
      line(70, (s) => drawConsoleTitle(s, { ...props, reading: { unseen: 0, selected: false } })),
      /older output/,
    );
    assert.match(
      line(70, (s) => drawConsoleTitle(s, { ...props, activity: "ended" })),
      /Enter starts Python/,
    );
  });
});

describe("too-small sentence", () => {
  it("shows something readable at every size down to 1x1", () => {
    for (let width = 1; width < 60; width++) {
      for (const height of [1, 2, 3, 8, 15]) {
        const surface = new GridSurface(width, height);
        drawTooSmall(surface);
        assert.ok(surface.text().trim().length > 0, `${width}x${height}`);
      }
    }
  });

  it("names the size that is needed and the one there is", () => {
    const surface = new GridSurface(40, 10);
    drawTooSmall(surface);
    const text = surface
      .rows()
      .map((row) => row.trim())
      .join(" ");
    assert.match(text, /needs 60x16, it has 40x10\. .*Ctrl-Q/);
  });
});

describe("text that must fit", () => {
  it("counts wide characters as two columns", () => {
    assert.equal(fitEnd("日本語テキスト", 7), "日本語…");
    assert.equal(fitStart("日本語テキスト", 7), "…キスト");
    assert.equal(padTo("日本", 6), "日本  ");
    assert.equal(fitEnd("abc", 0), "");
  });

  it("wraps at spaces, and cuts what has none", () => {
    assert.deepEqual(wrap("one two three", 7), ["one two", "three"]);
    assert.deepEqual(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
    assert.deepEqual(wrap("a\nb", 5), ["a", "b"]);
    assert.deepEqual(wrap("", 5), [""]);
  });
});

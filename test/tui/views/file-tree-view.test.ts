import assert from "node:assert/strict";
import { GridSurface } from "../../support/grid-surface.ts";
import type { InputEvent } from "../../../src/terminal/input/event.ts";
import { FileTreeView, type FileTreeRow, type TreeIntent } from "../../../src/tui/views/file-tree-view.ts";

function row(path: string, kind: FileTreeRow["kind"], depth: number, more: Partial<FileTreeRow> = {}): FileTreeRow {
  return { path, name: path.slice(path.lastIndexOf("/") + 1), depth, kind, expanded: false, writable: true, ...more };
}

const rows: readonly FileTreeRow[] = [
  row("/home/ada", "root", 0, { name: "home", expanded: true }),
  row("/home/ada/data", "directory", 1),
  row("/home/ada/area.py", "file", 1),
  row("/home/ada/welcome.py", "file", 1),
  row("/course", "root", 0, { expanded: true, writable: false }),
  row("/course/Lecture Notes", "directory", 1, { writable: false }),
];

function draw(
  view: FileTreeView,
  more: { rows?: readonly FileTreeRow[]; focused?: boolean; height?: number; junction?: number } = {},
): GridSurface {
  const surface = new GridSurface(20, more.height ?? 9);
  view.draw(surface, {
    rows: more.rows ?? rows,
    focused: more.focused ?? true,
    openPath: "/home/ada/welcome.py",
    isModified: (path) => path === "/home/ada/area.py",
    junctions: more.junction === undefined ? [] : [more.junction],
  });
  return surface;
}

const key = (name: string): InputEvent => ({ kind: "key", name });

function press(view: FileTreeView, ...names: readonly string[]): TreeIntent | undefined {
  let last: TreeIntent | undefined;
  for (const name of names) {
    last = view.handle(name.length === 1 ? { kind: "text", text: name } : key(name), rows);
  }
  return last;
}

describe("file tree", () => {
  it("draws folders, files, what is unsaved and what is read-only", () => {
    assert.equal(
      draw(new FileTreeView(), { junction: 6 }).text(),
      [
        " FILES",
        " ▾ home            │",
        "   ▸ data          │",
        "     area.py ●     │",
        "     welcome.py    │",
        " ▾ course     read │",
        "   ▸ Lecture Notes ├",
        "                   │",
        "                   │",
      ].join("\n"),
    );
  });

  it("shows by colour and weight that it has the focus, and puts the cursor on the selected name", () => {
    const view = new FileTreeView();
    const focused = draw(view);
    assert.deepEqual([focused.styleOf("FILES").foreground, focused.styleOf("FILES").bold], ["accent", true]);
    assert.deepEqual(focused.cursorAt(), focused.find("home"));
    const away = draw(view, { focused: false });
    assert.equal(away.styleOf("FILES").foreground, "dim");
    assert.equal(away.cursorAt(), undefined);
  });

  const intents: readonly (readonly [keys: readonly string[], kind: string, path: string | undefined])[] = [
    [["Enter"], "toggle", "/home/ada"],
    [["Down", "Down", "Enter"], "open", "/home/ada/area.py"],
    [["Down", "Right"], "toggle", "/home/ada/data"],
    [["Left"], "toggle", "/home/ada"],
    [["End", "Enter"], "toggle", "/course/Lecture Notes"],
    [["Down", "Down", "d"], "delete", "/home/ada/area.py"],
    [["Down", "Down", "r"], "rename", "/home/ada/area.py"],
    [["n"], "new-file", "/home/ada"],
    [["f"], "new-folder", "/home/ada"],
    [["Escape"], "leave", undefined],
    [["g"], "refresh", undefined],
  ];
  for (const [keys, kind, path] of intents) {
    it(`${keys.join(" ")} means ${kind} ${path ?? ""}`, () => {
      const view = new FileTreeView();
      draw(view);
      const intent = press(view, ...keys);
      assert.equal(intent?.kind, kind);
      assert.equal(intent && "row" in intent ? intent.row.path : undefined, path);
    });
  }

  it("goes from a file to its folder with Left", () => {
    const view = new FileTreeView();
    draw(view);
    press(view, "Down", "Down", "Down", "Left");
    assert.equal(view.selected(rows)?.path, "/home/ada");
  });

  it("does not offer to delete or rename a root", () => {
    const view = new FileTreeView();
    draw(view);
    assert.equal(press(view, "d"), undefined);
    assert.equal(press(view, "r"), undefined);
  });

  it("stays with the selected path when rows come and go above it", () => {
    const view = new FileTreeView();
    view.select("/home/ada/area.py");
    const changed = [
      rows[0]!,
      row("/home/ada/aaa.py", "file", 1),
      row("/home/ada/aab.py", "file", 1),
      ...rows.slice(1),
    ];
    assert.equal(view.selected(rows)?.name, "area.py");
    assert.equal(view.selected(changed)?.name, "area.py");
    assert.equal(
      view.selected(changed.filter(({ name }) => name !== "area.py"))?.name,
      "welcome.py",
      "gone: its neighbour",
    );
    assert.equal(view.selected([]), undefined);
  });

  it("keeps the selection in sight in a low pane, and lets the wheel scroll past it", () => {
    const many = Array.from({ length: 50 }, (_, index) => row(`/home/ada/f${index}.py`, "file", 1));
    const view = new FileTreeView();
    draw(view, { rows: many, height: 6 });
    for (let count = 0; count < 20; count++) view.handle(key("Down"), many);
    assert.match(draw(view, { rows: many, height: 6 }).text(), /f20\.py/);
    const wheel = {
      kind: "mouse",
      action: "wheel-down",
      button: "none",
      row: 2,
      column: 2,
      clicks: 1,
      shift: false,
      alt: false,
      ctrl: false,
    } as const;
    for (let count = 0; count < 5; count++) view.handle(wheel, many);
    assert.doesNotMatch(draw(view, { rows: many, height: 6 }).text(), /f20\.py/);
  });

  it("opens what is clicked, and nothing from a click on the title", () => {
    const view = new FileTreeView();
    draw(view);
    const click = (at: number): TreeIntent | undefined =>
      view.handle(
        {
          kind: "mouse",
          action: "press",
          button: "left",
          row: at,
          column: 5,
          clicks: 1,
          shift: false,
          alt: false,
          ctrl: false,
        },
        rows,
      );
    assert.equal(click(0)?.kind, "moved");
    const intent = click(4);
    assert.ok(intent?.kind === "open" && intent.row.name === "welcome.py");
  });

  it("cuts long and wide names", () => {
    const wide = [
      row("/home/ada/日本語のとても長い名前.py", "file", 1),
      row(`/home/ada/${"x".repeat(255)}`, "file", 1),
    ];
    for (const line of draw(new FileTreeView(), { rows: wide }).rows().slice(1, 3)) assert.match(line, /… *│$/);
  });
});

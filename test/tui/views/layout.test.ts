import assert from "node:assert/strict";
import type { Region } from "../../../src/terminal/draw/surface.ts";
import {
  computeLayout,
  consoleSize,
  contains,
  isTooSmallForIde,
  type Layout,
  type LayoutState,
} from "../../../src/tui/views/layout.ts";

const editing: LayoutState = {
  focus: "editor",
  treeShown: true,
  findRows: 0,
  behind: "editor",
  variablesShown: undefined,
  stepping: false,
};
const states: readonly LayoutState[] = (["files", "editor", "console", "variables"] as const).flatMap((focus) =>
  [true, false].flatMap((treeShown) =>
    [true, false, undefined].flatMap((variablesShown) =>
      [0, 1, 2].map((findRows) => ({
        focus,
        treeShown,
        findRows,
        behind: focus === "console" ? ("console" as const) : ("editor" as const),
        variablesShown,
        stepping: variablesShown === true && findRows === 1,
      })),
    ),
  ),
);

function regionsOf(layout: Layout): readonly Region[] {
  const { header, tabs, editor, find, console, variables, status, hints } = layout;
  const tree = layout.treeOverlay ? undefined : layout.tree;
  return [header, tree, tabs, editor, find, console, variables, status, hints].filter((region) => region !== undefined);
}

describe("layout", () => {
  it("fills every size from 60x16 to 500x200 with regions that do not overlap", () => {
    for (let columns = 60; columns <= 500; columns += columns < 130 ? 1 : 37) {
      for (let rows = 16; rows <= 200; rows += rows < 40 ? 1 : 23) {
        for (const state of states) {
          const layout = computeLayout({ columns, rows }, state);
          const regions = regionsOf(layout);
          const where = `${columns}x${rows} ${JSON.stringify(state)}`;
          // No two overlap and the sum of their areas is the screen's: then they tile it, save for the tree's column of tabs.
          const area = regions.reduce((sum, { width, height }) => sum + width * height, 0);
          assert.equal(area, columns * rows, where);
          for (const { row, column, width, height } of regions) {
            assert.ok(row >= 0 && column >= 0 && width > 0 && height > 0, where);
            assert.ok(row + height <= rows && column + width <= columns, where);
          }
          for (const [index, a] of regions.entries()) {
            for (const b of regions.slice(index + 1)) assert.ok(!overlap(a, b), where);
          }
        }
      }
    }
  });

  it("always shows the pane in focus, with room to work in", () => {
    for (const columns of [60, 69, 70, 99, 100, 200]) {
      for (const state of states) {
        const layout = computeLayout({ columns, rows: 16 }, state);
        const region = {
          files: layout.tree,
          editor: layout.editor,
          console: layout.console,
          variables: layout.variables,
        }[state.focus];
        assert.ok(region && region.height >= 3 && region.width >= 19, `${columns} ${JSON.stringify(state)}`);
      }
    }
  });

  it("keeps the tree beside the editor at 80 columns until the person hides it", () => {
    const size = { columns: 80, rows: 24 };
    assert.equal(computeLayout(size, editing).tree?.width, 20);
    assert.equal(computeLayout(size, editing).editor?.column, 20);
    const hidden = { ...editing, treeShown: false };
    assert.equal(computeLayout(size, hidden).tree, undefined);
    assert.equal(computeLayout(size, { ...hidden, focus: "files" }).treeOverlay, true);
  });

  it("lets editor and console take turns under 70 columns", () => {
    const size = { columns: 69, rows: 24 };
    const editor = computeLayout(size, editing);
    assert.deepEqual([editor.tree, editor.console, editor.editor?.width], [undefined, undefined, 69]);
    const console = computeLayout(size, { ...editing, focus: "console", behind: "console" });
    assert.deepEqual([console.editor, console.console?.height], [undefined, 21]);
    const files = computeLayout(size, { ...editing, focus: "files", behind: "console" });
    assert.ok(files.treeOverlay && files.console && !files.editor);
  });

  it("gives Python the console's size also while the console is hidden", () => {
    assert.deepEqual(consoleSize({ columns: 69, rows: 24 }, editing), { columns: 69, rows: 20 });
    const shared = consoleSize({ columns: 80, rows: 24 }, editing);
    assert.deepEqual(
      shared,
      consoleSize({ columns: 80, rows: 24 }, { ...editing, focus: "console", behind: "console" }),
    );
  });

  it("calls less than 60x16 too small", () => {
    assert.ok(!isTooSmallForIde({ columns: 60, rows: 16 }));
    assert.ok(isTooSmallForIde({ columns: 59, rows: 16 }));
    assert.ok(isTooSmallForIde({ columns: 60, rows: 15 }));
  });

  it("knows which cells a region has", () => {
    const region = { row: 2, column: 3, width: 4, height: 1 };
    assert.ok(contains(region, 2, 3) && contains(region, 2, 6));
    assert.ok(!contains(region, 2, 7) && !contains(region, 3, 3) && !contains(undefined, 0, 0));
  });
});

function overlap(a: Region, b: Region): boolean {
  return (
    a.row < b.row + b.height &&
    b.row < a.row + a.height &&
    a.column < b.column + b.width &&
    b.column < a.column + a.width
  );
}

import assert from "node:assert/strict";
import { blank, Grid, plainPen } from "../../../src/terminal/draw/grid.ts";

describe("a grid", () => {
  it("gives the memory of a large screen to the next one, which begins blank", () => {
    const first = new Grid(500, 200);
    first.set(199, 499, 0x41, { ...plainPen, foreground: 3, attributes: 1 });
    first.combine(199, 499, 0x301);
    const memory = first.characters.buffer;
    first.release();
    first.release();
    const second = new Grid(500, 200);
    assert.equal(second.characters.buffer, memory);
    const fresh = new Grid(500, 200);
    assert.notEqual(fresh.characters.buffer, memory, "given out once");
    for (const part of ["characters", "foregrounds", "backgrounds", "attributes"] as const)
      assert.deepEqual(second[part], fresh[part], part);
    assert.equal(second.text(500 * 200 - 1), String.fromCodePoint(blank));
  });

  it("shows nothing once it is released, whoever has its memory by then", () => {
    const old = new Grid(500, 200);
    old.release();
    const next = new Grid(500, 200);
    next.set(0, 0, 0x53, plainPen);
    const viewer = new Grid(80, 24);
    viewer.copyRow(old, 0, 0, 0, 0, 80);
    assert.equal(viewer.text(0), " ");
    assert.equal(old.isCluster(0), false);
  });

  it("keeps a few pieces of memory only", () => {
    const grids = Array.from({ length: 20 }, () => new Grid(500, 200));
    const memories = new Set(grids.map(({ characters }) => characters.buffer));
    for (const grid of grids) grid.release();
    const reused = Array.from({ length: 20 }, () => new Grid(500, 200)).filter(({ characters }) =>
      memories.has(characters.buffer),
    );
    assert.equal(reused.length, 8);
  });
});

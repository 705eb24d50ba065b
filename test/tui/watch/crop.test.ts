import assert from "node:assert/strict";
import { follow } from "../../../src/tui/watch/crop.ts";

const whole = { columns: 100, rows: 30 };

describe("the part of a screen that a smaller one shows", () => {
  const cases: readonly [
    string,
    { before: [number, number]; cursor: [number, number] | undefined; part: [number, number]; want: [number, number] },
  ][] = [
    ["is the whole where there is room", { before: [0, 0], cursor: [29, 99], part: [50, 200], want: [0, 0] }],
    ["stays while the cursor is well inside", { before: [5, 10], cursor: [10, 30], part: [12, 40], want: [5, 10] }],
    [
      "moves down with the cursor, with air under it",
      { before: [0, 0], cursor: [20, 5], part: [12, 40], want: [11, 0] },
    ],
    ["ends where the screen ends", { before: [0, 0], cursor: [29, 99], part: [12, 40], want: [18, 60] }],
    ["moves back up and to the left", { before: [18, 60], cursor: [3, 20], part: [12, 40], want: [1, 12] }],
    ["stays where it was without a cursor", { before: [7, 9], cursor: undefined, part: [12, 40], want: [7, 9] }],
    ["comes back when the whole shrank", { before: [25, 90], cursor: undefined, part: [12, 40], want: [18, 60] }],
    ["has the cursor in it even if it is one cell", { before: [0, 0], cursor: [17, 33], part: [1, 1], want: [17, 33] }],
  ];
  for (const [title, { before, cursor, part, want }] of cases) {
    it(title, () => {
      const place = cursor && { row: cursor[0], column: cursor[1] };
      const corner = follow({ row: before[0], column: before[1] }, place, whole, { rows: part[0], columns: part[1] });
      assert.deepEqual([corner.row, corner.column], want);
    });
  }
});

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { GridSurface } from "../../support/grid-surface.ts";
import { TextField } from "../../../src/tui/views/text-field.ts";

/** "ab|c" is the text abc with the cursor before c. */
function check(before: string, keys: string, after: string): void {
  it(`${before} → ${keys} → ${after}`, () => {
    const at = before.indexOf("|");
    const field = new TextField({ value: before.replace("|", "") });
    field.moveTo(at);
    for (const name of keys.split(" ")) {
      assert.ok(
        name.startsWith("'")
          ? field.handle({ kind: "text", text: name.slice(1) })
          : field.handle({ kind: "key", name }),
        name,
      );
    }
    const surface = new GridSurface(40, 1);
    field.draw(surface, { row: 0, column: 0, width: 40, focused: true });
    assert.equal(field.value, after.replace("|", ""));
    const shown = new GridSurface(40, 1);
    assert.equal(surface.cursorAt()?.column, shown.put(0, 0, after.slice(0, after.indexOf("|"))));
  });
}

describe("text field", () => {
  check("ab|c", "'x", "abx|c");
  check("ab|c", "Backspace", "a|c");
  check("ab|c", "Delete", "ab|");
  check("ab|c", "Left 'x", "ax|bc");
  check("ab|c", "Home 'x", "x|abc");
  check("ab|c", "End 'x", "abcx|");
  check("one two| three", "Ctrl-W", "one | three");
  check("one two|", "Ctrl-U", "|");
  check("one |two", "Ctrl-Right", "one two|");
  check("one two|", "Ctrl-Left", "one |two");
  check("|", "Backspace Delete Left Right", "|");
  check("日本|語", "Backspace", "日|語");
  check("e\u0301|x", "Backspace", "|x");
  check("👩‍👧|", "Left 'a", "a|👩‍👧");

  it("keeps control characters and all but the first line of a paste out", () => {
    const field = new TextField();
    field.handle({ kind: "paste", text: "na\u001bme\nsecond", truncated: false });
    assert.equal(field.value, "name");
  });

  it("takes no more than its limit", () => {
    const field = new TextField({ maxLength: 3 });
    field.handle({ kind: "text", text: "abcd" });
    field.handle({ kind: "text", text: "ab" });
    assert.equal(field.value, "ab");
  });

  it("scrolls so that the cursor is always in the field, also with wide characters", () => {
    const steps = fc.array(fc.constantFrom("Left", "Right", "Home", "End", "Backspace", "'a", "'日", "'👍"), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 4, max: 12 }), (keys, width) => {
        const field = new TextField();
        for (const name of keys) {
          field.handle(name.startsWith("'") ? { kind: "text", text: name.slice(1) } : { kind: "key", name });
          const surface = new GridSurface(20, 1);
          field.draw(surface, { row: 0, column: 3, width, focused: true });
          const column = surface.cursorAt()?.column ?? -1;
          assert.ok(column >= 3 && column < 3 + width, `cursor at ${column}`);
          assert.equal(surface.rows()[0]?.slice(0, 3).trim(), "", "nothing is drawn left of the field");
        }
      }),
      { numRuns: 60 },
    );
  });
});

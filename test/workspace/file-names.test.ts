import assert from "node:assert/strict";
import * as fc from "fast-check";
import { byNaturalOrder, checkNewName, decodeName, encodeName, shown } from "../../src/workspace/file-names.ts";

describe("workspace names", () => {
  it("gives every byte sequence a text that leads back to it", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 255 }).map((array) => Buffer.from(array));
    fc.assert(fc.property(bytes, (name) => encodeName(decodeName(name)).equals(name)));
  });

  it("reads names as Python does: a byte that is not UTF-8 is a lone surrogate", () => {
    assert.equal(decodeName(Buffer.from("caf\xe9.py", "latin1")), "caf\udce9.py");
    assert.equal(decodeName(Buffer.from("café.py")), "café.py");
    assert.deepEqual(encodeName("\udcff\udc80x"), Buffer.of(0xff, 0x80, 0x78));
  });

  it("shows what can't be seen, on one line", () => {
    const cases: readonly (readonly [string, string])[] = [
      ["area.py", "area.py"],
      ["two\nlines", "two\\nlines"],
      ["\u001b[2J", "\\x1b[2J"],
      ["caf\udce9", "caf\\xe9"],
      ["yp.\u202eexe", "yp.\\u202eexe"],
      ["naïve 日本 🙂", "naïve 日本 🙂"],
      ["ar\u00adea.py", "ar\\xadea.py"],
      ["\u115f\u1160\u3164\uffa0.py", "\\u115f\\u1160\\u3164\\uffa0.py"],
      ["\u2800.py", "\\u2800.py"],
      ["a\u{e0041}\u{e0020}.py", "a\\u{e0041}\\u{e0020}.py"],
      ["a\ufe0f\u180b\u{e0100}.py", "a\\ufe0f\\u180b\\u{e0100}.py"],
      ["a\u00a0b\u2003c\u3000d e", "a\\xa0b\\u2003c\\u3000d e"],
      ["a\u034f\u17b4\u206a", "a\\u034f\\u17b4\\u206a"],
      ["caf\udce9\u00ad", "caf\\xe9\\xad"],
    ];
    for (const [name, text] of cases) assert.equal(shown(name), text);
  });

  it("orders as people count", () => {
    const names = ["task10.py", "Task2.py", "task1.py", "area.py", "task02b.py", "Zoo.py"];
    assert.deepEqual(
      byNaturalOrder(names, (name) => name),
      ["area.py", "task1.py", "Task2.py", "task02b.py", "task10.py", "Zoo.py"],
    );
  });

  it("refuses new names that nobody could handle, and says why", () => {
    const refused: readonly (readonly [string, RegExp])[] = [
      ["", /empty/],
      ["..", /folder/],
      ["a\nb", /line break/],
      ["a\u0007", /invisible/],
      ["a\u202eb", /invisible/],
      ["a\u00adb", /invisible/],
      ["\u3164", /invisible/],
      ["\u2800", /invisible/],
      ["a\u{e0062}", /invisible/],
      ["a\u00a0b", /invisible/],
      ["a\udcffb", /UTF-8/],
      ["a/b", /\//],
      [" a", /space/],
      ["é".repeat(128), /255/],
      [".classh-x", /reserved for classh/],
    ];
    for (const [name, why] of refused) assert.throws(() => checkNewName(name), why, JSON.stringify(name));
    for (const name of ["area.py", "naïve 日本.py", ".hidden", "-x", "a".repeat(255), "...", "it's"])
      checkNewName(name);
  });
});

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { UserError } from "../../src/base/errors.ts";
import { splitWords } from "../../src/commands/words.ts";

describe("command words", () => {
  const check = (line: string, ...words: readonly string[]): void => assert.deepEqual(splitWords(line), words, line);

  it("are split as a POSIX shell splits them, and nothing is expanded", () => {
    check("user list --json", "user", "list", "--json");
    check("  run   a.py\t1 ", "run", "a.py", "1");
    check("run 'my file.py' \"a b\"", "run", "my file.py", "a b");
    check("a\\ b '' \"\"", "a b", "", "");
    check(`"a\\"b\\\\c\\d"`, `a"b\\c\\d`);
    check("x'y z'w", "xy zw");
    check("$HOME *.py a|b;c #d ~", "$HOME", "*.py", "a|b;c", "#d", "~");
    check("");
  });

  it("survive quoting, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
        const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
        assert.deepEqual(splitWords(line), words);
      }),
    );
  });

  it("refuse a quote that is not closed, and a line of a megabyte", () => {
    for (const line of ["run 'a", 'say "x', "x".repeat(1 << 20)]) {
      assert.throws(
        () => splitWords(line),
        (error: unknown) => error instanceof UserError && error.code === "usage",
      );
    }
  });
});

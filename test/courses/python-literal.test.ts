/** Values of Python, compared outside the jail, as python3 compares them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { equalValues, parseLiteral } from "../../src/courses/checks/python-literal.ts";

const literals = [
  "None",
  "True",
  "False",
  "0",
  "1",
  "1.0",
  "-1",
  "1_000",
  "0x1f",
  "1e3",
  "1000",
  "10**0",
  "123456789012345678901234567890",
  "123456789012345678901234567891",
  '"a"',
  "'a'",
  "b'a'",
  "r'\\n'",
  "'\\n'",
  "'''\n'''",
  "'a' 'b'",
  "'ab'",
  "'\\u00e9'",
  "'é'",
  "[]",
  "()",
  "{}",
  "set()",
  "[1, 2]",
  "[1.0, 2]",
  "[2, 1]",
  "(1, 2)",
  "(1,)",
  "(1)",
  "{1, 2}",
  "{2, 1}",
  "{1: 'a', 'b': [2]}",
  "{'b': [2], 1: 'a'}",
  "{'b': [2], True: 'a'}",
  "[[1], (2,), {3: {4}}]",
  "{(1, 2): 3}",
  "{(1.0, 2): 3}",
  "[True]",
  "[1,]",
];

describe("a literal of Python", () => {
  it("equals another as in python3", () => {
    const readable = literals.filter((text) => typeof parseLiteral(text) !== "string");
    assert.deepEqual(
      literals.filter((text) => !readable.includes(text)),
      ["10**0"],
    );
    const program =
      "import ast, json, sys\nv = [ast.literal_eval(t) for t in json.load(sys.stdin)]\nprint(json.dumps([[a == b for b in v] for a in v]))";
    const input = JSON.stringify(readable);
    const expected = JSON.parse(
      execFileSync("python3", ["-W", "ignore", "-c", program], { input }).toString(),
    ) as boolean[][];
    const values = readable.map((text) => parseLiteral(text));
    const differing: string[] = [];
    for (const [i, a] of values.entries())
      for (const [j, b] of values.entries())
        if (typeof a !== "string" && typeof b !== "string" && equalValues(a, b) !== expected[i]?.[j])
          differing.push(`${readable[i]} == ${readable[j]}: ${expected[i]?.[j]}`);
    assert.deepEqual(differing, []);
  });

  it("is refused with words where it is none", () => {
    for (const text of ["", "[1", "1 2", "{1: 2, 3}", "'a", "f()", "[1 2]", "-", "[".repeat(100), "__import__('os')"])
      assert.equal(typeof parseLiteral(text), "string", text);
  });

  it("allows a tolerance for numbers only", () => {
    const same = (a: string, b: string, tolerance: number): boolean => {
      const [x, y] = [parseLiteral(a), parseLiteral(b)];
      return typeof x !== "string" && typeof y !== "string" && equalValues(x, y, tolerance);
    };
    assert.ok(same("[0.1, 1000]", "[0.1001, 1000.1]", 0.001));
    assert.ok(!same("0.1", "0.2", 0.001));
    assert.ok(!same("'1'", "1", 1));
  });
});

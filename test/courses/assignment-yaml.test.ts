/** assignment.yaml: what is read of it, and every mistake with its line. */
import assert from "node:assert/strict";
import { parseAssignment, type Assignment } from "../../src/courses/assignment-yaml.ts";
import { exampleFiles } from "../../src/courses/example.ts";

/** The mistakes in a text: "2: unknown key ...". */
function mistakes(text: string): readonly string[] {
  const read = parseAssignment(text, "Europe/Berlin");
  return Array.isArray(read) ? read.map(({ line, text: what }) => `${line}: ${what}`) : [];
}

describe("assignment.yaml", () => {
  it("of the example has no mistakes", () => {
    const text = exampleFiles("hw1").get("assignment.yaml") ?? "";
    const read = parseAssignment(text, "UTC") as Assignment;
    assert.deepEqual(mistakes(text), []);
    assert.equal(read.points, 7);
    assert.deepEqual(
      read.checks.map(({ hidden }) => hidden),
      [false, false, true, false],
    );
  });

  it("tells every mistake with its line, in their order", () => {
    assert.deepEqual(
      mistakes(
        [
          "title: T",
          "titel: U",
          "points: many",
          "checks:",
          "  - output: ../a.py",
          "    expect: x",
          "  - call: f()",
          '    returns: "[1, 2"',
          "  - nothing: x",
          "  - output: a.py",
          "    expect: x",
          "    exepct: y",
          "  - call: f()",
        ].join("\n"),
      ),
      [
        '2: unknown key "titel" (did you mean title?)',
        "3: points: expected number, received string",
        "5: output: a path within the assignment is needed",
        "8: returns: a ] is missing",
        "9: a check has one of output, call, code",
        '12: unknown key "exepct" (did you mean expect?)',
        "13: a call check needs returns or raises, not both",
      ],
    );
  });

  it("refuses times that do not exist, and a deadline before the beginning", () => {
    const times = (opens: string, due: string): readonly string[] =>
      mistakes(`title: T\nopens: ${opens}\ndue: ${due}\n`);
    assert.deepEqual(times("2026-09-01 08:00", "2026-09-08"), []);
    assert.deepEqual(times("2026-02-30", "2026-09-08"), ["2: opens: there is no such time"]);
    assert.deepEqual(times("2026-03-01", "2026-03-29 02:30"), [
      "3: due: there is no 02:30 on that day in Europe/Berlin: the clocks go forward",
    ]);
    assert.deepEqual(times("2026-09-08", "2026-09-01"), ["3: due: it is before opens"]);
    assert.deepEqual(times("soon", "2026-09-01"), ["2: opens: write it as 2026-09-08 23:59"]);
  });

  it("reads times on the clocks of its zone, across a change of the clocks", () => {
    const due = (text: string): string | undefined =>
      (parseAssignment(`title: T\n${text}\n`, "Europe/Berlin") as Assignment).due?.toISOString();
    assert.equal(due("due: 2026-10-24 23:59"), "2026-10-24T21:59:00.000Z");
    assert.equal(due("due: 2026-10-26 23:59"), "2026-10-26T22:59:00.000Z");
    // The clocks show it twice: a deadline is the later one.
    assert.equal(due("due: 2026-10-25 02:30"), "2026-10-25T01:30:00.000Z");
    assert.equal(due("timeZone: America/New_York\ndue: 2026-10-24"), "2026-10-25T03:59:00.000Z");
    assert.equal(due("due: 2026-10-24 23:59+09:00"), "2026-10-24T14:59:00.000Z");
  });

  for (const [what, text] of [
    ["nested lists", "[".repeat(30_000)],
    ["nested dashes", "- ".repeat(15_000)],
    ["nested keys", "? ".repeat(15_000)],
    ["nested maps", "{a: ".repeat(7000)],
    ["indented maps", Array.from({ length: 200 }, (_, depth) => `${" ".repeat(depth)}k:`).join("\n")],
    ["aliases of aliases", "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntitle: *c\n"],
    ["a merge", "x: &x {a: 1}\ny:\n  <<: *x\n"],
    ["a tag", "title: !!js/function 'x'\n"],
    ["a second document", "title: T\n---\ntitle: U\n"],
    ["the same key twice", "title: T\ntitle: U\n"],
    ["__proto__", "title: T\n__proto__: {points: 5}\n"],
    ["more than it may have", `title: T\n#${"x".repeat(40_000)}\n`],
    ["nothing", ""],
    ["a list", "- title: T\n"],
    ["bytes that are no YAML", "\u0000\u0001\u0002: [\n"],
  ] as const)
    it(`refuses ${what}, at once`, () => {
      const begun = performance.now();
      assert.notEqual(mistakes(text).length, 0);
      assert.ok(performance.now() - begun < 2000);
    });
});

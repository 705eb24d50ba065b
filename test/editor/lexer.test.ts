import assert from "node:assert/strict";
import { Text } from "@codemirror/state";
import * as fc from "fast-check";
import { pairAt, openBefore } from "../../src/editor/brackets.ts";
import { EditorDocument } from "../../src/editor/document.ts";
import { Highlighter } from "../../src/editor/highlight.ts";
import { lexLine, maxLexed, spansOf } from "../../src/editor/lexer.ts";

/** The coloured words of some lines, as "style:text"; plain text is left out. */
function colours(text: string): readonly string[] {
  const found: string[] = [];
  let state = 0;
  for (const source of text.split("\n")) {
    const line = lexLine("python", source, state);
    for (const { from, to, style } of spansOf(line))
      if (style !== "text") found.push(`${style}:${source.slice(from, to)}`);
    state = line.end;
  }
  return found;
}

describe("editor: colours of Python", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["def area(r):", ["keyword:def", "function:area", "operator::"]],
    ["class Dog(Animal):", ["keyword:class", "type:Dog", "operator::"]],
    ["return None", ["keyword:return", "keyword:None"]],
    ["print(len(x))", ["builtin:print", "builtin:len"]],
    ["x.print(self.y)", ["variable:self"]],
    ["raise ValueError", ["keyword:raise", "type:ValueError"]],
    [
      "x = 1_000 + 0xFF - 1.5e-3j * .5",
      [
        "operator:=",
        "number:1_000",
        "operator:+",
        "number:0xFF",
        "operator:-",
        "number:1.5e-3j",
        "operator:*",
        "number:.5",
      ],
    ],
    ["1abc", ["error:1abc"]],
    ["# note 'a", ["comment:# note 'a"]],
    ["x = 'a' # b", ["operator:=", "string:'a'", "comment:# b"]],
    ["'it\\'s'", ["string:'it\\'s'"]],
    ["x = 'open", ["operator:=", "error:'open"]],
    ["print(f'open {x}", ["builtin:print", "error:f'open {x}"]],
    ["'a' 'b", ["string:'a'", "error:'b"]],
    ["r'\\' + x'", ["string:r'\\' + x'"]],
    ["rb'a' Rb'b' x'c'", ["string:rb'a'", "string:Rb'b'", "string:'c'"]],
    ["f'a{x:>{w}}b{{c}}'", ["string:f'a", "operator:{", "string::>", "operator:{", "operator:}}", "string:b{{c}}'"]],
    ["f\"{d['k']!r}\"", ['string:f"', "operator:{", "string:'k'", "string:!r", "operator:}", 'string:"']],
    ["f'{x=}'", ["string:f'", "operator:{", "operator:=}", "string:'"]],
    [
      "f'{1 if a else 2}'",
      ["string:f'", "operator:{", "number:1", "keyword:if", "keyword:else", "number:2", "operator:}", "string:'"],
    ],
    ["'''a\nb'''\nc = 1", ["string:'''a", "string:b'''", "operator:=", "number:1"]],
    ['"""a\n\'\'\' "b" \\"""\n"""', ['string:"""a', 'string:\'\'\' "b" \\"""', 'string:"""']],
    ["f'''a {\nb} c'''", ["string:f'''a ", "operator:{", "string:b} c'''"]],
    ["'a\\\nb'\nc", ["string:'a\\", "string:b'"]],
    ["'a\\\nb", ["string:'a\\", "error:b"]],
    ["@app.route('/')", ["decorator:@app.route", "string:'/'"]],
    ["a @ b", ["operator:@"]],
    ["match x:\n    case 1:", ["keyword:match", "operator::", "keyword:case", "number:1", "operator::"]],
    ["match = case(1)", ["operator:=", "number:1"]],
    ["x = a if b else c", ["operator:=", "keyword:if", "keyword:else"]],
    ["print(“hi”)", ["builtin:print", "error:“", "error:”"]],
    ["a = b ? c : $d", ["operator:=", "error:?", "operator::", "error:$"]],
    ["x\u00a0= 1", ["error:\u00a0", "operator:=", "number:1"]],
    ["größe = π", ["operator:="]],
    ["x != y", ["operator:!="]],
    ["total = 1 + \\", ["operator:=", "number:1", "operator:+", "operator:\\"]],
    ["", []],
  ];
  for (const [text, expected] of cases) it(JSON.stringify(text), () => assert.deepEqual(colours(text), expected));

  it("covers every line without gaps, whatever it holds", () => {
    const letters = fc.array(
      fc.constantFrom(
        "'",
        '"',
        "{",
        "}",
        "f",
        "\\",
        "#",
        "(",
        ")",
        " ",
        "a",
        "1",
        ":",
        "!",
        "=",
        "日",
        "😀",
        "\ud83d",
        ".",
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(letters, fc.integer({ min: 0, max: 15 }), (list, bits) => {
        const text = list.join("");
        const line = lexLine("python", text, bits % 2 ? bits : 0);
        const spans = spansOf(line);
        assert.equal(spans.map(({ from, to }) => text.slice(from, to)).join(""), text);
        assert.ok(spans.every(({ from, to }) => from < to));
        assert.ok(line.brackets.every((at) => "()[]{}".includes(text.charAt(at))));
      }),
      { numRuns: 1000 },
    );
  });

  it("gives very long lines their colour only as far as a person reads", () => {
    const line = lexLine("python", `x = "${"a".repeat(3 * maxLexed)}"`, 0);
    assert.equal(spansOf(line).at(-1)?.style, "text");
    assert.equal(spansOf(line).at(-1)?.to, line.text.length);
  });

  it("colours nothing in plain text", () => {
    assert.deepEqual(spansOf(lexLine("plain", "def 'x", 0)), [{ from: 0, to: 6, style: "text" }]);
  });
});

describe("editor: remembered lines", () => {
  it("are what a fresh look gives, after any edits", () => {
    const pieces = fc.constantFrom("a = 1\n", "'''\n", '"""', "'", "\n", "x\\\n", "# c\n", "f'{", "def f():\n");
    const edits = fc.array(fc.record({ at: fc.nat(500), size: fc.nat(30), insert: pieces, look: fc.nat(200) }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 150 }), edits, (start, list) => {
        const document = new EditorDocument({ text: start.join(""), language: "python" }).view;
        for (const { at, size, insert, look } of list) {
          const from = at % (document.length + 1);
          document.dispatch({ changes: { from, to: Math.min(document.length, from + size), insert } });
          const number = 1 + (look % document.lineCount);
          const last = Math.min(document.lineCount, number + 10);
          const fresh = new Highlighter("python");
          assert.deepEqual(
            document.highlighter.lines(document.state.doc, number, last),
            fresh.lines(document.state.doc, 1, last).slice(number - 1),
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  it("are the same objects when nothing changed", () => {
    const doc = Text.of(["a = 1", "b = 2"]);
    const highlighter = new Highlighter("python");
    assert.equal(highlighter.lines(doc, 1, 2)[1], highlighter.lines(doc, 2, 2)[0]);
  });

  it("are found after a jump to the end of a huge file without reading all of it", () => {
    const doc = Text.of(
      Array.from({ length: 200_000 }, (_, i) =>
        i % 50 === 0 ? "def f():" : i % 50 === 30 ? "    '''" : i % 50 === 32 ? "    '''" : "    x = 1",
      ),
    );
    const highlighter = new Highlighter("python");
    const [line] = highlighter.lines(doc, 199_982, 199_982); // between the quotes of the last function
    assert.equal(spansOf(line ?? assert.fail())[0]?.style, "string");
  });
});

/** `|` is the cursor; the pair found is written as the text between and with its brackets. */
function pair(marked: string): string | undefined {
  const head = marked.indexOf("|");
  const doc = Text.of(marked.replace("|", "").split("\n"));
  const found = pairAt(doc, new Highlighter("python"), head);
  return found && doc.sliceString(found.open, found.close + 1);
}
/** A call with one argument on each of many lines. */
const longCall = (lines: number): Text => Text.of(["f(", ...Array.from({ length: lines }, () => "    a,"), ")"]);

describe("editor: pairs of brackets", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["|(a)", "(a)"],
    ["(a)|", "(a)"],
    ["f(|[a], (b))", "([a], (b))"],
    ["f( |[a], (b))", "[a]"],
    ["f|([a], ')')", "([a], ')')"],
    ["f(\n  # )\n  a\n|)", "(\n  # )\n  a\n)"],
    ["f(a|b)", undefined],
    ["f(a]|)", undefined],
    ["'(|)'", undefined],
    ["|(", undefined],
    ["|)", undefined],
  ];
  for (const [marked, expected] of cases) it(JSON.stringify(marked), () => assert.equal(pair(marked), expected));

  it("are looked for over many lines but not without end", () => {
    assert.ok(pairAt(longCall(200), new Highlighter("python"), 2));
    assert.equal(pairAt(longCall(2000), new Highlighter("python"), 2), undefined);
    const far = longCall(2000);
    assert.equal(openBefore(far, new Highlighter("python"), far.length), undefined);
    const near = longCall(200);
    assert.equal(openBefore(near, new Highlighter("python"), near.length - 1), 1);
  });
});

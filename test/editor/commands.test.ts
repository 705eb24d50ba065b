import assert from "node:assert/strict";
import { editorCommands } from "../../src/editor/commands.ts";
import type { EditorCommandName } from "../../src/editor/commands.ts";
import { check, open } from "./marked.ts";

/** Runs a command once and compares. */
const run = (name: EditorCommandName, before: string, after: string): void =>
  check(before, (document) => document.run(name), after);

describe("editor: motions", () => {
  const cases: readonly (readonly [EditorCommandName, string, string])[] = [
    ["cursorRight", "a|b", "ab|"],
    ["cursorRight", "a|\nb", "a\n|b"],
    ["cursorRight", "<ab>c", "ab|c"],
    ["cursorLeft", "|ab", "|ab"],
    ["cursorLeft", "a\n|b", "a|\nb"],
    ["cursorRight", "|😀b", "😀|b"],
    ["cursorLeft", "e\u0301|", "|e\u0301"],
    ["cursorLeft", "👩\u200d💻|", "|👩\u200d💻"],
    ["cursorWordRight", "|print(name)", "print|(name)"],
    ["cursorWordRight", "print|(name)", "print(|name)"],
    ["cursorWordRight", "a|   bc d", "a   bc| d"],
    ["cursorWordRight", "ab|\n  cd", "ab\n  cd|"],
    ["cursorWordRight", "|größe = 1", "größe| = 1"],
    ["cursorWordLeft", "one  two|", "one  |two"],
    ["cursorWordLeft", "one  |two", "|one  two"],
    ["cursorWordLeft", "a\n|b", "|a\nb"],
    ["cursorDown", "ab|c\nd\nefg", "abc\nd|\nefg"],
    ["cursorUp", "a\nb|c", "a|\nbc"],
    ["cursorUp", "ab|c", "|abc"],
    ["cursorDown", "a|bc", "abc|"],
    ["cursorDown", "日本|x\nabcdef", "日本x\nabcd|ef"],
    ["cursorDown", "abc|\n日本", "abc\n日|本"],
    ["cursorDown", "\tx|\nabcdef", "\tx\nabcde|f"],
    ["cursorLineStart", "    x =| 1", "    |x = 1"],
    ["cursorLineStart", "    |x = 1", "|    x = 1"],
    ["cursorLineStart", "|    x = 1", "    |x = 1"],
    ["cursorLineEnd", "a|bc\nd", "abc|\nd"],
    ["cursorDocumentStart", "a\nb|", "|a\nb"],
    ["cursorDocumentEnd", "|a\nb", "a\nb|"],
    ["cursorMatchingBracket", "f|(a, [b])", "f(a, [b])|"],
    ["cursorMatchingBracket", "f(a, [b]|)", "f(a, |[b])"],
    ["selectRight", "a|bc", "a<b>c"],
    ["selectWordRight", "|one two", "<one> two"],
    ["selectLineEnd", "o|ne\ntwo", "o<ne>\ntwo"],
    ["selectDown", "a|b\ncd", "a<b\nc>d"],
    ["selectAll", "a\n|b", "<a\nb>"],
    ["selectNextOccurrence", "|ab ab", "<ab> ab"],
    ["selectNextOccurrence", "<ab> ab", "<ab> <ab>"],
    ["singleCursor", "<ab> <ab>", "<ab> ab"],
    ["singleCursor", "<ab>", "ab|"],
  ];
  for (const [name, before, after] of cases) {
    it(`${name}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`, () => run(name, before, after));
  }

  it("remembers the column over short lines", () => {
    check(
      "abcd|\n\nabcdef",
      (document) => {
        document.run("cursorDown");
        document.run("cursorDown");
      },
      "abcd\n\nabcd|ef",
    );
  });

  it("moves and selects by pages of the screen that asked", () => {
    const lines = Array.from({ length: 50 }, (_, i) => `line ${i + 1}`).join("\n");
    const document = open(`|${lines}`);
    document.run("cursorPageDown", { pageLines: 11 });
    assert.deepEqual(document.cursor, { line: 11, column: 1 });
    document.run("selectPageDown", { pageLines: 5 });
    assert.equal(document.selectedText().split("\n").length, 5);
    document.run("cursorPageUp", { pageLines: 100 });
    assert.equal(document.cursor.line, 1);
  });
});

describe("editor: edits", () => {
  const cases: readonly (readonly [EditorCommandName, string, string])[] = [
    ["backspace", "ab|", "a|"],
    ["backspace", "a\n|b", "a|b"],
    ["backspace", "<ab>c", "|c"],
    ["backspace", "        |x", "    |x"],
    ["backspace", "      |x", "    |x"],
    ["backspace", "x    |", "x   |"],
    ["backspace", "print(|)", "print|"],
    ["backspace", "x = '|'", "x = |"],
    ["backspace", "x = 'a'|'b'", "x = 'a|'b'"],
    ["backspace", "# (|)", "# |)"],
    ["backspace", "😀|", "|"],
    ["delete", "|ab", "|b"],
    ["delete", "a|\nb", "a|b"],
    ["delete", "|😀b", "|b"],
    ["deleteWordBackward", "one two|", "one |"],
    ["deleteWordForward", "one| two", "one|"],
    ["deleteToLineStart", "one t|wo", "|wo"],
    ["deleteLine", "a\nb|c\nd", "a\nd|"],
    ["duplicate", "a|b\nc", "ab\na|b\nc"],
    ["duplicate", "<ab>c", "ab<ab>c"],
    ["moveLineUp", "a\nb|", "b|\na"],
    ["moveLineDown", "a|\nb", "b\na|"],
    ["copyLineDown", "a|\nb", "a\na|\nb"],
    ["copyLineUp", "a|\nb", "a|\na\nb"],
    ["toggleComment", "x = |1", "# x = |1"],
    ["toggleComment", "# x = |1", "x = |1"],
    ["toggleComment", "if a:\n    <b\n    c>", "if a:\n    # <b\n    # c>"],
    ["indent", "|x", "    |x"],
    ["indent", "x |y", "x   |y"],
    ["indent", "<a\nb>", "    <a\n    b>"],
    ["dedent", "    x|", "x|"],
    ["dedent", "        <a\n      b>", "    <a\n  b>"],
  ];
  for (const [name, before, after] of cases) {
    it(`${name}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`, () => run(name, before, after));
  }

  it("indents with what the file is indented with", () => {
    check("if a:\n\tb\n|c", (document) => document.run("indent"), "if a:\n\tb\n\t|c");
    check("if a:\n  b\n|c", (document) => document.run("indent"), "if a:\n  b\n  |c");
  });

  it("toggles no comments where the language has none", () => {
    check("a|b", (document) => assert.equal(document.run("toggleComment"), false), "a|b", { language: "plain" });
  });

  it("never leaves a cursor inside a character", () => {
    check("e|\n\u0301x", (document) => document.run("delete"), "|e\u0301x");
    check("👩|", (document) => document.paste("\u200d💻"), "👩\u200d💻|");
  });
});

describe("editor: Enter in Python", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["if a:|", "if a:\n    |"],
    ["if a:  # note|", "if a:  # note\n    |"],
    ["    while True:|", "    while True:\n        |"],
    ["if a:| b", "if a:\n    |b"],
    ["    x = 1|", "    x = 1\n    |"],
    ["    x = ':'|", "    x = ':'\n    |"],
    ["def f():\n    return 1|", "def f():\n    return 1\n|"],
    ["    for a in b:\n        break|", "    for a in b:\n        break\n    |"],
    ["    returned = 1|", "    returned = 1\n    |"],
    ["def f():\n    return (1,\n            2)|", "def f():\n    return (1,\n            2)\n|"],
    ["print(|)", "print(\n    |\n)"],
    ["    x = [|]", "    x = [\n        |\n    ]"],
    ["x = [  # why|", "x = [  # why\n    |"],
    ["x = [\n    1,|\n]", "x = [\n    1,\n    |\n]"],
    ["print(a,|)", "print(a,\n      |)"],
    ["x = f(g(1,\n        2),|", "x = f(g(1,\n        2),\n      |"],
    ["if (a and\n        b):|", "if (a and\n        b):\n    |"],
    ["    x = {\n        1: 2,\n    }|", "    x = {\n        1: 2,\n    }\n    |"],
    ["x = 1 + \\|", "x = 1 + \\\n    |"],
    ["x = 1 + \\\n    2|", "x = 1 + \\\n    2\n|"],
    ["    '''\n      text:|", "    '''\n      text:\n      |"],
    ["print('(|", "print('(\n|"],
    ["    |", "\n    |"],
    ["    x|y", "    x\n    |y"],
    ["|    x", "\n|x"],
    ["a <b> c", "a \n|c"],
    ["d = {1:|", "d = {1:\n     |"],
  ];
  for (const [before, after] of cases)
    it(`${JSON.stringify(before)} -> ${JSON.stringify(after)}`, () => run("newline", before, after));

  it("keeps the depth of the line in plain text", () => {
    check("  a:|", (document) => document.run("newline"), "  a:\n  |", { language: "plain" });
  });
});

describe("editor: the table of commands", () => {
  it("says in one line what each command does", () => {
    for (const [name, { doc }] of Object.entries(editorCommands)) assert.match(doc, /^[A-Z][^\n.]{3,70}$/, name);
  });

  it("changes nothing in a read-only document, with any command", () => {
    for (const name of Object.keys(editorCommands) as EditorCommandName[]) {
      const document = open("if a:\n    <b(c)>\n", { readOnly: true });
      document.run(name);
      assert.equal(document.text(), "if a:\n    b(c)\n", name);
    }
  });

  it("runs every command on an empty document and on one with several cursors, and undoes it", () => {
    for (const name of Object.keys(editorCommands) as EditorCommandName[]) {
      for (const text of ["", "a|b\nc|d\n<e>f"]) {
        const document = open(text);
        const before = document.text();
        document.run(name);
        document.run("undo");
        assert.equal(document.text(), before, name);
      }
    }
  });
});

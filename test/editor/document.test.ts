import assert from "node:assert/strict";
import * as fc from "fast-check";
import { editorCommands } from "../../src/editor/commands.ts";
import type { EditorCommandName } from "../../src/editor/commands.ts";
import { snap } from "../../src/editor/columns.ts";
import { EditorDocument } from "../../src/editor/document.ts";
import type { DocumentView } from "../../src/editor/document-view.ts";
import type { DocumentChange } from "../../src/editor/document.ts";
import { check, documentOf, marked, open } from "./marked.ts";

const type = (before: string, text: string, after: string): void =>
  check(before, (document) => document.type(text), after);

/** A document with a clock that the test moves. */
function withClock(text = ""): { document: DocumentView; wait: (ms: number) => void } {
  let time = Date.now();
  return { document: open(text, { now: () => time }), wait: (ms) => void (time += ms) };
}

describe("editor: typing Python", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["|", "print(", "print(|)"],
    ["|", 'print("hi")', 'print("hi")|'],
    ["print(|)", ")", "print()|"],
    ["f((1|)", ")", "f((1)|)"],
    ["f(1|))", "(", "f(1(|))"],
    ["|x", "(", "(|x"],
    ["x = |", "[", "x = [|]"],
    ["x = |", "'", "x = '|'"],
    ["x = f|", "'", "x = f'|'"],
    ["x = '|'", "'", "x = ''|"],
    ["x = 'it\\|'", "'", "x = 'it\\'|'"],
    ['x = "don|"', "'", 'x = "don\'|"'],
    ["don|", "'", "don'|"],
    ["# it|", "'", "# it'|"],
    ["# |", "(", "# (|"],
    ["'(|'", ")", "'()|'"],
    ["|", '"""', '"""|"""'],
    ['"""doc|"""', '"""', '"""doc"""|'],
    ['"""say |\n"""', '"', '"""say "|\n"""'],
    ["print(<name>)", "[", "print([<name>])"],
    ["<word>", '"', '"<word>"'],
    ["<word>", "x", "x|"],
    ["a|b\nc|d", "x", "ax|b\ncx|d"],
    ["a| b\nc| d", "(", "a(|) b\nc(|) d"],
    ["if a:\n    b\n    else|", ":", "if a:\n    b\nelse:|"],
    ["if a:\n    b\n    elif c|", ":", "if a:\n    b\nelif c:|"],
    ["if a:\n    if b:\n        c\n        else|", ":", "if a:\n    if b:\n        c\n    else:|"],
    ["if a:\n    if b:\n        c\n    else|", ":", "if a:\n    if b:\n        c\n    else:|"],
    ["if a:\n    if b:\n        c\nelse|", ":", "if a:\n    if b:\n        c\nelse:|"],
    ["try:\n    a\n    except ValueError|", ":", "try:\n    a\nexcept ValueError:|"],
    ["for a in b:\n    c\n    else|", ":", "for a in b:\n    c\nelse:|"],
    ["x = 1\n    else|", ":", "x = 1\n    else:|"],
    ["'''\nif a:\n    else|", ":", "'''\nif a:\n    else:|"],
    ["日本|", "語", "日本語|"],
  ];
  for (const [before, text, after] of cases) {
    it(`${JSON.stringify(before)} and ${JSON.stringify(text)} -> ${JSON.stringify(after)}`, () =>
      type(before, text, after));
  }

  it("closes nothing in plain text, and nothing in a long run that is really a paste", () => {
    check("|", (document) => document.type("(\"'"), "(\"'|", { language: "plain" });
    const long = "f(x) ".repeat(60) + "(";
    check("|", (document) => document.type(long), `${long}|`);
  });

  it("types a whole program as it is written", () => {
    const program = [
      "def area(r):",
      "    return 3.14 * r ** 2",
      "",
      "for i in range(3):",
      '    print(f"{i}: {area(i)}")',
      "    if i == 2:",
      "        break",
    ];
    const document = open("");
    for (const line of program) {
      const depth = document.cursor.column - 1;
      const wanted = line.length - line.trimStart().length;
      for (let column = depth; column > wanted; column -= 4) document.run("backspace");
      for (const character of line.trimStart()) document.type(character);
      document.run("newline");
    }
    assert.equal(document.text().trimEnd(), program.join("\n"));
  });
});

describe("editor: undo", () => {
  it("takes typed characters back word by word", () => {
    const { document, wait } = withClock();
    for (const character of "one two three") {
      document.type(character);
      wait(100);
    }
    document.run("undo");
    assert.equal(marked(document), "one two|");
    document.run("undo");
    document.run("undo");
    assert.equal(marked(document), "|");
    document.run("redo");
    assert.equal(marked(document), "one|");
  });

  it("begins a new step after a pause", () => {
    const { document, wait } = withClock();
    document.type("ab");
    wait(5000);
    document.type("cd");
    document.run("undo");
    assert.equal(marked(document), "ab|");
  });

  it("takes back a moved clause alone", () => {
    const document = open("if a:\n    b\n    else|");
    document.type(":");
    document.run("undo");
    assert.equal(marked(document), "if a:\n    b\n    else:|");
  });

  it("takes a paste back as one step", () => {
    const { document } = withClock();
    document.type("a");
    document.paste("(1\r\n 2\r\n");
    document.type("b");
    assert.equal(document.text(), "a(1\n 2\nb");
    document.run("undo");
    document.run("undo");
    assert.equal(marked(document), "a|");
  });

  it("gives the selection back that a change replaced", () => {
    check(
      "a <bc> d",
      (document) => {
        document.type("x");
        document.run("undo");
      },
      "a <bc> d",
    );
  });
});

describe("editor: what is modified", () => {
  it("is not modified at first, is after typing, and is not after undoing to the saved text", () => {
    const document = open("a|");
    assert.equal(document.modified, false);
    document.type("b");
    assert.equal(document.modified, true);
    documentOf(document).markSaved();
    assert.equal(document.modified, false);
    document.type("c");
    document.run("undo");
    assert.equal(document.modified, document.text() !== "ab");
    document.run("undo");
    assert.equal(document.modified, true);
    document.run("redo");
    assert.equal(document.modified, document.text() !== "ab");
  });

  it("notices a change that keeps the length", () => {
    const document = open("<a>b");
    document.type("x");
    assert.equal(document.modified, true);
    document.run("selectLeft");
    document.type("a");
    assert.equal(document.modified, false);
  });

  it("counts what was typed while the file was being written as modified", () => {
    const document = open("a|");
    document.type("b");
    const written = document.state.doc;
    document.type("c");
    documentOf(document).markSaved(written);
    assert.equal(document.modified, true);
    document.run("undo");
    document.dispatch({ changes: { from: 0, to: document.length, insert: "ab" } });
    assert.equal(document.modified, false);
  });

  it("counts only changes of the text as revisions", () => {
    const document = open("a|b");
    document.run("cursorRight");
    assert.equal(documentOf(document).revision, 0);
    document.type("x");
    assert.equal(documentOf(document).revision, 1);
  });
});

describe("editor: the file's text", () => {
  it("keeps the file's line endings", () => {
    const document = new EditorDocument({ text: "a\r\nb\r\n", language: "python" }).view;
    assert.equal(document.lineCount, 3);
    document.paste("x\n");
    assert.equal(document.text(), "x\r\na\r\nb\r\n");
    assert.equal(new EditorDocument({ text: "a\nb\r\nc\n", language: "python" }).view.text(), "a\nb\nc\n");
    assert.equal(new EditorDocument({ text: "a", language: "plain", lineEnding: "\r\n" }).lineEnding, "\r\n");
  });

  it("takes the text from the file again, keeping the cursor and what can be undone", () => {
    const document = open("one\ntwo|\nthree\n");
    document.type("!");
    documentOf(document).reload("zero\none\ntwo!\nthree\n");
    assert.equal(marked(document), "zero\none\ntwo!|\nthree\n");
    assert.equal(document.modified, false);
    document.run("undo");
    assert.equal(marked(document), "one\ntwo!|\nthree\n");
    assert.equal(document.modified, true);
    document.run("undo");
    assert.equal(marked(document), "one\ntwo|\nthree\n");
  });

  it("keeps the cursor in its line and column where the text around it is new, and takes over the file's line endings", () => {
    const document = open("a = 1\nb = |2\nc = 3\n");
    documentOf(document).reload("A = 1\r\nB = 2\r\nC = 3\r\n");
    assert.equal(marked(document), "A = 1\nB = |2\nC = 3\n");
    assert.equal(document.text(), "A = 1\r\nB = 2\r\nC = 3\r\n");
  });

  it("takes the text again though the document is read-only, and nothing else changes it", () => {
    const document = open("a|", { readOnly: true });
    assert.equal(document.type("b"), false);
    assert.equal(document.paste("b"), false);
    document.dispatch({ changes: { from: 0, insert: "b" } });
    assert.deepEqual(document.copy(), document.cut());
    assert.equal(document.text(), "a");
    documentOf(document).reload("ab");
    assert.equal(document.text(), "ab");
    documentOf(document).setReadOnly(false);
    document.run("cursorDocumentEnd");
    document.type("c");
    assert.equal(document.text(), "abc");
  });
});

describe("editor: selection and clips", () => {
  it("tells where the cursor is, in lines and cells", () => {
    assert.deepEqual(open("a\n\t日|x").cursor, { line: 2, column: 7 });
  });

  it("puts the cursor where it may stand, and inside the text", () => {
    const document = open("a👩\u200d💻b");
    document.setCursor(3);
    assert.equal(document.head, 1);
    document.setCursor(1e9);
    assert.equal(document.head, document.length);
    document.setCursor(-1);
    assert.equal(document.head, 0);
    document.setCursor(Number.NaN);
    assert.equal(document.head, 0);
  });

  it("selects words and lines as double and triple clicks do", () => {
    check("one two\nthree", (document) => document.selectWord(5), "one <two>\nthree");
    check("a = (b)\n", (document) => document.selectWord(2), "a |= (b)\n");
    check("one two\nthree", (document) => document.selectLine(5), "<one two\n>three");
    check("one\nthree", (document) => document.selectLine(5), "one\n<three>");
    check("a|bcd", (document) => document.selectTo(3), "a<bc>d");
  });

  it("finds the offset of a line and column", () => {
    const document = open("ab\n\tcd\n");
    assert.equal(document.offsetAt(2, 5), 4);
    assert.equal(document.offsetAt(2, 99), 6);
    assert.equal(document.offsetAt(99, 1), 7);
    assert.equal(document.offsetAt(0, 0), 0);
  });

  it("cuts and pastes what is selected", () => {
    const document = open("a<bc>d");
    const clip = document.cut();
    assert.deepEqual(clip, { text: "bc", wholeLine: false });
    document.run("cursorDocumentEnd");
    document.paste(clip.text, clip.wholeLine);
    assert.equal(marked(document), "adbc|");
  });

  it("cuts the whole line when nothing is selected, and pastes it above", () => {
    const document = open("one\nt|wo\nthree");
    const clip = document.cut();
    assert.deepEqual(clip, { text: "two\n", wholeLine: true });
    assert.equal(document.text(), "one\nthree");
    document.run("cursorDocumentStart");
    document.paste(clip.text, clip.wholeLine);
    assert.equal(marked(document), "two\n|one\nthree");
  });

  it("tells listeners what changed, until they are taken out", () => {
    const document = open("a|b");
    const seen: string[] = [];
    const listen = (change: DocumentChange): void =>
      void seen.push(`${change.textChanged ? "text" : ""}${change.selectionChanged ? " selection" : ""}`);
    const stop = documentOf(document).onChange(listen);
    document.run("cursorRight");
    document.type("x");
    stop();
    document.type("y");
    assert.deepEqual(seen, [" selection", "text selection"]);
  });

  it("calls every listener though one throws", () => {
    const document = open("|");
    let called = 0;
    documentOf(document).onChange(() => {
      throw new Error("broken");
    });
    documentOf(document).onChange(() => void called++);
    assert.throws(() => document.type("a"), /broken/);
    assert.equal(called, 1);
    assert.equal(document.text(), "a");
  });
});

describe("editor: random edits", () => {
  const pieces = fc.constantFrom(
    "a",
    "b c",
    "\n",
    "\r\n",
    "(",
    "'",
    "日",
    "😀",
    "\u0301",
    "\t",
    "if x:",
    "👩\u200d💻",
    '"""',
  );
  const edits = fc.array(
    fc.record({
      at: fc.nat(1000),
      size: fc.nat(12),
      insert: fc.array(pieces, { maxLength: 4 }).map((list) => list.join("")),
    }),
    { maxLength: 30 },
  );

  it("gives the text that the same edits give on a plain string, and undoing all gives the text at first", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), edits, (start, list) => {
        const document = new EditorDocument({ text: start.join(""), language: "python", lineEnding: "\n" }).view;
        let plain = document.text();
        const first = plain;
        for (const { at, size, insert } of list) {
          const from = at % (plain.length + 1);
          document.select(from, Math.min(plain.length, from + size));
          const { from: start, to } = document.state.selection.main;
          document.paste(insert);
          plain = plain.slice(0, start) + insert.replaceAll("\r\n", "\n") + plain.slice(to);
          assert.equal(document.text(), plain);
        }
        while (document.run("undo"));
        assert.equal(document.text(), first);
        assert.equal(document.modified, false);
      }),
      { numRuns: 150 },
    );
  });

  it("keeps the cursor where it may stand, with every command and any typing", () => {
    const names = Object.keys(editorCommands) as EditorCommandName[];
    const steps = fc.array(
      fc.oneof(
        fc.constantFrom(...names).map((run) => ({ run })),
        pieces.map((typed) => ({ typed })),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), steps, (start, list) => {
        const document = new EditorDocument({ text: start.join(""), language: "python" }).view;
        for (const step of list) {
          if ("run" in step) document.run(step.run);
          else document.type(step.typed);
          for (const { head, anchor } of document.state.selection.ranges) {
            for (const offset of [head, anchor]) {
              const line = document.state.doc.lineAt(offset);
              assert.equal(snap(line.text, offset - line.from), offset - line.from, JSON.stringify(step));
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("takes any text again by one step", () => {
    fc.assert(
      fc.property(fc.array(pieces), fc.array(pieces), (before, after) => {
        const document = new EditorDocument({ text: before.join(""), language: "python", lineEnding: "\n" }).view;
        const first = document.state.doc.toString();
        documentOf(document).reload(after.join(""));
        assert.equal(document.state.doc.toString(), after.join("").replaceAll("\r\n", "\n"));
        document.run("undo");
        assert.equal(document.state.doc.toString(), first);
      }),
      { numRuns: 100 },
    );
  });
});

describe("editor: bounds", () => {
  it("refuses what would make the text too large, and stays as it was", () => {
    const refused = new Error("too large");
    const document = new EditorDocument({
      text: "ab\n",
      language: "plain",
      admit: ({ characters, lines }) => {
        if (characters > 12 || lines > 4) throw refused;
      },
    }).view;
    document.run("selectAll");
    const clip = document.copy().text;
    assert.equal(document.paste(clip.repeat(3)), true);
    assert.throws(() => document.paste(clip.repeat(3)), refused);
    assert.throws(() => document.type("\n"), refused);
    assert.equal(document.text(), "ab\nab\nab\n");
    documentOf(document).reload("x".repeat(20)); // the file's own text is not the person's doing
    document.run("backspace");
    assert.equal(document.length, 19);
  });

  it("begins its steps of undo anew when they hold too much", () => {
    const document = new EditorDocument({ text: "", language: "plain" }).view;
    const much = `${"x".repeat(999)}\n`.repeat(8000);
    document.type("first");
    for (let round = 0; round < 9; round++) {
      document.run("selectAll");
      document.paste(much);
    }
    let undone = 0;
    while (document.run("undo")) undone++;
    assert.ok(undone < 9, `${undone} steps`);
    document.type("x");
    assert.equal(document.run("undo"), true);
  });

  it("changes no more lines at once than nobody has to wait for", () => {
    const document = new EditorDocument({ text: "x\n".repeat(30_000), language: "python" }).view;
    document.run("selectAll");
    assert.equal(document.run("toggleComment"), false);
    document.setCursor(0);
    assert.equal(document.run("toggleComment"), true);
  });
});

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { EditorDocument } from "../../src/editor/document.ts";
import { maxCounted, Search } from "../../src/editor/search.ts";
import type { SearchQuery } from "../../src/editor/search.ts";
import { check, marked, open } from "./marked.ts";

describe("editor: find", () => {
  const cases: readonly (readonly [Partial<SearchQuery>, string, string])[] = [
    [{ text: "b" }, "|a b b", "a <b> b"],
    [{ text: "b" }, "a <b> b", "a b <b>"],
    [{ text: "b" }, "a b <b>", "a <b> b"],
    [{ text: "ab" }, "|x AB", "x <AB>"],
    [{ text: "Ab" }, "|ab Ab", "ab <Ab>"],
    [{ text: "ab", matchCase: true }, "|AB ab", "AB <ab>"],
    [{ text: "Ab", matchCase: false }, "|ab", "<ab>"],
    [{ text: "id", wholeWord: true }, "|width id", "width <id>"],
    [{ text: "id", wholeWord: true }, "|_id idß id", "_id idß <id>"],
    [{ text: "a.b(c)[d]+\\$" }, "|axb a.b(c)[d]+\\$", "axb <a.b(c)[d]+\\$>"],
    [{ text: "aa" }, "|aaa", "<aa>a"],
    [{ text: "größe" }, "|x = GRÖSSE; GRÖßE", "x = GRÖSSE; <GRÖßE>"],
    [{ text: "😀" }, "|a 😀", "a <😀>"],
    [{ text: "b" }, "a\nb|\n", "a\n<b>\n"],
  ];
  for (const [query, before, after] of cases) {
    it(`finds ${JSON.stringify(query)}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`, () =>
      check(before, (document) => new Search(query).next(document), after));
  }

  it("goes backwards, and says when it began again at the end", () => {
    const document = open("b a\nb|b\n");
    const search = new Search({ text: "b" });
    assert.equal(search.previous(document)?.wrapped, false);
    assert.equal(marked(document), "b a\n<b>b\n");
    assert.equal(search.previous(document)?.from, 0);
    assert.equal(search.previous(document)?.wrapped, true);
    assert.equal(marked(document), "b a\nb<b>\n");
    assert.equal(search.next(document)?.wrapped, true);
  });

  it("goes backwards over many lines", () => {
    const document = open(`<x>${"\n".repeat(3000)}`);
    document.run("cursorDocumentEnd");
    assert.deepEqual(new Search({ text: "x" }).previous(document), { from: 0, to: 1, wrapped: false });
  });

  it("leaves the cursor where it is when nothing is found, or nothing is asked for", () => {
    for (const text of ["x", "", "a\nb"])
      check("a|\nb", (document) => assert.equal(new Search({ text }).next(document), undefined), "a|\nb");
  });

  it("searches from where the person began while the query grows", () => {
    const document = open("an |and ant");
    const search = new Search({ text: "an" });
    search.from(document, 3);
    search.setQuery({ text: "ant" });
    search.from(document, 3);
    assert.equal(marked(document), "an and <ant>");
  });

  it("counts the matches and tells which is selected", () => {
    const document = open("a <a> a");
    const search = new Search({ text: "a" });
    assert.deepEqual(search.count(document), { count: 3, more: false, current: 2 });
    document.run("cursorDocumentEnd");
    document.type("a");
    assert.deepEqual(search.count(document), { count: 4, more: false, current: 0 });
    assert.equal(
      search.count(new EditorDocument({ text: "a\n".repeat(5000), language: "plain" }).view).count,
      maxCounted,
    );
    assert.equal(new Search().count(document).count, 0);
  });
});

describe("editor: replace", () => {
  it("replaces the selected match and goes to the next", () => {
    const document = open("|a b a");
    const search = new Search({ text: "a" });
    assert.equal(search.replace(document, "xx"), false);
    assert.equal(search.replace(document, "xx"), true);
    assert.equal(marked(document), "xx b <a>");
  });

  it("does not find what it has just put in", () => {
    const document = open("<a> a");
    new Search({ text: "a" }).replace(document, "aa");
    assert.equal(marked(document), "aa <a>");
  });

  it("replaces all as one step of undo, literally", () => {
    const document = open("a|b\nab");
    assert.equal(new Search({ text: "a" }).replaceAll(document, "$&\\1"), 2);
    assert.equal(document.text(), "$&\\1b\n$&\\1b");
    document.run("undo");
    assert.equal(marked(document), "a|b\nab");
  });

  it("replaces very many as well, and the cursor stays in its line", () => {
    const document = open(`${"ab\n".repeat(4000)}a|\n${"ab\n".repeat(4000)}`);
    assert.equal(new Search({ text: "b" }).replaceAll(document, "c"), 8000);
    assert.equal(document.text(), `${"ac\n".repeat(4000)}a\n${"ac\n".repeat(4000)}`);
    assert.deepEqual(document.cursor, { line: 4001, column: 2 });
    document.run("undo");
    assert.equal(document.modified, false);
  });

  it("replaces nothing in a read-only document", () => {
    const document = open("<a> a", { readOnly: true });
    assert.equal(new Search({ text: "a" }).replace(document, "b"), false);
    assert.equal(new Search({ text: "a" }).replaceAll(document, "b"), 0);
    assert.equal(document.text(), "a a");
  });

  it("does what replacing in a plain string does", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "\n", "ab"), { maxLength: 60 }).map((list) => list.join(""));
    fc.assert(
      fc.property(
        letters,
        fc.constantFrom("a", "ab", "ba", "aa"),
        fc.constantFrom("", "a", "x", "ba"),
        (text, query, replacement) => {
          const document = new EditorDocument({ text, language: "plain", lineEnding: "\n" }).view;
          new Search({ text: query, matchCase: true }).replaceAll(document, replacement);
          assert.equal(document.text(), text.replaceAll(query, replacement));
        },
      ),
      { numRuns: 200 },
    );
  });
});

import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { EditorCommandName } from "../../src/editor/commands.ts";
import { EditorDocument } from "../../src/editor/document.ts";
import type { DocumentView } from "../../src/editor/document-view.ts";
import { Participant } from "../../src/editor/participant.ts";
import { marked } from "./marked.ts";

const ada = new Participant({ name: "Ada" });
const grace = (): Participant => new Participant({ name: "Grace Hopper", color: 1 });

function together(text: string): { document: EditorDocument; hers: DocumentView; helper: DocumentView } {
  const document = new EditorDocument({ text, language: "python", owner: ada });
  return { document, hers: document.open(), helper: document.open(grace()) };
}

describe("editor: several people in one document", () => {
  it("type in the same line, each at a cursor of their own", () => {
    const { hers, helper } = together("ab");
    hers.setCursor(1);
    helper.setCursor(2);
    hers.type("x");
    helper.type("y");
    hers.type("z");
    assert.equal(marked(hers), "axz|by");
    assert.equal(marked(helper), "axzby|");
  });

  it("keep their cursor where it is in the text, also when another types right there", () => {
    const { hers, helper } = together("ab");
    hers.setCursor(1);
    helper.setCursor(1);
    helper.type("x");
    assert.equal(marked(hers), "a|xb");
    hers.type("y");
    assert.equal(marked(helper), "ayx|b");
  });

  it("take back their own edits only, wherever these have got to", () => {
    const { document, hers, helper } = together("one\ntwo\n");
    hers.setCursor(4);
    hers.type("# ada");
    helper.setCursor(0);
    helper.paste("grace\n");
    hers.run("undo");
    assert.equal(document.text(), "grace\none\ntwo\n");
    helper.run("undo");
    assert.equal(document.text(), "one\ntwo\n");
    hers.run("redo");
    helper.run("redo");
    assert.equal(document.text(), "grace\none\n# adatwo\n");
    assert.equal(helper.run("redo"), false);
  });

  it("indent, close brackets and type at several cursors on their own", () => {
    const { document, hers, helper } = together("if a:\nb\nb\n");
    hers.setCursor(5);
    helper.setCursor(6);
    helper.run("selectNextOccurrence");
    helper.run("selectNextOccurrence");
    hers.run("newline");
    hers.type("print(");
    helper.type("c[");
    assert.equal(document.text(), "if a:\n    print()\nc[]\nc[]\n");
    hers.type("1");
    assert.equal(document.text(), "if a:\n    print(1)\nc[]\nc[]\n");
  });

  it("are told apart: each sees where the others are who may write and have the document before them", () => {
    const { document, hers, helper } = together("abc");
    const looker = document.open(new Participant({ name: "Tom", mayEdit: false }));
    for (const view of [hers, helper, looker]) view.shown = true;
    helper.select(0, 2);
    const peers = hers.peers();
    assert.deepEqual(
      peers.map(({ participant }) => participant.initials),
      ["GH"],
    );
    assert.deepEqual([peers[0]?.selection.main.anchor, peers[0]?.selection.main.head], [0, 2]);
    assert.deepEqual(
      looker.peers().map(({ participant }) => participant.name),
      ["Ada", "Grace Hopper"],
    );
    helper.shown = false;
    assert.deepEqual(hers.peers(), []);
    helper.close();
    looker.close();
  });

  it("can't change a thing when they may only look, by whatever command, and go where they like", () => {
    const { document, hers } = together("one\ntwo");
    const tom = new Participant({ name: "Tom", mayEdit: false });
    const looker = document.open(tom);
    hers.type("x");
    const before = document.text();
    const commands: readonly EditorCommandName[] = [
      "newline",
      "indent",
      "backspace",
      "delete",
      "deleteLine",
      "duplicate",
      "moveLineDown",
      "toggleComment",
      "undo",
      "redo",
    ];
    for (const command of commands) looker.run(command);
    assert.equal(looker.type("x") || looker.paste("x"), false);
    looker.cut();
    looker.dispatch({ changes: { from: 0, to: 3 } });
    assert.equal(document.text(), before);
    looker.run("cursorDocumentEnd");
    assert.equal(marked(looker), "xone\ntwo|");
    assert.equal(marked(hers), "x|one\ntwo");
    tom.mayEdit = true;
    looker.type("!");
    assert.equal(marked(looker), "xone\ntwo!|");
    tom.mayEdit = false;
    looker.run("undo");
    assert.equal(document.text(), "xone\ntwo!");
    hers.run("undo");
    assert.equal(document.text(), "one\ntwo!", "what somebody helped with stays");
  });

  it("all follow when the file is read again, and nobody writes while it is read-only", () => {
    const { document, hers, helper } = together("a\nb\nc\n");
    helper.setCursor(4);
    hers.setCursor(4);
    document.reload("zero\na\nb\nc\n");
    assert.equal(marked(helper), "zero\na\nb\n|c\n");
    assert.equal(marked(hers), "zero\na\nb\n|c\n");
    document.setReadOnly(true);
    assert.equal(hers.type("x") || helper.type("x"), false);
    const late = document.open(new Participant({ name: "Late" }));
    assert.equal(late.type("x"), false);
    document.setReadOnly(false);
    assert.equal(late.type("x"), true);
  });

  it("begin where the owner was last, and the owner goes on there after the last window is closed", () => {
    const { document, hers, helper } = together("one two");
    hers.setCursor(3);
    hers.close();
    helper.setCursor(0);
    helper.paste("> ");
    helper.close();
    assert.equal(marked(document.open()), "> one| two");
    assert.equal(marked(document.open(grace())), "> one| two");
  });

  it("see the same lines when others put lines in or take them out above", () => {
    const { hers, helper } = together("x\n".repeat(100));
    hers.viewport.resize(40, 10);
    hers.setCursor(hers.offsetAt(60, 1));
    hers.viewport.reveal(hers);
    const top = hers.viewport.top;
    const cell = hers.viewport.cursorCell(hers);
    helper.paste("1\n2\n3\n");
    assert.deepEqual([hers.viewport.top, hers.viewport.cursorCell(hers)], [top + 3, cell]);
    helper.run("undo");
    assert.deepEqual([hers.viewport.top, hers.viewport.cursorCell(hers)], [top, cell]);
    helper.setCursor(helper.offsetAt(90, 1));
    helper.paste("below\n");
    assert.equal(hers.viewport.top, top);
  });

  it("leave nothing behind when they go: a helper who comes back takes nothing back", () => {
    const document = new EditorDocument({ text: "", language: "plain", owner: ada });
    const helper = grace();
    const [view, other] = [document.open(helper), document.open(helper)];
    view.type("x");
    view.close();
    assert.equal(other.run("undo"), true, "another window of theirs is open");
    other.run("redo");
    other.close();
    assert.equal(document.open(helper).run("undo"), false);
    assert.equal(document.text(), "x");
  });

  it("leave the place they had scrolled to, though they did nothing else there", () => {
    const document = new EditorDocument({ text: "x\n".repeat(100), language: "plain" });
    const view = document.open();
    view.viewport.scrollBy(view, 30);
    view.close();
    assert.equal(document.open().viewport.top, 30);
  });

  it("can't take back what lies below thousands of edits of others, so that everybody's keys stay quick", () => {
    const { document, hers, helper } = together("x\n".repeat(5000));
    hers.type("mine");
    for (let line = 5000; line > 1; line -= 1) {
      helper.setCursor(helper.offsetAt(line, 1));
      helper.type("y");
    }
    const before = document.text();
    assert.equal(hers.run("undo"), false);
    assert.equal(document.text(), before);
    hers.type("!");
    for (let count = 0; count < 5000; count++) helper.type("z"); // in one place: that is little to remember
    assert.equal(hers.run("undo"), true);
    assert.match(document.text(), /^mine/);
  });

  it("see that the text is saved or not, whoever changed it", () => {
    const { document, helper } = together("a");
    helper.type("x");
    assert.equal(document.modified, true);
    helper.run("undo");
    assert.equal(document.modified, false);
  });
});

describe("editor: two windows of one person", () => {
  it("have a cursor each and share the steps of undo", () => {
    const document = new EditorDocument({ text: "one two", language: "plain" });
    const [left, right] = [document.open(), document.open()];
    left.setCursor(0);
    right.setCursor(7);
    left.type("1");
    right.type("2");
    assert.deepEqual([marked(left), marked(right)], ["1|one two2", "1one two2|"]);
    left.run("undo");
    assert.equal(document.text(), "1one two");
    left.run("undo");
    assert.equal(document.text(), "one two");
    right.run("redo");
    assert.equal(document.text(), "1one two");
    assert.deepEqual(left.peers(), []);
  });
});

type Act =
  | { readonly who: number; readonly act: "insert"; readonly at: number; readonly length: number }
  | { readonly who: number; readonly act: "remove"; readonly at: number; readonly length: number }
  | { readonly who: number; readonly act: "undo" | "redo" | "newline" | "cursorLeft" | "selectNextOccurrence" };

const people = 3;
const acts = (kinds: readonly Act["act"][]): fc.Arbitrary<readonly Act[]> =>
  fc.array(
    fc.record({
      who: fc.nat(people - 1),
      act: fc.constantFrom(...kinds),
      at: fc.nat(40),
      length: fc.integer({ min: 1, max: 6 }),
    }) as fc.Arbitrary<Act>,
    { maxLength: 40 },
  );

/** What everybody inserts is told apart by its letters. */
const alphabets = ["abcdefghij", "ABCDEFGHIJ", "0123456789"];

function perform(view: DocumentView, act: Act, count: number): void {
  if (act.act === "insert") {
    view.setCursor(act.at);
    view.paste((alphabets[act.who] ?? "").charAt(count % 10).repeat(act.length));
  } else if (act.act === "remove") {
    view.select(act.at, act.at + act.length);
    view.run("backspace");
  } else view.run(act.act);
}

describe("editor: random edits of several people", () => {
  const start = "........................";
  const meet = (): { document: EditorDocument; views: readonly DocumentView[] } => {
    const document = new EditorDocument({ text: start, language: "plain", owner: ada });
    const views = [document.open(), document.open(grace()), document.open(new Participant({ name: "Tom" }))];
    return { document, views };
  };

  it("give everybody the same text at every moment, also with undo and redo, and cursors inside it", () => {
    fc.assert(
      fc.property(
        acts(["insert", "remove", "undo", "redo", "newline", "cursorLeft", "selectNextOccurrence"]),
        (sequence) => {
          const { document, views } = meet();
          const looker = document.open(new Participant({ name: "Looker", mayEdit: false }));
          for (const [count, act] of sequence.entries()) {
            const view = views[act.who];
            if (view) perform(view, act, count);
            for (const each of [...views, looker]) {
              assert.equal(each.state.doc.toString(), document.doc.toString());
              assert.ok(each.selections.ranges.every(({ from, to }) => from >= 0 && to <= document.length));
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("are taken back by undo exactly: what is left is the others' text", () => {
    fc.assert(
      fc.property(acts(["insert", "remove"]), fc.nat(people - 1), (sequence, who) => {
        const { document, views } = meet();
        const expected = new Tracked(start.length);
        for (const [count, act] of sequence.entries()) {
          const view = views[act.who];
          if (!view) continue;
          expected.note(act, () => perform(view, act, count), document);
        }
        while (views[who]?.run("undo")) continue;
        assert.deepEqual(document.text().split("").toSorted(), expected.without(who));
      }),
      { numRuns: 300 },
    );
  });
});

interface Character {
  readonly letter: string;
  readonly author: number;
  readonly removedBy: number | undefined;
}

/** The simple truth: every character that ever was, who wrote it and who removed it. */
class Tracked {
  #living: Character[];
  readonly #removed: Character[] = [];

  constructor(length: number) {
    this.#living = Array.from({ length }, () => ({ letter: ".", author: -1, removedBy: undefined }));
  }

  note(act: Act, perform: () => void, document: EditorDocument): void {
    const stop = document.onChange(({ changes }) => {
      const next: Character[] = [];
      let at = 0;
      changes.iterChanges((...[fromA, toA, , , inserted]) => {
        next.push(...this.#living.slice(at, fromA));
        this.#removed.push(...this.#living.slice(fromA, toA).map((each) => ({ ...each, removedBy: act.who })));
        next.push(
          ...inserted
            .toString()
            .split("")
            .map((letter) => ({ letter, author: act.who, removedBy: undefined })),
        );
        at = toA;
      });
      this.#living = [...next, ...this.#living.slice(at)];
    });
    perform();
    stop();
  }

  /** The letters, sorted, that are left when one person has taken everything back. */
  without(who: number): readonly string[] {
    const back = this.#removed.filter(({ removedBy }) => removedBy === who);
    return [...this.#living, ...back]
      .filter(({ author }) => author !== who)
      .map(({ letter }) => letter)
      .toSorted();
  }
}

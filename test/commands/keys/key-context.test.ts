import assert from "node:assert/strict";
import { UserError } from "../../../src/base/errors.ts";
import { KeyContext } from "../../../src/commands/keys/key-context.ts";
import { keyEntries } from "../../../src/commands/keys/key-entries.ts";

/** A context of one and other. */
function bind(one: readonly string[], other: readonly string[], beside: readonly KeyContext[] = []): KeyContext {
  return new KeyContext({
    name: "the editor",
    bindings: [
      { command: "one", keys: one, does: "One" },
      { command: "other", keys: other, does: "Other" },
    ],
    beside,
  });
}

describe("a context of keys", () => {
  it("refuses a key that is bound twice, or begins a chord as well", () => {
    assert.throws(() => bind(["F5"], ["F6", "F5"]), /F5 is bound twice in the editor: to one and to other/);
    assert.throws(() => bind(["F5"], ["F5"]), UserError, "a sentence for whoever starts the server, not a stack");
    assert.throws(() => bind(["F5", "F5"], []), /F5 is bound twice in the editor: to one and to one/);
    assert.throws(() => bind(["Ctrl-K Ctrl-C"], ["Ctrl-K Ctrl-C"]), /Ctrl-K Ctrl-C is bound twice/);
    assert.throws(
      () => bind(["Ctrl-K Ctrl-C"], ["Ctrl-K"]),
      /Ctrl-K begins a chord in the editor, and is bound to other/,
    );
  });

  it("refuses the keys of the contexts beside it, and of those beside these", () => {
    const far = new KeyContext({ name: "far", bindings: [{ command: "left", keys: ["Left"], does: "" }] });
    const near = new KeyContext({
      name: "near",
      bindings: [{ command: "kill", keys: ["Ctrl-U"], does: "" }],
      beside: [far],
    });
    assert.throws(() => bind(["Ctrl-U"], [], [near]), /Ctrl-U is bound twice in the editor: to one and to kill/);
    assert.throws(() => bind(["Left"], [], [near]), /Left is bound twice/);
    assert.throws(() => bind(["Left X"], [], [near]), /Left begins a chord in the editor, and is bound to left/);
    assert.doesNotThrow(() => bind(["Right"], [], [near, far]), "a context that is reached twice is one");
  });

  it("finds the command of a key, and knows what begins a chord", () => {
    const context = bind(["F5", "x"], ["Ctrl-K F5"]);
    assert.equal(context.commandFor("x"), "one");
    assert.equal(context.commandFor("Ctrl-K F5"), "other");
    assert.equal(context.commandFor("F6"), undefined);
    assert.equal(context.commandFor(undefined), undefined);
    assert.ok(context.beginsChord("Ctrl-K"));
    assert.ok(!context.beginsChord("F5"));
  });

  it("names the key that is shown, and fails for a command without one", () => {
    assert.equal(bind(["F5", "x"], []).keyFor("one"), "F5");
    assert.throws(() => bind(["F5"], []).keyFor("other"), /other has no key in the editor/);
    assert.throws(() => bind(["F5"], []).keyFor("third"), /third has no key in the editor/);
  });
});

describe("entries of keys", () => {
  it("are one for neighbours that do the same, and none for what has no key", () => {
    const bindings = [
      { command: "up", keys: ["Up", "k"], does: "Move" },
      { command: "down", keys: ["Down"], does: "Move" },
      { command: "none", keys: [], does: "Nothing" },
      { command: "close", keys: ["Escape", "q", "Enter"], does: "Close" },
    ];
    assert.deepEqual(keyEntries(bindings, 2), [
      { keys: "Up or k; Down", does: "Move" },
      { keys: "Escape or q", does: "Close" },
    ]);
    assert.deepEqual(
      keyEntries(bindings, 1).map(({ keys }) => keys),
      ["Up, Down", "Escape"],
    );
    assert.deepEqual(
      keyEntries(bindings).map(({ keys }) => keys),
      ["Up or k; Down", "Escape, q or Enter"],
    );
  });
});

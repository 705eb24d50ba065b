import assert from "node:assert/strict";
import { actionFor, actions, beginsChord, distinctBindings, keysOf } from "../../src/commands/actions.ts";
import { editorKeys } from "../../src/editor/keymap.ts";

const panes = ["files", "editor", "console"] as const;

describe("keys of actions", () => {
  it("mean one thing in a pane", () => {
    for (const pane of panes) {
      for (const action of actions) {
        for (const key of keysOf(action, pane)) {
          assert.equal(actionFor(key, pane)?.id, action.id, `${key} in the ${pane}`);
          if (pane === "editor") assert.ok(!editorKeys.has(key), `${key} is also the editor's`);
          if (!key.includes(" ")) assert.ok(!beginsChord(key, pane), `${key} begins a chord in the ${pane}`);
        }
      }
    }
  });

  it("are refused at the start when one is bound twice, begins a chord, or belongs to the editor", () => {
    const bind = (one: readonly string[], other: readonly string[], taken: readonly string[] = []) => () => distinctBindings("editor", [[{ id: "one" }, one], [{ id: "other" }, other]], taken);
    assert.throws(bind(["F5"], ["F6", "F5"]), /F5 is bound twice in the editor: to one and to other/);
    assert.throws(bind(["F5", "F5"], []), /F5 is bound twice in the editor: to one and to one/);
    assert.throws(bind(["Ctrl-K Ctrl-C"], ["Ctrl-K"]), /Ctrl-K begins a chord in the editor, and is bound to other/);
    assert.throws(bind(["Ctrl-K Ctrl-C"], ["Ctrl-K Ctrl-C"]), /Ctrl-K Ctrl-C is bound twice/);
    assert.throws(bind(["Left"], [], ["Left"]), /Left is bound twice in the editor: to another binding and to one/);
    assert.throws(bind(["Ctrl-U Ctrl-C"], [], ["Ctrl-U"]), /Ctrl-U begins a chord in the editor, and is bound already/);
    assert.deepEqual([...bind(["F5"], ["Ctrl-K F5"], ["F6"])().keys()], ["F5", "Ctrl-K F5"]);
  });
});

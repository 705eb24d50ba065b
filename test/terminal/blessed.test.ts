import assert from "node:assert/strict";
import blessed from "blessed";
import { SheetTree } from "../../src/terminal/blessed.ts";

/** What blessed remembers of screens, for the whole process. */
const registries = blessed as unknown as Record<"Screen" | "Program", { instances: unknown[]; total: number }>;

function remembered(): number[] {
  return [registries.Screen, registries.Program].flatMap(({ instances, total }) => [instances.length, total]);
}

function handlers(): number[] {
  return ["uncaughtException", "SIGTERM", "SIGINT", "SIGQUIT", "exit"].map((name) => process.listenerCount(name));
}

const size = { columns: 80, rows: 24 };

describe("the tree of sheets", () => {
  it("is forgotten by blessed when it is closed, the last one and others", () => {
    const before = remembered();
    {
      using first = new SheetTree(size);
      using second = new SheetTree(size);
      first.add({});
      second.add({});
      assert.notDeepEqual(remembered(), before);
    }
    assert.deepEqual(remembered(), before);
  });

  it("opens no handler on the process, which would end the server on one person's error", () => {
    const before = handlers();
    for (let round = 0; round < 2; round++) {
      using tree = new SheetTree(size);
      tree.add({});
      assert.deepEqual(handlers(), before);
    }
    assert.deepEqual(handlers(), before);
  });

  it("keeps each person's sheets in their own tree, whichever was made last", () => {
    using ada = new SheetTree<{ name: string }>(size);
    using alan = new SheetTree<{ name: string }>(size);
    ada.add({ name: "ada's" });
    alan.add({ name: "alan's" });
    ada.add({ name: "ada's second" });
    assert.deepEqual(
      ada.values().map(({ name }) => name),
      ["ada's", "ada's second"],
    );
    assert.deepEqual(
      alan.values().map(({ name }) => name),
      ["alan's"],
    );
  });

  it("places sheets where it is told, also without any width, and gives focus only when told", () => {
    using tree = new SheetTree<{ name: string }>(size);
    const sheet = { name: "one" };
    const node = tree.add(sheet);
    assert.equal(tree.focused, undefined);
    for (const region of [
      { row: 3, column: 5, width: 20, height: 4 },
      { row: 0, column: 0, width: 0, height: 0 },
    ]) {
      node.place(region);
      assert.deepEqual(node.region, region);
    }
    node.focus();
    assert.equal(tree.focused, sheet);
    node.remove();
    assert.equal(tree.focused, undefined);
    assert.deepEqual(tree.values(), []);
  });
});

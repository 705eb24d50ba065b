import assert from "node:assert/strict";
import { actions, type Ide } from "../../src/commands/actions.ts";

/** A screen that does nothing but note which functions of it are called: "files.askNew". */
function recordedIde(): { readonly ide: Ide; readonly calls: string[] } {
  const calls: string[] = [];
  const member = (path: string): unknown =>
    new Proxy(() => undefined, {
      get: (_target, name) => member(path === "" ? String(name) : `${path}.${String(name)}`),
      apply: () => void calls.push(path),
    });
  return { ide: member("") as Ide, calls };
}

describe("an action of the screen", () => {
  for (const action of actions) {
    it(`addresses one part, which does the work: ${action.id}`, async () => {
      const { ide, calls } = recordedIde();
      await action.run(ide);
      assert.equal(calls.length, 1, calls.join(", "));
      assert.match(calls[0] ?? "", /^\w+(\.\w+)+$/);
    });
  }
});

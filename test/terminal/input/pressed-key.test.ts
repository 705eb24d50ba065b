import assert from "node:assert/strict";
import { pressedKey } from "../../../src/terminal/input/pressed-key.ts";

describe("the name of a pressed key", () => {
  it("is a key's own, or the one character that was typed", () => {
    assert.equal(pressedKey({ kind: "key", name: "Ctrl-S" }), "Ctrl-S");
    assert.equal(pressedKey({ kind: "text", text: "q" }), "q");
    assert.equal(pressedKey({ kind: "text", text: " " }), "Space");
    assert.equal(pressedKey({ kind: "text", text: "😀" }), "😀");
  });

  it("is not what a text that came in one piece happens to spell", () => {
    assert.equal(pressedKey({ kind: "text", text: "F9" }), undefined);
    assert.equal(pressedKey({ kind: "text", text: "Escape" }), undefined);
    assert.equal(pressedKey({ kind: "paste", text: "q", truncated: false }), undefined);
  });
});

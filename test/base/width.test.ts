import assert from "node:assert/strict";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { charWidth, stringWidth } from "../../src/base/width.ts";

interface Provider {
  wcwidth(codePoint: number): number;
}

/** The emulator's own table, taken from the addon as the emulator would take it. */
function emulatorWidths(): Provider {
  let provider: Provider | undefined;
  const terminal = { unicode: { register: (given: Provider) => void (provider = given) } };
  new Unicode11Addon().activate(terminal as never);
  assert.ok(provider);
  return provider;
}

describe("editor: width of characters", () => {
  it("agrees with the console's emulator on every code point", () => {
    const provider = emulatorWidths();
    const different: string[] = [];
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
      if (charWidth(codePoint) !== provider.wcwidth(codePoint)) different.push(codePoint.toString(16));
    }
    assert.deepEqual(different, []);
  });

  const widths: readonly (readonly [string, number])[] = [
    ["", 0],
    ["print", 5],
    ["日本", 4],
    ["e\u0301", 1],
    ["😀", 2],
    ["👩\u200d💻", 4],
    ["ｆ", 2],
    ["\x07", 0],
    ["\ud83d", 1],
  ];
  for (const [text, width] of widths) {
    it(`counts ${width} cells for ${JSON.stringify(text)}`, () => assert.equal(stringWidth(text), width));
  }
});

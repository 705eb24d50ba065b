/** The README's pictures show what classh looks like now: each is drawn once more, and is the same. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawScene } from "../scripts/pictures/draw.ts";
import { scenes } from "../scripts/pictures/scenes.ts";
import { terminalSvg } from "../scripts/pictures/terminal-svg.ts";
import { Emulator } from "./support/emulator.ts";

/** The words of a picture from top to bottom. */
function words(svg: string): readonly string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);
}

describe("the pictures", () => {
  for (const scene of scenes) {
    it(`${scene.file} is what a terminal shows`, async () => {
      const kept = readFileSync(fileURLToPath(new URL(`../${scene.file}`, import.meta.url)), "utf8");
      const drawn = await drawScene(scene, (svg) => svg === kept);
      assert.deepEqual(words(drawn), words(kept), "draw it anew: npm run pictures");
      assert.equal(drawn, kept, "only its colours or places differ; draw it anew: npm run pictures");
    });
  }

  it("are the same whatever was drawn before: the colour of a blank does not count", async () => {
    using one = new Emulator(12, 1);
    using other = new Emulator(12, 1);
    one.write("\x1b[32mgo\x1b[0m \x1b[32mnow\x1b[0m");
    other.write("\x1b[1;31m            \r\x1b[0;32mgo now\x1b[0m");
    await Promise.all([one.settled(), other.settled()]);
    const colors = { foreground: "#dddddd", background: "#111111" };
    assert.equal(terminalSvg(one, colors, ""), terminalSvg(other, colors, ""));
  });

  it("are drawn cell by cell: colours, lines, what is reversed, wide letters and the cursor", async () => {
    using terminal = new Emulator(12, 2);
    terminal.write("a \x1b[1;31mred\x1b[0m \x1b[7m<&>\x1b[0m\r\n漢字 ──");
    await terminal.settled();
    const svg = terminalSvg(terminal, { foreground: "#dddddd", background: "#111111" }, "A & B");
    assert.match(svg, /<title>A &amp; B<\/title>/);
    assert.match(svg, /<text [^>]*fill="#e06c75" font-weight="bold">red<\/text>/);
    assert.match(svg, /<rect [^>]*width="25.2"[^>]*fill="#dddddd"\/>/);
    assert.match(svg, /<text [^>]*fill="#111111">&lt;&amp;&gt;<\/text>/);
    assert.match(svg, /<text [^>]*textLength="33.6"[^>]*>漢字<\/text>/);
    assert.match(svg, /<path d="M60.2 41L56 41M60.2 41L64.4 41/);
    assert.match(svg, /<rect x="72.8" y="32" width="8.4" height="18" fill="#dddddd"\/>/);
  });
});

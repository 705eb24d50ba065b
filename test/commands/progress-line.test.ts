import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { Emitter } from "../../src/base/events.ts";
import { withProgress } from "../../src/commands/progress-line.ts";

const terminal = { size: { columns: 80, rows: 24 }, onResize: new Emitter<never>().on, term: "xterm" };

async function shown(where: { terminal?: typeof terminal }, fails = false): Promise<string> {
  const stderr = new PassThrough();
  const work = withProgress({ stderr, ...where }, "passwords", 1000, (onProgress) => {
    for (let done = 1; done <= 1000; done++) onProgress(done);
    return fails ? Promise.reject(new Error("broken")) : Promise.resolve("made");
  });
  if (fails) await assert.rejects(work, /broken/);
  else assert.equal(await work, "made");
  return String(stderr.read() ?? "");
}

describe("progress", () => {
  it("is one line of a terminal, drawn once a per cent and wiped away, also after a failure", async () => {
    for (const fails of [false, true]) {
      const text = await shown({ terminal }, fails);
      assert.match(text, /^\rpasswords: 1 of 1000\x1b\[K/);
      assert.match(text, /\rpasswords: 1000 of 1000\x1b\[K\r\x1b\[K$/);
      assert.equal(text.split("\r").length, 103);
    }
  });

  it("says nothing to a script", async () => {
    assert.equal(await shown({}), "");
  });
});

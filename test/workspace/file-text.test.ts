import assert from "node:assert/strict";
import * as fc from "fast-check";
import { decodeText, encodeText } from "../../src/workspace/file-text.ts";

const decode = (bytes: Buffer | string) => decodeText(Buffer.from(bytes), "area.py");

describe("text files", () => {
  it("come back byte for byte when their line ends are of one kind", () => {
    const text = fc.array(fc.string({ unit: "grapheme" }).map((line) => line.replaceAll(/[\r\n\0]/g, "")));
    const ending = fc.constantFrom("\n", "\r\n");
    fc.assert(
      fc.property(text, ending, fc.boolean(), (lines, end, mark) => {
        const bytes = Buffer.from((mark ? "\ufeff" : "") + lines.join(end));
        fc.pre(mark || !lines[0]?.startsWith("\ufeff"));
        assert.deepEqual(encodeText(decode(bytes).text, decode(bytes)), bytes);
      }),
    );
  });

  it("show Windows line ends as plain ones, and remember them", () => {
    assert.deepEqual(decode("a\r\nb\r\n"), {
      text: "a\nb\n",
      lineEnding: "\r\n",
      finalNewline: true,
      byteOrderMark: false,
    });
    assert.deepEqual(decode("\ufeffa"), { text: "a", lineEnding: "\n", finalNewline: false, byteOrderMark: true });
    assert.deepEqual(decode(""), { text: "", lineEnding: "\n", finalNewline: true, byteOrderMark: false });
  });

  it("are refused in words when they are not text", () => {
    const cases: readonly (readonly [Buffer, RegExp])[] = [
      [Buffer.from("\x89PNG\0\0", "latin1"), /can't show area.py as text: it contains binary data/],
      [Buffer.from("ok\ncaf\xe9\nok", "latin1"), /not UTF-8 \(line 2\)/],
      [Buffer.from("caf\xc3", "latin1"), /not UTF-8 \(line 1\)/],
      [Buffer.from("\ufeffhello", "utf16le"), /UTF-16/],
    ];
    for (const [bytes, words] of cases)
      assert.throws(
        () => decode(bytes),
        (error: Error) => words.test(error.message),
      );
  });
});

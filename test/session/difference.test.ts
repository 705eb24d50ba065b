import assert from "node:assert/strict";
import { differenceOf } from "../../src/session/difference.ts";

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

/** As one reads it: number in the file, number in the editor, sign, text. */
function read(theirs: string, mine: string): readonly string[] | undefined {
  return differenceOf(theirs, mine)?.map((line) => {
    if (line.kind === "gap") return "...";
    const sign = { same: " ", theirs: "-", mine: "+" }[line.kind];
    return `${line.theirs ?? ""}/${line.mine ?? ""} ${sign}${line.text}`;
  });
}

describe("the difference of two texts", () => {
  it("names what only one of them has, with the numbers of both, and leaves out what is far from it", () => {
    const theirs = numbered(12);
    const mine = theirs.toSpliced(5, 1, "changed", "added");
    assert.deepEqual(read(theirs.join("\n"), mine.join("\n")), [
      "...",
      "3/3  line 3",
      "4/4  line 4",
      "5/5  line 5",
      "6/ -line 6",
      "/6 +changed",
      "/7 +added",
      "7/8  line 7",
      "8/9  line 8",
      "9/10  line 9",
      "...",
    ]);
  });

  it("is empty for equal texts", () => {
    assert.deepEqual(differenceOf("a\nb\n", "a\nb\n"), []);
  });

  it("shows a text that is gone as a whole", () => {
    assert.deepEqual(read("a\nb", ""), ["1/ -a", "2/ -b", "/1 +"]);
  });

  it("is shown for a file of 500 lines that was written anew, however slow the machine is", () => {
    const words = (seed: string): string => Array.from({ length: 500 }, (_, index) => `${seed}${index}`).join("\n");
    assert.equal(read(words("a"), words("b"))?.length, 1000);
  });

  it("gives up on texts with too many changes, and on huge ones", () => {
    const words = (seed: string): string => Array.from({ length: 20_000 }, (_, index) => `${seed}${index}`).join("\n");
    assert.equal(differenceOf(words("a"), words("b")), undefined);
    assert.equal(differenceOf("a\n".repeat(2 ** 20), "b"), undefined);
  });
});

/** The judge of the session torture, on histories that it must condemn: one that finds nothing wrong proves nothing. */
import assert from "node:assert/strict";
import { judge, lineText, type Entry, type Line } from "./history.ts";

const line = (author: number, number: number): Line => ({ author, number });
const text = (...lines: readonly Line[]): string => lines.map(lineText).join("\n");
const saved = (at: number, ...lines: readonly Line[]): Entry => ({ kind: "saved", file: "a.py", at, by: "ada", lines });
const read = (from: number, content: string): Entry => ({
  kind: "read",
  file: "a.py",
  from,
  until: from + 1,
  text: content,
});

describe("the judge of the session torture", () => {
  const condemned = (history: readonly Entry[], sentence: RegExp): void => {
    const found = judge(history);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] ?? "", sentence);
  };

  it("finds nothing wrong with saves that are there ever after, of two people, with a line cut off by a broken connection", () => {
    const history = [
      saved(1, line(1, 1)),
      read(1, text(line(1, 1))),
      read(4, `${text(line(1, 1))}\n#1:00\n${text(line(2, 1))}`),
      saved(6, line(1, 3)),
      read(6, `${text(line(1, 1))}\n#1:00\n${text(line(2, 1), line(1, 3))}\n`),
    ];
    assert.deepEqual(judge(history), []);
  });

  it("does not demand of a read what was promised only after it began", () => {
    assert.deepEqual(judge([read(1, ""), saved(1.5, line(1, 1)), read(2, text(line(1, 1)))]), []);
  });

  it("condemns an acknowledged save that is not in the file", () => {
    condemned(
      [saved(1, line(1, 1), line(1, 2)), read(1, text(line(1, 1)))],
      /^a\.py: #1:000002\. was saved by ada at 1 and is gone at 1$/,
    );
  });

  it("condemns a writer who had not seen what was in the file", () => {
    condemned(
      [read(1, text(line(1, 1))), saved(3, line(2, 1)), read(3, text(line(2, 1)))],
      /#1:000001\. was on the disk at 2 and is gone at 3/,
    );
  });

  it("condemns a file that was there again later: what was lost for a moment was lost", () => {
    condemned([saved(1, line(1, 1)), read(2, ""), read(5, text(line(1, 1)))], /is gone at 2/);
  });

  it("condemns a line that is there twice, or in the wrong order", () => {
    condemned([read(1, text(line(1, 1), line(2, 1), line(1, 1)))], /#1:000001\. stands twice/);
    condemned([read(1, text(line(1, 2), line(2, 1), line(1, 1)))], /#1:000001\. stands after number 2/);
  });

  it("condemns text that nobody typed", () => {
    condemned([read(1, `${text(line(1, 1))}\n1:000002.`)], /nobody typed "1:000002\."/);
  });

  it("keeps files apart", () => {
    assert.deepEqual(judge([saved(1, line(1, 1)), { ...read(2, ""), file: "b.py" } as Entry]), []);
  });
});

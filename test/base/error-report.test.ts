/** What a person reads of an error, and what the log has of it. */
import assert from "node:assert/strict";
import { errorText, explain, logBug, logUncaught, sentence } from "../../src/base/error-report.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog, type Log } from "../../src/base/log.ts";

const mendable = new UserError("exists", "a.py exists already", "Choose another name.");

describe("an error report", () => {
  it("tells a UserError as it is written, and logs nothing", () => {
    const { log, lines } = recordingLog();
    const { code, message, hint, exitStatus } = explain(mendable, log);
    assert.deepEqual(
      { code, message, hint, exitStatus },
      { code: "exists", message: "a.py exists already", hint: "Choose another name.", exitStatus: 5 },
    );
    logBug(mendable, log);
    assert.deepEqual(lines, []);
  });

  it("tells of a bug its number alone, which the log has with the error", () => {
    const { log, lines } = recordingLog();
    const bug = new Error("no such row");
    const { code, message } = explain(bug, log, { session: "s1" });
    const [line] = lines;
    assert.equal(code, "internal");
    assert.equal(message, `something went wrong in classh (error ${String(line?.id)})`);
    assert.match(String(line?.id), /^[0-9a-f]{8}$/);
    assert.deepEqual({ ...line, id: "" }, { message: "unexpected error", session: "s1", error: bug, id: "" });
  });

  it("logs a bug that nobody waits for", () => {
    const { log, lines } = recordingLog();
    logBug("thrown by chance", log, { node: "n1" });
    assert.deepEqual(
      lines.map(({ error, node }) => ({ error, node })),
      [{ error: "thrown by chance", node: "n1" }],
    );
  });

  it("logs whatever reached the end of the process, what a person could mend among it", () => {
    const { log, lines } = recordingLog();
    logUncaught(mendable, log, { where: "uncaught exception" });
    assert.deepEqual(
      lines.map(({ error, where }) => ({ error, where })),
      [{ error: mendable, where: "uncaught exception" }],
    );
  });

  it("makes one paragraph of a message and its hint, with one stop each", () => {
    assert.equal(sentence({ message: "it is gone", hint: "Look again." }), "It is gone. Look again.");
    assert.equal(sentence({ message: "is it gone?", hint: undefined }), "Is it gone?");
    assert.equal(sentence({ message: "it is gone", hint: "" }), "It is gone.");
  });

  it("makes whole lines of them for a terminal", () => {
    assert.equal(
      errorText({ message: "it is gone", hint: "Look again." }, 80),
      "classh: it is gone\r\nLook again.\r\n",
    );
    assert.equal(errorText({ message: "it is gone", hint: undefined }), "classh: it is gone\n");
  });

  it("breaks them at words, to the terminal's width", () => {
    assert.equal(
      errorText({ message: "ada is not here", hint: "Look again tomorrow." }, 16),
      "classh: ada is\r\nnot here\r\nLook again\r\ntomorrow.\r\n",
    );
  });
});

function recordingLog(): { readonly log: Log; readonly lines: readonly Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  return { lines, log: { ...silentLog, error: (message, fields) => void lines.push({ message, ...fields }) } };
}

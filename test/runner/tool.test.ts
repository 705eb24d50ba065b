/** A program of the system on a person's files. */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { SummedAcks, acknowledgedAtOnce } from "../../src/runner/summed-acks.ts";
import { collector, Lab } from "./support.ts";

describe("acknowledgements", () => {
  it("come in sums, and never keep back what would close the window for a piece of input", () => {
    const sent: number[] = [];
    const acks = new SummedAcks((bytes) => sent.push(bytes));
    for (let piece = 0; piece < 1000; piece++) acks.add(100);
    const total = sent.reduce((sum, bytes) => sum + bytes, 0);
    assert.ok(sent.length < 10 && total > 100_000 - acknowledgedAtOnce, String(sent));
  });
});

describe("a tool", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open({ limits: { runSeconds: 1 } });
  });
  after(() => lab[Symbol.asyncDispose]());

  const shell = async (script: string, runSeconds?: number) => {
    const [stdout, stderr] = [collector(), collector()];
    const outcome = await lab.runner.runTool(
      { ...lab.place, ...(runSeconds === undefined ? {} : { limits: { runSeconds } }) },
      { program: "/bin/sh", words: ["sh", "-c", script].map((text) => ({ text })) },
      {
        stdin: new PassThrough().end(),
        stdout: stdout.stream,
        stderr: stderr.stream,
        signal: AbortSignal.timeout(60_000),
      },
    );
    return { outcome, text: stdout.text() };
  };

  it("ends what it started when the time of its spec is over", async () => {
    assert.deepEqual((await shell("(while :; do :; done) & wait", 2)).outcome, { kind: "timed-out", seconds: 2 });
  });

  it("has no clock otherwise", async () => {
    const { outcome, text } = await shell("sleep 4; echo done");
    assert.deepEqual([outcome, text], [{ kind: "exited", status: 0 }, "done\n"]);
  });
});

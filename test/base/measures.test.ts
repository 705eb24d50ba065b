import assert from "node:assert/strict";
import { explain, logBug } from "../../src/base/error-report.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { tallies, Tally, Timing } from "../../src/base/measures.ts";

describe("what is measured", () => {
  it("is nothing, and keeps nothing, while nobody listens", () => {
    const timing = new Timing();
    const subject = {};
    const began = timing.start();
    timing.startFor(subject);
    const seen: number[] = [];
    using _listening = timing.listen((seconds) => seen.push(seconds));
    timing.end(began);
    timing.endFor(subject);
    assert.deepEqual(seen, []);
  });

  it("is the seconds between beginning and end, once for each, until it is given up", () => {
    const timing = new Timing();
    const seen: number[] = [];
    const listening = timing.listen((seconds) => seen.push(seconds));
    timing.end(timing.start());
    const [one, other, third] = [{}, {}, {}];
    for (const subject of [one, other]) timing.startFor(subject);
    timing.startFor(third, performance.now() - 2000);
    timing.forget(other);
    for (const subject of [one, other, third]) timing.endFor(subject);
    timing.endFor(one);
    assert.equal(seen.length, 3);
    assert.ok(seen.every((seconds) => seconds >= 0));
    assert.ok((seen[2] ?? 0) >= 2);
    listening[Symbol.dispose]();
    timing.end(timing.start());
    assert.equal(seen.length, 3);
  });

  it("counts words", () => {
    const tally = new Tally<"a" | "b">();
    const seen: string[] = [];
    tally.add("a");
    using _listening = tally.listen((word) => seen.push(word));
    tally.add("b");
    assert.deepEqual(seen, ["b"]);
  });

  it("has each refusal by its code, and each bug", () => {
    const seen: string[] = [];
    using _refusals = tallies.refusal.listen((word) => seen.push(word));
    using _bugs = tallies.bug.listen((word) => seen.push(word));
    explain(new UserError("disk-full", "no room"), silentLog);
    explain(new Error("a bug"), silentLog);
    logBug(new Error("another"), silentLog);
    logBug(new UserError("in-use", "no bug"), silentLog);
    assert.deepEqual(seen.toSorted(), ["bug", "bug", "disk-full", "internal"]);
  });
});

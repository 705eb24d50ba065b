/** What the programs of several consoles may use together. */
import assert from "node:assert/strict";
import { Together, type JailShare, type TogetherLimits } from "../../src/runner/broker/together.ts";
import { eventually } from "../support/eventually.ts";
import { Lab } from "./support.ts";

const limits: TogetherLimits = { key: "ada", bytes: 100, processes: 10, threads: 20 };

describe("what jails use together", () => {
  let together: Together;
  let told: string[];
  beforeEach(() => {
    together = new Together();
    told = [];
  });

  const join = (name: string, more: Partial<TogetherLimits> = {}): JailShare =>
    together.join({ ...limits, ...more }, (how) => told.push(`${how} ${name}`));
  const waits = (member: JailShare, bytes: number): void => {
    member.has(1, 1, true);
    member.uses(bytes);
  };

  it("ends those that wait, the one first that was not used for longest", () => {
    const [first, second, works] = [join("first"), join("second"), join("works")];
    waits(first, 30);
    waits(second, 30);
    works.uses(40);
    assert.deepEqual(told, []);
    first.touch();
    waits(first, 30);
    works.uses(60);
    assert.deepEqual(told, ["ask second"]);
    works.uses(71);
    assert.deepEqual(told, ["ask second", "ask first"]);
    works.uses(1000);
    assert.deepEqual(told, ["ask second", "ask first"], "alone it has limits of its own");
  });

  it("kills what works in two at a time, but for the one that needs more", () => {
    const [one, other] = [join("one"), join("other")];
    one.uses(60);
    other.uses(60);
    assert.deepEqual(told, ["kill one"]);
  });

  for (const [what, processes, threads] of [
    ["processes", 8, 8],
    ["threads", 3, 15],
  ] as const) {
    it(`counts ${what}`, () => {
      const [one, other] = [join("one"), join("other")];
      one.has(processes, threads, true);
      other.has(processes, threads, false);
      assert.deepEqual(told, ["ask one"]);
    });
  }

  it("counts each person's alone, and those no more that have ended", () => {
    const [ada, ben] = [join("ada"), join("ben", { key: "ben" })];
    ada.uses(90);
    ben.uses(90);
    ada[Symbol.dispose]();
    join("again").uses(90);
    assert.deepEqual(told, []);
  });

  it("allows what the highest limit among them allows", () => {
    const [one, other] = [join("one", { bytes: 500 }), join("other")];
    one.uses(400);
    other.uses(90);
    assert.deepEqual(told, []);
  });

  it("has nobody claim room who is leaving", () => {
    const [one, other, third] = [join("one"), join("other"), join("third")];
    waits(one, 60);
    other.uses(60);
    assert.deepEqual(told, ["ask one"]);
    third.uses(30);
    one.uses(100);
    assert.deepEqual(told, ["ask one"]);
  });
});

describe("the consoles of one person", () => {
  it("have the memory of one: a prompt that waits makes room for a program", async () => {
    await using lab = await Lab.open({ limits: { runMemoryMebibytes: 64 } });
    const place = { ...lab.place, together: "session" };
    await using first = lab.console(place);
    await using second = lab.console(place);
    await using third = lab.console(place);
    await using stranger = lab.console();
    await stranger.promptShown();
    // One may take 64 MiB, and a jail 128 at most: so may all of them.
    for (const console of [first, second, third]) await console.type("held = bytearray(45 << 20)");
    await first.reaches("ended");
    await eventually(() => first.text.includes("Stopped to make room"));
    for (const other of [second, third]) assert.match(await other.type("len(held)"), /47185920/);
    assert.equal(stranger.console.state, "prompt");
    // There is room again.
    first.console.write("\r");
    await first.promptShown();
  });
});

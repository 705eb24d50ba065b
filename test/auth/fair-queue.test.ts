import assert from "node:assert/strict";
import { FairQueue, type Origin } from "../../src/auth/fair-queue.ts";
import { UserError } from "../../src/base/errors.ts";

const here = { network: "10.0.0.0/24", source: "10.0.0.1", subject: "ada", known: false, failures: 0 } as const;
type Who = Partial<Omit<Origin, "path"> & { network: string; source: string; subject: string }>;

/** A queue whose works end when the test says so; tells in which order they begin. */
class Gate {
  readonly begun: string[] = [];
  readonly refused: string[] = [];
  readonly queue: FairQueue;
  readonly #ends: (() => void)[] = [];

  constructor(options: Partial<ConstructorParameters<typeof FairQueue>[0]> = {}) {
    this.queue = new FairQueue({ inFlight: 1, maxWaiting: 500, maxOfOne: 64, ...options });
  }

  add(name: string, who: Who = {}): void {
    const { network, source, subject, ...origin } = { ...here, ...who };
    const work = async (): Promise<void> => {
      this.begun.push(name);
      await new Promise<void>((resolve) => this.#ends.push(resolve));
    };
    void this.queue.run({ path: [network, source, subject], ...origin }, work).catch((error: unknown) => {
      assert.ok(error instanceof UserError && error.code === "too-many-logins");
      this.refused.push(name);
    });
  }

  /** Lets so many works end, one after the other. */
  async finish(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      this.#ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

describe("the fair queue", () => {
  it("lets addresses take turns: who guesses much waits for the own guesses", async () => {
    const gate = new Gate();
    for (let index = 0; index < 20; index += 1)
      gate.add(`guess ${index}`, { source: "203.0.113.9", subject: `invented-${index}` });
    gate.add("ada");
    await gate.finish(2);
    assert.deepEqual(gate.begun, ["guess 0", "guess 1", "ada"]);
  });

  it("lets networks take turns: somebody with a whole network of addresses has one turn", async () => {
    const gate = new Gate();
    for (let index = 0; index < 20; index += 1)
      gate.add(`guess ${index}`, { network: "2001:db8::/48", source: `2001:db8:0:${index}::/64` });
    gate.add("ada");
    await gate.finish(2);
    assert.deepEqual(gate.begun, ["guess 0", "guess 1", "ada"]);
  });

  it("lets the names of one address take turns: a classroom shares it evenly", async () => {
    const gate = new Gate();
    for (let index = 0; index < 20; index += 1) gate.add(`guess ${index}`, { subject: "ada" });
    for (const name of ["alan", "grace"]) gate.add(name, { subject: name });
    await gate.finish(4);
    assert.deepEqual(gate.begun, ["guess 0", "guess 1", "alan", "grace", "guess 2"]);
  });

  it("lets who was wrong least go first, where address and name are the same", async () => {
    const gate = new Gate();
    gate.add("running");
    for (let index = 0; index < 20; index += 1) gate.add(`again ${index}`, { failures: 1 + (index % 3) });
    gate.add("ada");
    await gate.finish(3);
    assert.deepEqual(gate.begun, ["running", "ada", "again 0", "again 3"]);
  });

  it("gives three turns of four to who has been right there before, and never all", async () => {
    const gate = new Gate();
    gate.add("running");
    for (let index = 0; index < 8; index += 1) {
      gate.add("known", { known: true, source: "10.0.0.2", subject: `${index}` });
      gate.add("stranger", { source: "203.0.113.9", subject: `${index}` });
    }
    await gate.finish(8);
    assert.equal(gate.begun.slice(1).filter((name) => name === "known").length, 6);
  });

  it("turns away the oldest of one name at one address, not whoever comes last", async () => {
    const gate = new Gate({ maxOfOne: 3 });
    gate.add("running");
    for (const name of ["one", "two", "three", "ada"]) gate.add(name);
    await gate.finish(4);
    assert.deepEqual(gate.begun, ["running", "two", "three", "ada"]);
    assert.deepEqual(gate.refused, ["one"]);
  });

  it("turns away those of the most crowded address when it is full", async () => {
    const gate = new Gate({ maxWaiting: 4 });
    gate.add("running");
    for (let index = 0; index < 4; index += 1)
      gate.add(`guess ${index}`, { source: "203.0.113.9", subject: `invented-${index}` });
    gate.add("ada");
    gate.add("grace", { source: "10.0.0.2" });
    assert.equal(gate.queue.length, 4);
    await gate.finish(5);
    assert.deepEqual(gate.refused.length, 2);
    assert.ok(gate.begun.includes("ada") && gate.begun.includes("grace"));
    assert.equal(gate.queue.length, 0);
  });

  it("does no work for who has left", async () => {
    const gate = new Gate();
    const left = new AbortController();
    gate.add("running");
    gate.add("left", { abandoned: left.signal });
    gate.add("ada");
    left.abort();
    await gate.finish(1);
    assert.deepEqual(gate.begun, ["running", "ada"]);
  });
});

/** Writers that stand still at the worst moment: each `check` is a gate that the test opens. */
import assert from "node:assert/strict";
import { constants, unlinkSync, type BigIntStats } from "node:fs";
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Descriptor, lstat } from "../../src/workspace/descriptor.ts";
import { replace } from "../../src/workspace/replace.ts";
import { stampOf, type Stamp } from "../../src/workspace/stamp.ts";
import { eventually } from "../support/eventually.ts";

const { O_DIRECTORY, O_RDONLY } = constants;

/** A writer that has seen a version, and what it does. */
interface Writer {
  readonly result: Promise<"replaced" | "changed">;
  /** Checks that have begun. */
  readonly checks: () => number;
  /** Lets the check that waits look at the file as it is now, or answer what it would have answered when it began. */
  readonly goOn: (answer: "now" | "as it was") => void;
}

describe("replacing a version of a file", () => {
  let directory: string;
  let parent: Descriptor;
  const file = (): string => join(directory, "a.py");

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "classh-replace-"));
    await writeFile(file(), "first\n");
    parent = await Descriptor.open(directory, O_DIRECTORY | O_RDONLY);
  });
  afterEach(async () => {
    parent[Symbol.dispose]();
    await rm(directory, { recursive: true });
  });

  const version = async (): Promise<Stamp> => stampOf(await lstat(file()));

  /** Writes its name over the version that is there now; its check number `stopAt` waits for `goOn`. */
  async function begin(name: string, stopAt = 0, atLast: () => void = () => undefined): Promise<Writer> {
    const expected = await version();
    await writeFile(join(directory, name), `${name}\n`);
    let checks = 0;
    let open: (answer: "now" | "as it was") => void = () => undefined;
    const gate = new Promise<"now" | "as it was">((resolve) => (open = resolve));
    const check = async (): Promise<BigIntStats> => {
      const before = await lstat(file());
      const stats = ++checks === stopAt && (await gate) === "as it was" ? before : await lstat(file());
      if (stampOf(stats) !== expected) throw new Error("changed");
      return stats;
    };
    const work = async (): Promise<"replaced" | "changed"> => {
      using open = await Descriptor.open(join(directory, name), O_RDONLY);
      try {
        await replace({
          parent,
          name: Buffer.from("a.py"),
          temporary: Buffer.from(name),
          file: open,
          check,
          atLast,
        });
        return "replaced";
      } catch (error) {
        if (error instanceof Error && error.message === "changed") return "changed";
        throw error;
      }
    };
    return { result: work(), checks: () => checks, goOn: (answer) => open(answer) };
  }

  const atCheck = (writer: Writer, number: number): Promise<unknown> => eventually(() => writer.checks() === number);
  const claims = async (): Promise<readonly string[]> =>
    (await readdir(directory)).filter((name) => name.startsWith(".classh-"));

  it("is for one of two who have seen the same version", async () => {
    const [ada, bob] = await Promise.all([begin("ada"), begin("bob")]);
    const results = await Promise.all([ada.result, bob.result]);
    assert.deepEqual(results.toSorted(), ["changed", "replaced"]);
    assert.equal(await readFile(file(), "utf8"), results[0] === "replaced" ? "ada\n" : "bob\n");
    assert.deepEqual(await claims(), []);
  });

  it("does not wait for ever for somebody who stands still, or was killed, with a claim", async () => {
    const ada = await begin("ada", 2);
    await atCheck(ada, 2);
    assert.equal((await claims()).length, 1);
    assert.equal(await (await begin("bob")).result, "replaced");
    ada.goOn("now");
    assert.equal(await ada.result, "changed");
    assert.equal(await readFile(file(), "utf8"), "bob\n");
    assert.deepEqual(await claims(), []);
  });

  it("is refused to somebody who wakes up between the look at the file and the rename", async () => {
    const ada = await begin("ada", 2);
    await atCheck(ada, 2);
    assert.equal(await (await begin("bob")).result, "replaced");
    ada.goOn("as it was");
    assert.equal(await ada.result, "changed");
    assert.equal(await readFile(file(), "utf8"), "bob\n");
  });

  it("is told to the right one when somebody who wakes up renames another one's claim", async () => {
    const ada = await begin("ada", 2);
    await atCheck(ada, 2);
    const bob = await begin("bob", 3);
    // Ada's claim is gone, and Bob's stands.
    await atCheck(bob, 3);
    ada.goOn("as it was");
    assert.equal(await ada.result, "changed");
    bob.goOn("as it was");
    assert.equal(await bob.result, "replaced");
    assert.equal(await readFile(file(), "utf8"), "bob\n");
    assert.deepEqual(await claims(), []);
  });

  /** What a writer's claim on the version of now is called: that of one who stands still with it, and then goes on in vain. */
  async function nameOfClaim(): Promise<string> {
    const ada = await begin("ada", 2);
    await atCheck(ada, 2);
    const [claim = ""] = await claims();
    await rm(join(directory, claim));
    ada.goOn("as it was"); // finds nothing to rename, begins again, and stands still no more
    assert.equal(await ada.result, "replaced");
    await rm(file());
    await rename(join(directory, "same"), file());
    return claim;
  }

  it("goes on with a claim that is its own already: an answer of NFS was lost", async () => {
    await link(file(), join(directory, "same"));
    const claim = await nameOfClaim();
    await writeFile(join(directory, "bob"), "bob\n");
    await link(join(directory, "bob"), join(directory, claim));
    const bob = await begin("bob");
    assert.equal(await bob.result, "replaced");
    assert.equal(bob.checks(), 2, "at once, without waiting for itself");
    assert.equal(await readFile(file(), "utf8"), "bob\n");
    assert.deepEqual(await claims(), []);
  });

  it("saves all the same where a program of the home has put a folder in the claim's place, or takes the temporary name away", async () => {
    await link(file(), join(directory, "same"));
    const claim = await nameOfClaim();
    await mkdir(join(directory, claim));
    assert.equal(await (await begin("bob")).result, "replaced");
    assert.equal(await readFile(file(), "utf8"), "bob\n");
    const cy = await begin("cy", 0, () => unlinkSync(join(directory, "cy")));
    assert.equal(await cy.result, "replaced");
    assert.equal(await readFile(file(), "utf8"), "cy\n");
  });

  it("makes the file anew when it was deleted meanwhile, and that is as wished", async () => {
    await rm(file());
    await writeFile(join(directory, "ada"), "ada\n");
    using open = await Descriptor.open(join(directory, "ada"), O_RDONLY);
    await replace({
      parent,
      name: Buffer.from("a.py"),
      temporary: Buffer.from("ada"),
      file: open,
      check: () => Promise.resolve(undefined),
      atLast: () => undefined,
    });
    assert.deepEqual(await readdir(directory), ["a.py"]);
  });
});

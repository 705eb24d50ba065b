import assert from "node:assert/strict";
import { mkdirSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Scope } from "../../src/base/scope.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { limits, makeFiles, type Files } from "../workspace/fixture.ts";
import { WatchedTree } from "./watched-tree.ts";

/** More than are shown, by far. */
const entries = 20_000;

describe("the file browser of a folder that changes", () => {
  let scope: Scope;
  let clock: FakeClock;
  let files: Files;
  let watched: WatchedTree;

  beforeEach(async () => {
    scope = new Scope("tree watch test");
    clock = new FakeClock();
    files = await makeFiles(scope, { clock });
    writeFileSync(join(files.home, "a.py"), "1");
    watched = scope.own(new WatchedTree(files.ada, clock));
  });
  afterEach(async () => {
    await scope.close();
    assert.equal(clock.timers, 0);
  });

  const inHome = (name: string): string => join(files.home, name);

  /** Changes as a program makes them; each makes one or two events. */
  function change(times: number): void {
    for (let time = 0; time < times; time++) {
      renameSync(inHome("f0"), inHome(`renamed-${time}`));
      writeFileSync(inHome(`new-${time}`), "");
      unlinkSync(inHome(`new-${time}`));
      renameSync(inHome(`renamed-${time}`), inHome("f0"));
    }
  }

  /** Time passes, and what it brings has some turns of the event loop. */
  async function pass(ms: number): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
  }

  /** Until `condition` holds, with time passing. */
  async function passUntil(
    condition: () => boolean | Promise<boolean>,
    meanwhile: () => void = () => undefined,
  ): Promise<void> {
    await eventually(async () => {
      meanwhile();
      await pass(100);
      return await condition();
    });
  }

  function fill(): void {
    for (let number = 0; number < entries; number++) writeFileSync(inHome(`f${number}`), "");
  }

  it("costs a bounded number of readings, however much changes, and shows the truth when it is over", async () => {
    fill();
    await watched.tree.expand("/home/ada");
    const document = await watched.documents.open("/home/ada/a.py");
    assert.equal(watched.tree.rows.filter(({ depth }) => depth === 1).length, limits.folderEntries + 1);
    await passUntil(() => watched.listings >= 2); // the second one when it is watched
    watched.forgetCounts();
    const began = clock.monotonic();
    for (let round = 0; round < 60; round++) {
      change(50);
      await pass(100);
    }
    const looks = 1 + (clock.monotonic() - began) / 500;
    assert.ok(watched.listings <= looks, `${watched.listings} readings of a folder`);
    // One of the document's watch, and one to follow; names that changed are not looked at at all.
    assert.ok(watched.stats <= 2 * looks + 2, `${watched.stats} looks at a file`);
    assert.ok(watched.redraws <= looks, `${watched.redraws} redraws`);
    assert.equal(watched.maxReading, 1);

    writeFileSync(inHome("a.py"), "2");
    await passUntil(
      () => document.editor.text() === "2",
      () => change(20),
    );

    for (const name of readdirSync(files.home)) if (/^f\d/.test(name) && name !== "f0") unlinkSync(inHome(name));
    writeFileSync(inHome("made.txt"), "");
    await passUntil(() => watched.tree.rows.some(({ name }) => name === "made.txt"));
    assert.ok(await watched.isTrue("/home/ada"));

    // Nothing goes on when nothing changes any more.
    await passUntil(() => clock.timers === 0);
    watched.forgetCounts();
    await pass(600_000);
    assert.deepEqual({ listings: watched.listings, stats: watched.stats }, { listings: 0, stats: 0 });
  });

  it("has nothing drawn again for a program that only writes to its files", async () => {
    await watched.tree.expand("/home/ada");
    await passUntil(() => watched.listings >= 2);
    watched.forgetCounts();
    await passUntil(
      () => watched.listings >= 2,
      () => writeFileSync(inHome("a.py"), `${clock.monotonic()}`),
    );
    assert.equal(watched.redraws, 0);
  });

  it("is read seldom while the person is away, and at once when the person is back", async () => {
    const visit = watched.attendance.attach("127.0.0.1");
    writeFileSync(inHome("f0"), "");
    await watched.tree.expand("/home/ada");
    await passUntil(() => watched.listings >= 2);
    visit[Symbol.dispose]();
    change(1);
    await passUntil(() => watched.listings >= 3);
    await pass(1000);
    watched.forgetCounts();
    for (let round = 0; round < 200; round++) {
      change(1);
      await pass(100);
    }
    assert.ok(watched.listings <= 1, `${watched.listings} readings in 20 s`);
    writeFileSync(inHome("made.txt"), "");
    await pass(0);
    using _back = watched.attendance.attach("127.0.0.1");
    clock.advance(0);
    await eventually(() => watched.tree.rows.some(({ name }) => name === "made.txt"));
  });

  it("sees an open folder that was deleted and made again", async () => {
    mkdirSync(inHome("data"));
    await watched.tree.expand("/home/ada");
    await watched.tree.expand("/home/ada/data");
    await passUntil(() => watched.listings >= 4);
    rmSync(inHome("data"), { recursive: true });
    await passUntil(() => !watched.tree.rows.some(({ name }) => name === "data"));
    mkdirSync(inHome("data"));
    await passUntil(() => watched.tree.rows.some(({ name }) => name === "data"));
    writeFileSync(inHome("data/b.py"), "");
    await passUntil(() => watched.tree.rows.some(({ name }) => name === "b.py"));
  });

  // The new one often has the inode of the old one, which the watch is still on.
  it("sees what happens in a folder that was deleted and made again before anybody looked", async () => {
    mkdirSync(inHome("data"));
    await watched.tree.expand("/home/ada");
    await watched.tree.expand("/home/ada/data");
    await passUntil(() => watched.listings >= 4);
    for (let round = 0; round < 5; round++) {
      rmSync(inHome("data"), { recursive: true });
      mkdirSync(inHome("data"));
      for (let turn = 0; turn < 30; turn++) await pass(100);
      writeFileSync(inHome(`data/b${round}.py`), "");
      await passUntil(() => watched.tree.rows.some(({ name }) => name === `b${round}.py`));
    }
  });

  const replacements: Readonly<Record<string, () => void>> = {
    "was renamed, and another one made": () => {
      renameSync(inHome("data/deep"), inHome("data/elsewhere"));
      mkdirSync(inHome("data/deep"));
    },
    "changed places with another one": () => {
      mkdirSync(inHome("data/other"));
      renameSync(inHome("data/deep"), inHome("data/elsewhere"));
      renameSync(inHome("data/other"), inHome("data/deep"));
    },
    "went with a folder above it that was renamed": () => {
      renameSync(inHome("data"), inHome("elsewhere"));
      mkdirSync(inHome("data/deep"), { recursive: true });
    },
    "went with a folder above it that was deleted": () => {
      rmSync(inHome("data"), { recursive: true });
      mkdirSync(inHome("data/deep"), { recursive: true });
    },
  };
  for (const [what, replace] of Object.entries(replacements)) {
    for (const slowly of [false, true]) {
      it(`follows a folder that ${what}${slowly ? ", with time between" : ""}, and a file in it that is open`, async () => {
        mkdirSync(inHome("data/deep"), { recursive: true });
        writeFileSync(inHome("data/deep/open.py"), "1");
        for (const folder of ["", "/data", "/data/deep"]) await watched.tree.expand(`/home/ada${folder}`);
        const document = await watched.documents.open("/home/ada/data/deep/open.py");
        await passUntil(() => watched.listings >= 6);
        replace();
        if (slowly) for (let turn = 0; turn < 50; turn++) await pass(100);
        writeFileSync(inHome("data/deep/new.py"), "");
        await passUntil(() => watched.tree.rows.some(({ path }) => path === "/home/ada/data/deep/new.py"));
        await passUntil(() => document.disk === "removed");
        for (let turn = 0; turn < 30; turn++) await pass(100);
        writeFileSync(inHome("data/deep/later.py"), "");
        writeFileSync(inHome("data/deep/open.py"), "2");
        await passUntil(() => watched.tree.rows.some(({ path }) => path === "/home/ada/data/deep/later.py"));
        await passUntil(() => document.content.text() === "2");
      });
    }
  }

  it("reads a folder once for all who ask until it is read", async () => {
    await watched.tree.expand("/home/ada");
    watched.forgetCounts();
    const asked: Promise<void>[] = [];
    for (let time = 0; time < 1000; time++) asked.push(watched.tree.refresh("/home/ada"));
    await Promise.all(asked);
    assert.ok(watched.listings <= 2, String(watched.listings));
    assert.equal(watched.maxReading, 1);
  });
});

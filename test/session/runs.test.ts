/** One run per file: who has it, who waits, who stops whom; with real locks and a Python that the test plays. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { systemClock } from "../../src/base/clock.ts";
import { Emitter } from "../../src/base/events.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { LockManager } from "../../src/locks/lock-manager.ts";
import type { Console } from "../../src/session/console.ts";
import { ConsoleRuns, type BusyRun, type RunPermit } from "../../src/session/console-runs.ts";
import { RunLocks } from "../../src/session/run-locks.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

const area = "/home/ada/area.py";

/** The runs of one session, and what its console was told. */
interface Place {
  readonly runs: ConsoleRuns;
  readonly console: Console;
  readonly told: string[];
  readonly notices: string[];
  /** Starts what was claimed. */
  start(permit: RunPermit): void;
  /** Claims and starts, or returns who is in the way. */
  run(path: string): Promise<BusyRun | undefined>;
}

describe("runs of one file", () => {
  let scope: Scope;
  let database: TestDatabase;
  let locks: LockManager;
  let elsewhere: LockManager;
  const clock = new FakeClock();

  const manager = (name: string): Promise<LockManager> =>
    LockManager.start({
      database: database.database,
      url: database.url,
      name,
      leaseSeconds: 10,
      machines: "several",
      clock: systemClock,
      log: silentLog,
    });

  before(async () => {
    database = await testDatabase();
    locks = await manager("here");
    elsewhere = await manager("elsewhere");
  });
  after(async () => {
    await locks.close();
    await elsewhere.close();
    await database[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    scope = new Scope("runs test");
  });
  afterEach(async () => {
    await scope.close();
    // Whoever stopped waiting may have been given it a moment before, and gives it back.
    await eventually(async () => isDeepStrictEqual(await locks.list(), []));
  });

  function place(username: string, by = locks, session = username): Place {
    const told: string[] = [];
    const notices: string[] = [];
    const pythonConsole: Console = {
      run: (path: string) => void told.push(`run ${path}`),
      interrupt: () => void told.push("interrupt"),
      restart: () => {
        told.push("restart");
        const sentence = runs.ended(pythonConsole);
        if (sentence !== undefined) notices.push(sentence);
      },
      print: () => undefined,
    } as unknown as Console;
    const person = { username, name: username === "ada" ? "Ada" : "Prof" };
    const runs: ConsoleRuns = scope.own(
      new ConsoleRuns({
        locks: new RunLocks({ locks: by, person, session, clock: by === locks ? clock : systemClock, log: silentLog }),
        onRestored: new Emitter<void>().on,
        notify: (_kind, text) => void notices.push(text),
        clock,
      }),
    );
    const start = (permit: RunPermit): void => runs.start(permit, pythonConsole, (console) => console.run(permit.path));
    const run = async (path: string): Promise<BusyRun | undefined> => {
      const claim: RunPermit | BusyRun = await runs.claim(path);
      if (claim.holder) return claim;
      start(claim);
      return undefined;
    };
    return { runs, console: pythonConsole, start, told, notices, run };
  }

  it("tells who runs a file, until the run has ended", async () => {
    const ada = place("ada");
    const prof = place("prof", elsewhere);
    assert.equal(await ada.run(area), undefined);
    const busy = await prof.run(area);
    assert.equal(busy?.holder.name, "Ada");
    assert.ok(Math.abs(busy.holder.since.getTime() - Date.now()) < 60_000);
    assert.deepEqual(prof.told, []);
    ada.runs.ended(ada.console);
    await eventually(async () => (await prof.run(area))?.holder === undefined);
  });

  it("lets a whole class run a file of the course at once", async () => {
    const [ada, prof] = [place("ada"), place("prof")];
    assert.equal(await ada.run("/course/Lecture Notes/one.py"), undefined);
    assert.equal(await prof.run("/course/Lecture Notes/one.py"), undefined);
    assert.deepEqual(await locks.list(), []);
  });

  it("lets a teacher try a student's file on a copy while the student runs it", async () => {
    const [ada, prof] = [place("ada"), place("prof", elsewhere)];
    assert.equal(await ada.run(area), undefined);
    assert.equal(await prof.run("/students/ada/area.py"), undefined);
    assert.deepEqual(
      (await locks.list()).map(({ name }) => name),
      [`run:${area}`],
    );
  });

  it("replaces the session's own run, from both of its windows at once, and keeps the lock for the last", async () => {
    const ada = place("ada");
    await ada.run(area);
    assert.deepEqual(await Promise.all([ada.run(area), ada.run(area)]), [undefined, undefined]);
    assert.equal((await locks.list()).length, 1);
    await ada.run("/home/ada/other.py");
    await eventually(async () =>
      isDeepStrictEqual(
        (await locks.list()).map(({ name }) => name),
        ["run:/home/ada/other.py"],
      ),
    );
  });

  it("gives the lock back where the run never starts", async () => {
    const ada = place("ada");
    const claim = await ada.runs.claim(area);
    assert.equal((await locks.list()).length, 1);
    claim.release();
    await eventually(async () => isDeepStrictEqual(await locks.list(), []));
  });

  it("runs for whoever waits when the first run has ended, and tells the first that somebody waits", async () => {
    const ada = place("ada");
    const prof = place("prof", elsewhere);
    await ada.run(area);
    const busy = await prof.run(area);
    assert.ok(busy);
    const waiting = prof.runs.wait(busy, { stop: false, signal: new AbortController().signal });
    await eventually(() =>
      isDeepStrictEqual(ada.notices, ["Prof is waiting to run area.py. It starts when your run ends."]),
    );
    ada.runs.ended(ada.console);
    prof.start(await waiting);
    assert.deepEqual(prof.told, [`run ${area}`]);
    assert.deepEqual(ada.told, [`run ${area}`]);
    assert.equal((await ada.run(area))?.holder.name, "Prof");
  });

  it("forgets whoever gives up waiting", async () => {
    const [ada, prof] = [place("ada"), place("prof")];
    await ada.run(area);
    const busy = await prof.run(area);
    assert.ok(busy);
    const enough = new AbortController();
    const waiting = prof.runs.wait(busy, { stop: false, signal: enough.signal });
    await eventually(async () => (await locks.list())[0]?.waiters.length === 1);
    enough.abort(new Error("enough"));
    await assert.rejects(waiting, /enough/);
    await eventually(async () => (await locks.list())[0]?.waiters.length === 0);
  });

  it("interrupts the run that somebody wants to stop, ends it when that does not help, and says who it was", async () => {
    const ada = place("ada");
    const prof = place("prof", elsewhere);
    await ada.run(area);
    const busy = await prof.run(area);
    assert.ok(busy);
    const waiting = prof.runs.wait(busy, { stop: true, signal: new AbortController().signal });
    await eventually(() => isDeepStrictEqual(ada.told, [`run ${area}`, "interrupt"]));
    clock.advance(3000);
    assert.deepEqual(ada.told, [`run ${area}`, "interrupt", "restart"]);
    assert.deepEqual(ada.notices, ["Prof stopped your run of area.py."]);
    (await waiting).release();
  });

  it("stops only the run that was meant", async () => {
    const [ada, tia] = [place("ada"), place("tia", elsewhere)];
    const prof = place("prof", elsewhere, "prof-2");
    await ada.run(area);
    const busy = await tia.run(area);
    assert.ok(busy);
    const tias = tia.runs.wait(busy, { stop: false, signal: new AbortController().signal });
    await eventually(() => ada.notices.length === 1);
    const enough = new AbortController();
    const profs = prof.runs.wait(busy, { stop: true, signal: enough.signal });
    await eventually(() => ada.told.includes("interrupt"));
    ada.runs.ended(ada.console);
    tia.start(await tias);
    await eventually(() => tia.notices.length === 1);
    assert.deepEqual(tia.told, [`run ${area}`]);
    enough.abort(new Error("enough"));
    await assert.rejects(profs, /enough/);
  });

  it("ends a run whose lock was taken, as `lock release` does", async () => {
    const ada = place("ada");
    await ada.run(area);
    assert.equal(await elsewhere.forceRelease(`run:${area}`), true);
    await eventually(() => isDeepStrictEqual(ada.told, [`run ${area}`, "restart"]));
    assert.deepEqual(ada.notices, ["Your run of area.py was stopped: somebody else took over."]);
  });

  it("takes the lock from a process that does not answer", async () => {
    await using deaf = await manager("deaf");
    const lock = await deaf.acquire(`run:${area}`, { owner: '{"user":"ada","name":"Ada","session":"deaf"}' });
    const prof = place("prof");
    const busy = await prof.run(area);
    assert.ok(busy);
    const waiting = prof.runs.wait(busy, { stop: true, signal: new AbortController().signal });
    await eventually(() => lock.waiters.length === 1);
    clock.advance(5000);
    (await waiting).release();
    await eventually(() => !lock.held);
  });

  it("gives everything back when the session ends in the middle", async () => {
    const ada = place("ada");
    await ada.run(area);
    const claiming = ada.runs.claim("/home/ada/other.py");
    await ada.runs[Symbol.asyncDispose]();
    (await claiming).release();
    await eventually(async () => isDeepStrictEqual(await locks.list(), []));
  });

  it("runs without the database", async () => {
    const lost = await manager("lost");
    await lost.close();
    const ada = place("ada", lost);
    assert.equal(await ada.run(area), undefined);
    assert.deepEqual(ada.told, [`run ${area}`]);
  });
});

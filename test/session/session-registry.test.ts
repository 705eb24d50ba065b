import assert from "node:assert/strict";
import { Emitter } from "../../src/base/events.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { RateLimiter } from "../../src/limits/rate.ts";
import type { Runner } from "../../src/runner/runner.ts";
import { jailSpecFor } from "../../src/session/jail-spec-for.ts";
import { Recovery } from "../../src/session/recovery.ts";
import { StudentSandboxes } from "../../src/session/student-sandboxes.ts";
import { SessionRegistry } from "../../src/session/session-registry.ts";
import type { Workbench } from "../../src/session/workbench.ts";
import { freeLocks } from "../support/free-locks.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { limits, makeFiles, type Files } from "../workspace/fixture.ts";

const minute = 60_000;

const courseChanges = new Emitter<readonly string[]>();

describe("session registry", () => {
  let scope: Scope;
  let clock: FakeClock;
  let files: Files;
  let registry: SessionRegistry;

  beforeEach(async () => {
    scope = new Scope("registry test");
    clock = new FakeClock();
    files = await makeFiles(scope);
    registry = scope.own(
      new SessionRegistry({
        limit: 3,
        settings: { keepMinutes: 30, idleMinutes: 60, maxAway: 2, minMemoryMebibytes: 0 },
        clock,
        log: silentLog,
      }),
    );
  });
  afterEach(() => scope.close());

  function open(username: string): Workbench {
    return registry.open({
      person: { username, role: "student", name: undefined },
      workspace: files.ada,
      studentSandboxes: new StudentSandboxes(files.workspaces, limits),
      highestLimits: limits.course,
      jailSpec: jailSpecFor(files.workspaces, limits, { username, role: "student" }),
      runner: { spare: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }) } as unknown as Runner,
      runs: new RateLimiter({ perMinute: 10, burst: 10, clock }),
      fileOperations: new RateLimiter({ perMinute: 600, clock: clock }),
      takeOverSeconds: 20,
      recovery: new Recovery({ directory: files.outside, clock, log: silentLog }),
      locks: freeLocks,
      courseChanges: courseChanges.on,
      courseName: "CS101",
      publicAddress: { host: "class.example.edu", port: 2222 },
      openFiles: 3,
      consoles: 4,
      clock,
      log: silentLog,
    });
  }

  const names = (): readonly string[] => registry.sessions.map(({ person }) => person.username);

  it("keeps the session of somebody who is away for half an hour, and no longer", () => {
    open("ada").attendance.attach("here")[Symbol.dispose]();
    clock.advance(29 * minute);
    registry.sweep();
    assert.deepEqual(names(), ["ada"]);
    clock.advance(minute);
    registry.sweep();
    assert.deepEqual(names(), []);
  });

  it("keeps a session whose person came back", () => {
    const ada = open("ada");
    ada.attendance.attach("here")[Symbol.dispose]();
    clock.advance(29 * minute);
    ada.attendance.attach("there");
    clock.advance(29 * minute);
    registry.sweep();
    assert.deepEqual(names(), ["ada"]);
    assert.equal(ada.attendance.awaySince, undefined);
  });

  it("ends the longest absent first when too many are away", () => {
    for (const name of ["ada", "alan", "grace"]) {
      open(name).attendance.attach("here")[Symbol.dispose]();
      clock.advance(minute);
    }
    registry.sweep();
    assert.deepEqual(names(), ["alan", "grace"]);
  });

  it("lets somebody in who comes to a full server, in place of the longest absent", () => {
    const [visit] = ["ada", "alan", "grace"].map((name) => open(name).attendance.attach("here"));
    assert.throws(() => open("emmy"), /full/);
    visit?.[Symbol.dispose]();
    open("emmy");
    assert.deepEqual(names(), ["alan", "grace", "emmy"]);
  });

  it("warns somebody who does nothing, then ends the session with a sentence", () => {
    const ada = open("ada");
    const heard: string[] = [];
    ada.notices.onNotice(({ text }) => void heard.push(text));
    ada.onEnd((reason) => void heard.push(reason));
    const visit = ada.attendance.attach("here");
    clock.advance(56 * minute);
    registry.sweep();
    registry.sweep();
    assert.equal(heard.length, 1);
    assert.match(heard[0] ?? "", /still there/);
    visit.touch();
    clock.advance(50 * minute);
    registry.sweep();
    assert.deepEqual(names(), ["ada"]);
    clock.advance(10 * minute);
    registry.sweep();
    assert.deepEqual(names(), []);
    assert.match(heard.at(-1) ?? "", /Your work is kept/);
  });

  it("makes a person's next session wait until the last one has put its text away", async () => {
    const ada = open("ada");
    const ended = registry.end(ada, "");
    assert.equal(registry.isLive(ada.id), true);
    await registry.whenEnded("ada");
    assert.equal(registry.isLive(ada.id), false);
    await ended;
  });
});

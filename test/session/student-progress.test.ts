/** What a session tells teachers about its person. */
import assert from "node:assert/strict";
import { Emitter } from "../../src/base/events.ts";
import type { RunEnd } from "../../src/runner/console-state.ts";
import { Attendance, type Attachment } from "../../src/session/attendance.ts";
import type { Console } from "../../src/session/console.ts";
import type { FinishedRun } from "../../src/session/consoles.ts";
import { StudentProgress } from "../../src/session/student-progress.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("a person's progress", () => {
  let clock: FakeClock;
  let finished: Emitter<RunEnd>;
  let changed: Emitter<void>;
  let activity: Console["activity"];
  let visit: Attachment;
  let progress: StudentProgress;
  let moves: number;
  beforeEach(() => {
    clock = new FakeClock();
    finished = new Emitter();
    changed = new Emitter();
    activity = "prompt";
    moves = 0;
    const attendance = new Attendance(clock);
    const console = { onChange: changed.on } as unknown as Console;
    const consoles = {
      onFinished: (listener: (run: FinishedRun) => void) => finished.on((each) => listener({ console, end: each })),
      follow: (listen: (each: Console) => Disposable) => listen(console),
      get isRunning() {
        return activity === "running";
      },
    };
    progress = new StudentProgress({ attendance, consoles, clock });
    visit = attendance.attach("here");
    progress.onMove(() => (moves += 1));
  });
  afterEach(() => progress[Symbol.asyncDispose]());

  const become = (state: Console["activity"]): void => {
    activity = state;
    changed.emit();
  };
  const end = (outcome: RunEnd["outcome"], more: Partial<RunEnd> = {}): void => {
    become("ended");
    finished.emit({ file: "/home/ada/a.py", outcome, seconds: 1, ...more });
  };
  const fail = (error = "NameError: name 'x' is not defined", errorLine = 3): void =>
    end({ kind: "exited", status: 1 }, { error, errorLine });

  it("is typing until ten seconds after the last key, then idle since that key; the next key is told at once", () => {
    assert.equal(progress.work.activity, "typing");
    clock.advance(8000);
    visit.touch();
    clock.advance(9000);
    assert.equal(progress.work.activity, "typing");
    clock.advance(2000);
    assert.deepEqual([progress.work.activity, clock.now() - progress.work.since], ["idle", 11_000]);
    assert.equal(moves, 0);
    visit.touch();
    assert.equal(moves, 1);
    assert.equal(progress.work.activity, "typing");
    visit[Symbol.dispose]();
    assert.deepEqual([progress.work.activity, moves], ["away", 2]);
  });

  it("is running while a program runs, told when it begins and ends and not with every line of output", () => {
    become("running");
    clock.advance(30_000);
    assert.deepEqual([progress.work.activity, moves], ["running", 1]);
    for (let line = 0; line < 100; line++) changed.emit();
    assert.equal(moves, 1);
    end({ kind: "exited", status: 0 });
    assert.deepEqual(progress.work.run, { file: "/home/ada/a.py", outcome: "ok", ok: true, at: clock.now() });
    assert.equal(progress.work.error, null);
  });

  it("counts the same error in a row, though its line moves; another error or a good run begins anew, a stop does not", () => {
    fail();
    fail(undefined, 5);
    end({ kind: "stopped" });
    fail(undefined, 7);
    assert.deepEqual(progress.work.error, { text: "NameError: name 'x' is not defined (line 7)", times: 3 });
    fail("TypeError: no");
    assert.equal(progress.work.error?.times, 1);
    end({ kind: "exited", status: 0 });
    assert.equal(progress.work.error, null);
  });

  it("is in error when a run has failed and no key follows, since the run or the last key", () => {
    fail();
    clock.advance(20_000);
    assert.deepEqual([progress.work.activity, clock.now() - progress.work.since], ["error", 20_000]);
    visit.touch();
    assert.equal(progress.work.activity, "typing");
    clock.advance(15_000);
    assert.deepEqual([progress.work.activity, clock.now() - progress.work.since], ["error", 15_000]);
  });

  it("says in a word or two how a run ended", () => {
    const outcomes: readonly (readonly [RunEnd["outcome"], string, boolean])[] = [
      [{ kind: "exited", status: 3 }, "exit 3", false],
      [{ kind: "timed-out", seconds: 30 }, "timed out", false],
      [{ kind: "out-of-memory", mebibytes: 128 }, "out of memory", false],
      [{ kind: "stopped" }, "stopped", true],
    ];
    for (const [outcome, word, ok] of outcomes) {
      end(outcome);
      assert.deepEqual([progress.work.run?.outcome, progress.work.run?.ok], [word, ok]);
    }
    assert.equal(progress.work.error?.text, "Stopped: it needed more than 128 MiB of memory.");
  });
});

import assert from "node:assert/strict";
import { UserError } from "../../../src/base/errors.ts";
import { silentLog } from "../../../src/base/log.ts";
import { disposable } from "../../../src/base/scope.ts";
import { actions, keysOf } from "../../../src/commands/actions.ts";
import { Arrangement } from "../../../src/tui/client/arrangement.ts";
import { ClientEvents } from "../../../src/tui/client/client-events.ts";
import { consoleBytes } from "../../../src/tui/client/console-bytes.ts";
import { RedrawScheduler, type RedrawSchedulerOptions } from "../../../src/tui/client/redraw-scheduler.ts";
import { ActionRunner } from "../../../src/tui/parts/action-runner.ts";
import { HeldInput } from "../../../src/tui/client/held-input.ts";
import { helpSections, hints, paletteItems } from "../../../src/tui/client/menus.ts";
import { Notices } from "../../../src/tui/parts/notices.ts";
import { InputDecoder } from "../../../src/terminal/input/decoder.ts";
import type { InputEvent } from "../../../src/terminal/input/event.ts";
import type { StatusNotice } from "../../../src/tui/views/status-line.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { ManualClock } from "../manual-clock.ts";

function textOf(notices: Notices): string | undefined {
  return notices.current?.text;
}

describe("messages", () => {
  it("go after 5 seconds, errors at the next key", () => {
    const clock = new FakeClock();
    using notices = new Notices(clock, () => undefined);
    notices.show({ kind: "success", text: "Saved." });
    notices.keyPressed();
    clock.advance(4999);
    assert.equal(textOf(notices), "Saved.");
    clock.advance(1);
    assert.equal(textOf(notices), undefined);
    notices.show({ kind: "error", text: "No." });
    clock.advance(60_000);
    assert.equal(textOf(notices), "No.");
    notices.keyPressed();
    assert.equal(textOf(notices), undefined);
  });

  it("replace each other, and the newer one has its full time", () => {
    const clock = new FakeClock();
    using notices = new Notices(clock, () => undefined);
    notices.show({ kind: "info", text: "one" });
    clock.advance(4000);
    notices.show({ kind: "info", text: "two" });
    clock.advance(4000);
    assert.equal(notices.current?.text, "two");
  });

  it("leave no timer behind", () => {
    const clock = new FakeClock();
    const notices = new Notices(clock, () => undefined);
    notices.show({ kind: "info", text: "one" });
    notices[Symbol.dispose]();
    assert.equal(clock.timers, 0);
  });
});

function makeGuard(): {
  clock: FakeClock;
  shown: StatusNotice[];
  progress: (string | undefined)[];
  guard: ActionRunner;
} {
  const clock = new FakeClock();
  const shown: StatusNotice[] = [];
  const progress: (string | undefined)[] = [];
  const guard = new ActionRunner({
    clock,
    log: silentLog,
    show: (message) => void shown.push(message),
    setProgress: (text) => void progress.push(text),
  });
  return { clock, shown, progress, guard };
}

describe("the guard of actions", () => {
  it("says what happened and what to do, whether it is thrown now or later", async () => {
    const { shown, guard } = makeGuard();
    const error = new UserError("exists", "there is a file area.py already", "Choose another name.");
    guard.run("now", () => {
      throw error;
    });
    const failing = Promise.reject(error);
    guard.run("later", () => failing);
    await failing.catch(() => undefined);
    await Promise.resolve();
    assert.deepEqual(
      shown.map(({ text }) => text),
      Array(2).fill("There is a file area.py already. Choose another name."),
    );
  });

  it("starts an action that is still under way only once", async () => {
    const { guard } = makeGuard();
    let count = 0;
    let finish!: () => void;
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    for (let press = 0; press < 5; press++) {
      guard.run("save", () => {
        count++;
        return work;
      });
    }
    assert.equal(count, 1);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    guard.run("save", () => void count++);
    assert.equal(count, 2);
  });

  it("shows that something is happening after 300 ms, and that it is over", async () => {
    const { clock, progress, guard } = makeGuard();
    let finish!: () => void;
    guard.run(
      "slow",
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    clock.advance(299);
    assert.deepEqual(progress, []);
    clock.advance(1);
    assert.deepEqual(progress, ["Working…"]);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(progress, ["Working…", undefined]);
    assert.equal(clock.timers, 0);
  });
});

describe("what is typed while the session opens", () => {
  it("is kept in order, up to a bound, and replayed also when opening fails", async () => {
    const replayed: InputEvent[] = [];
    const held = new HeldInput({ isAsking: () => false, replay: (event) => void replayed.push(event) });
    const failing = held.during(() => {
      for (let count = 0; count < 1000; count++) assert.ok(held.take({ kind: "text", text: String(count) }));
      return Promise.reject(new Error("no"));
    });
    await assert.rejects(failing, /no/);
    assert.equal(replayed.length, 200);
    assert.deepEqual(replayed[1], { kind: "text", text: "1" });
    assert.equal(held.take({ kind: "text", text: "x" }), false);
  });
});

/** What the console's program gets for what a terminal sent. */
function passedOn(sent: string, { term = "xterm-256color", applicationCursor = false } = {}): string {
  let passed = "";
  using decoder = new InputDecoder({
    clock: new ManualClock(),
    term,
    erase: 0x7f,
    emit: (event) => {
      if (event.kind === "key") passed += consoleBytes(event, applicationCursor);
      else if (event.kind === "text") passed += event.text;
    },
  });
  decoder.feed(Buffer.from(sent));
  return passed;
}

describe("keys for the console", () => {
  const cases: readonly (readonly [what: string, sent: string, wanted: string, term?: string])[] = [
    ["Enter of kitty", "\x1b[13u", "\r"],
    ["Enter of the keypad", "\x1bOM", "\r"],
    ["Ctrl-Enter of kitty", "\x1b[13;5u", "\r"],
    ["Tab of kitty", "\x1b[9u", "\t"],
    ["Shift-Tab of kitty", "\x1b[9;2u", "\x1b[Z"],
    ["Ctrl-C", "\x03", "\x03"],
    ["Ctrl-C of kitty", "\x1b[99;5u", "\x03"],
    ["Ctrl-D of modifyOtherKeys", "\x1b[27;5;100~", "\x04"],
    ["Ctrl-Shift-A of kitty", "\x1b[97;6u", "\x01"],
    ["Ctrl-1 of kitty, which xterm has no bytes for", "\x1b[49;5u", ""],
    ["Ctrl-; of kitty, which xterm has no bytes for", "\x1b[59;5u", ""],
    ["Alt-B", "\x1bb", "\x1bb"],
    ["Alt-B of kitty", "\x1b[98;3u", "\x1bb"],
    ["Alt-Shift-B of kitty", "\x1b[98;4u", "\x1bB"],
    ["Alt-É", "\x1bé", "\x1bé"],
    ["Ctrl-Alt-H", "\x1b\b", "\x1b\b"],
    ["Alt-Backspace", "\x1b\x7f", "\x1b\x7f"],
    ["Up of application mode", "\x1bOA", "\x1b[A"],
    ["Shift-Up", "\x1b[1;2A", "\x1b[1;2A"],
    ["Shift-Up of rxvt", "\x1b[a", "\x1b[1;2A"],
    ["Ctrl-Left of rxvt", "\x1bOd", "\x1b[1;5D"],
    ["Alt-Up of PuTTY", "\x1b\x1b[A", "\x1b[1;3A"],
    ["Home of PuTTY", "\x1b[1~", "\x1b[H"],
    ["Shift-Delete of rxvt", "\x1b[3$", "\x1b[3;2~"],
    ["Ctrl-Shift-End", "\x1b[1;6F", "\x1b[1;6F"],
    ["F1 of Linux", "\x1b[[A", "\x1bOP", "linux"],
    ["Shift-F1", "\x1b[1;2P", "\x1b[1;2P"],
    ["F7", "\x1b[18~", "\x1b[18~"],
    ["F10", "\x1b[21~", "\x1b[21~"],
    ["Shift-F7 of Linux", "\x1b[33~", "\x1b[18;2~", "linux"],
    ["Ctrl-F12", "\x1b[24;5~", "\x1b[24;5~"],
  ];
  for (const [what, sent, wanted, term] of cases) {
    it(`${what} is written as ${JSON.stringify(wanted)}`, () => {
      assert.equal(passedOn(sent, term === undefined ? {} : { term }), wanted);
    });
  }

  it("follow the program's cursor-key mode, but for keys with Shift and the like", () => {
    const keys = "\x1b[A\x1b[H\x1b[1;5C\x1b[5~";
    assert.equal(passedOn(keys, { applicationCursor: true }), "\x1bOA\x1bOH\x1b[1;5C\x1b[5~");
  });
});

describe("the arrangement of panes", () => {
  const narrow = { columns: 80, rows: 24 };
  const wide = { columns: 120, rows: 40 };

  it("walks F2 on 80 columns: files, hidden, over the text, beside it again", () => {
    const arrangement = new Arrangement({ size: narrow });
    const steps = Array.from({ length: 4 }, () => {
      arrangement.toggleFiles();
      const { tree, treeOverlay } = arrangement.layout();
      return `${arrangement.focus} ${tree ? (treeOverlay ? "over" : "beside") : "hidden"}`;
    });
    assert.deepEqual(steps, ["files beside", "editor hidden", "files over", "files beside"]);
  });

  it("brings hidden files back beside the text where there is room", () => {
    const arrangement = new Arrangement({ size: wide });
    for (let press = 0; press < 3; press++) arrangement.toggleFiles();
    assert.equal(arrangement.layout().treeOverlay, false);
    assert.ok(arrangement.layout().tree);
  });

  it("goes back to the pane that the person came from", () => {
    const arrangement = new Arrangement({ size: wide });
    arrangement.focusOn("console");
    arrangement.toggleFiles();
    arrangement.toggleFiles();
    assert.equal(arrangement.focus, "console");
  });

  it("visits the panes that are on the screen with F6", () => {
    const arrangement = new Arrangement({ size: wide });
    const round = Array.from({ length: 3 }, () => {
      arrangement.focusNext();
      return arrangement.focus;
    });
    assert.deepEqual(round, ["console", "files", "editor"]);
  });
});

describe("menus", () => {
  it("offer every action in the palette and every bound one in the help", () => {
    const help = helpSections(() => true).flatMap(({ entries }) => entries.map(({ does }) => does));
    for (const action of actions) {
      if (action.id !== "palette")
        assert.ok(
          paletteItems(() => true).some(({ id }) => id === action.id),
          action.id,
        );
      if (action.keys.length > 0) assert.ok(help.includes(action.title), action.id);
    }
  });

  it("have help whose every entry fits on a screen of 80 columns", () => {
    const room = 71;
    const entries = helpSections(() => true).flatMap((section) => section.entries);
    assert.deepEqual(
      entries.filter(({ keys, does }) => Math.max(27, keys.length) + 2 + does.length > room),
      [],
    );
  });

  it("show in the hint line only keys that work in that pane", () => {
    for (const pane of ["files", "editor", "console"] as const) {
      for (const { action } of hints[pane])
        if (action) assert.ok(keysOf(action, pane).length > 0, `${pane} ${action.id}`);
      assert.ok(
        hints[pane].some(({ label }) => label === "Help"),
        pane,
      );
    }
  });
});

describe("the status line of somebody who types", () => {
  it("follows in the frame of a key within a second, and when typing pauses", async () => {
    const clock = new FakeClock();
    const nothing = (): Disposable => disposable(() => undefined);
    const drawn: number[] = [];
    const options = {
      clock,
      arrangement: { focus: "editor", onChange: nothing },
      events: new ClientEvents(),
      finding: {},
      view: { onChange: nothing, workbench: { viewers: { onChange: nothing }, console: { onFinished: nothing } } },
      panes: {
        invalidate: (...names: readonly string[]) => void (names.includes("status") && drawn.push(clock.monotonic())),
        followConsole: () => false,
      },
    } as unknown as RedrawSchedulerOptions;
    await using following = new RedrawScheduler(options);
    const keys: number[] = [];
    for (let key = 0; key < 25; key++) {
      keys.push(clock.monotonic());
      following.cursorMoved();
      clock.advance(120);
    }
    const last = keys.at(-1) ?? 0;
    assert.ok(drawn.length >= 3, drawn.join(" "));
    for (const [index, at] of drawn.entries()) {
      assert.ok(keys.includes(at), `a frame of its own at ${at}`);
      assert.ok(at - (drawn[index - 1] ?? 0) <= 1000, drawn.join(" "));
    }
    clock.advance(500);
    assert.equal(drawn.at(-1), last + 250);
    const count = drawn.length;
    clock.advance(5000);
    assert.equal(drawn.length, count);
  });

  it("waits for nothing but the next minute while nobody does anything, and for seconds while a program runs", async () => {
    const clock = new FakeClock();
    const drawn: string[] = [];
    const nothing = () => disposable(() => undefined);
    let running = false;
    const options = {
      clock,
      arrangement: { onChange: nothing, focus: "editor" },
      events: new ClientEvents(),
      view: { onChange: nothing, workbench: { viewers: { onChange: nothing }, console: { onFinished: nothing } } },
      panes: {
        invalidate: (...names: readonly string[]) => void drawn.push(...names),
        followConsole: () => running,
      },
      variables: { isOutdated: false },
    } as unknown as RedrawSchedulerOptions;
    clock.advance(30_400);
    {
      await using following = new RedrawScheduler(options);
      assert.equal(clock.timers, 1);
      clock.advance(29_000);
      assert.deepEqual(drawn, []);
      clock.advance(60_000);
      // The minute began at 60 s; this screen has its moment 400 ms later.
      assert.deepEqual(drawn, ["header"]);
      running = true;
      following.changed("console");
      assert.equal(clock.timers, 2);
      clock.advance(3000);
      assert.equal(drawn.filter((name) => name === "console").length, 4);
      running = false;
      following.changed("console");
      assert.equal(clock.timers, 1);
    }
    assert.equal(clock.timers, 0);
  });
});

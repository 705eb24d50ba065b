import assert from "node:assert/strict";
import type { InputEvent } from "../../../src/terminal/input/event.ts";
import { InputPump } from "../../../src/terminal/input/pump.ts";
import { createFakeTerminal, type FakeTerminal } from "../../support/fake-terminal.ts";
import { ManualClock } from "../../tui/manual-clock.ts";

interface Stage extends Disposable {
  readonly terminal: FakeTerminal;
  readonly events: InputEvent[];
  readonly pump: InputPump;
  /** Resolves when that many events were handled. */
  handled(count: number): Promise<void>;
}

/** A pump whose every event takes `cost` milliseconds to handle. */
function stage(cost: number): Stage {
  const terminal = createFakeTerminal();
  const clock = new ManualClock();
  const events: InputEvent[] = [];
  let look: (() => void) | undefined;
  const pump = new InputPump(terminal, {
    clock,
    onEvent: (event) => {
      events.push(event);
      clock.advance(cost);
      look?.();
    },
  });
  return {
    terminal,
    events,
    pump,
    handled: (count) =>
      new Promise((resolve) => {
        look = () => {
          if (events.length >= count) resolve();
        };
        look();
      }),
    [Symbol.dispose]() {
      pump[Symbol.dispose]();
      terminal[Symbol.dispose]();
    },
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the input pump", () => {
  it("lets others have a turn after 4 ms of one person's input, and reads no more meanwhile", async () => {
    using on = stage(1);
    on.terminal.input("\r".repeat(12));
    await Promise.resolve();
    assert.equal(on.events.length, 5);
    assert.equal(on.terminal.inputPaused, true);
    on.terminal.input("end");
    await nextTurn();
    assert.equal(on.events.length, 10);
    await on.handled(13);
    assert.deepEqual(on.events.at(-1), { kind: "text", text: "end" });
    await nextTurn();
    assert.equal(on.terminal.inputPaused, false);
  });

  it("decodes what there is time for: the rest of a chunk waits as bytes", async () => {
    using on = stage(1);
    on.terminal.input("\x1b[A\x1b[<35;10;10M\x7f".repeat(20_000));
    await Promise.resolve();
    assert.equal(on.events.length, 5);
    assert.ok(on.pump.waitingEvents < 2048, `${on.pump.waitingEvents} events wait`);
    await on.handled(40_000);
    assert.deepEqual(on.events.at(-1), on.events[1]);
  });

  it("takes no key apart that it is kept from reading to its end", async () => {
    using on = stage(600); // longer than a half key is waited for
    on.terminal.input(`${"x".repeat(2047)}\x1b[A`);
    on.terminal.input("\x1b");
    on.terminal.input("[B");
    await on.handled(3);
    assert.deepEqual(
      on.events.map((event) => (event.kind === "key" ? event.name : event.kind)),
      ["text", "Up", "Down"],
    );
  });

  it("handles what fits into one turn without pausing", async () => {
    using on = stage(0);
    on.terminal.input("one\rtwo\r");
    await Promise.resolve();
    assert.equal(on.events.length, 4);
    assert.equal(on.terminal.inputPaused, false);
  });

  it("keeps only the newest of a run of drags", async () => {
    using on = stage(0);
    const drags = Array.from({ length: 100 }, (_, column) => `\x1b[<32;${column + 1};5M`).join("");
    on.terminal.input(`\x1b[<0;1;5M${drags}\x1b[<0;100;5m`);
    await Promise.resolve();
    assert.deepEqual(
      on.events.map((event) => event.kind === "mouse" && `${event.action}@${event.column}`),
      ["press@0", "drag@99", "release@99"],
    );
  });

  it("stops at once when it is closed while it handles an event, and lets go of the terminal", async () => {
    using on = stage(1);
    on.terminal.input("\r".repeat(12));
    await Promise.resolve();
    on.pump[Symbol.dispose]();
    await nextTurn();
    await nextTurn();
    assert.equal(on.events.length, 5);
    assert.equal(on.terminal.listenerCount, 0);
    assert.equal(on.terminal.inputPaused, false, "the next screen reads on");
  });

  it("handles what follows an event whose handling threw", async () => {
    const terminal = createFakeTerminal();
    const events: InputEvent[] = [];
    const failed = new Promise<unknown>((resolve) => {
      // What a microtask throws; the test runner would take it for a test's.
      const [theirs] = process.listeners("uncaughtException");
      if (theirs) process.removeListener("uncaughtException", theirs);
      process.once("uncaughtException", (error) => {
        if (theirs) process.on("uncaughtException", theirs);
        resolve(error);
      });
    });
    using pump = new InputPump(terminal, {
      clock: new ManualClock(),
      onEvent: (event) => {
        if (event.kind === "key") throw new Error("a bug");
        events.push(event);
      },
    });
    terminal.input("\rone");
    assert.match(String(await failed), /a bug/);
    await nextTurn();
    terminal.input("two");
    await nextTurn();
    assert.deepEqual(
      events.map((event) => event.kind === "text" && event.text),
      ["one", "two"],
    );
    assert.ok(pump);
    terminal[Symbol.dispose]();
  });
});

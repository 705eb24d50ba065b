/** The bar of a message that has just come, on a terminal in memory; its ten seconds are the test's. */
import assert from "node:assert/strict";
import { systemClock } from "../../../src/base/clock.ts";
import type { InputEvent } from "../../../src/terminal/input/event.ts";
import { MessageBar } from "../../../src/tui/parts/message-bar.ts";
import { openScreen } from "../../../src/terminal/screen.ts";
import { createFakeTerminal } from "../../support/fake-terminal.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("a message's bar", () => {
  it("stays for ten seconds under the top line, from the last message on, and lets every key through", async () => {
    using terminal = createFakeTerminal({ columns: 80, rows: 24 });
    const clock = new FakeClock();
    const keys: string[] = [];
    using screen = openScreen(terminal, { clock: systemClock, onError: assert.ifError });
    const below = {
      draw: () => undefined,
      handle: (event: InputEvent) => {
        keys.push(event.kind === "text" ? event.text : event.kind);
        return true;
      },
    };
    using _below = screen.push(below);
    screen.focus(below);
    let unread = 1;
    using bar = new MessageBar({
      clock,
      unread: () => unread,
      redraw: () => screen.invalidate(),
      open: () => undefined,
    });
    using _bar = screen.push(bar);
    bar.show("Prof: line 3");
    await terminal.wait((rows) => /^ ✉ Prof: line 3 +F12 or Ctrl-K Ctrl-B opens/.test(rows[1] ?? ""));
    terminal.input("ab");
    clock.advance(9000);
    unread = 2;
    bar.show(`Prof: ${"look at it ".repeat(40)}`);
    clock.advance(9999);
    await terminal.wait(
      (rows) => /Prof: look/.test(rows[1] ?? "") && /….*2 unread, F12.*opens/.test(rows[3] ?? "") && rows[4] === "",
    );
    clock.advance(1);
    await terminal.wait((rows) => rows.every((row) => row === ""));
    assert.equal(keys.join(""), "ab");
    assert.equal(clock.timers, 0);
  });
});

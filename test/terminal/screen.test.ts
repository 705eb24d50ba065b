import assert from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { timings } from "../../src/base/measures.ts";
import { UserError } from "../../src/base/errors.ts";
import { openScreen, type Screen } from "../../src/terminal/screen.ts";
import { createFakeTerminal, type FakeTerminal, type FakeTerminalOptions } from "../support/fake-terminal.ts";
import { ManualClock } from "../tui/manual-clock.ts";
import { Typewriter } from "../tui/typewriter.ts";

interface Stage extends Disposable {
  readonly terminal: FakeTerminal;
  readonly screen: Screen;
  readonly layer: Typewriter;
  readonly clock: ManualClock;
  readonly errors: unknown[];
}

/** A screen with a typewriter on it, and a clock that stands still. */
async function stage(options: FakeTerminalOptions = {}): Promise<Stage> {
  const terminal = createFakeTerminal(options);
  const clock = new ManualClock();
  const errors: unknown[] = [];
  const screen = openScreen(terminal, { clock, onError: (error) => errors.push(error) });
  const layer = new Typewriter();
  screen.push(layer);
  await terminal.settled();
  return {
    terminal,
    screen,
    layer,
    clock,
    errors,
    [Symbol.dispose]() {
      screen[Symbol.dispose]();
      terminal[Symbol.dispose]();
    },
  };
}

describe("a screen", () => {
  it("shows what is typed, with the cursor behind it", async () => {
    using on = await stage();
    on.clock.advance(100);
    on.terminal.input("hello");
    await on.terminal.wait("hello");
    assert.deepEqual(on.terminal.cursor(), { row: 0, column: 5, visible: true });
  });

  it("draws the first twelve keys at once, later ones every 16 ms, each frame in one write", async () => {
    using on = await stage();
    on.clock.advance(100);
    on.terminal.takeOutput();
    for (const character of "abcdefghijkl") {
      on.terminal.input(character);
      await on.terminal.settled();
    }
    assert.equal(on.terminal.screen()[0], "abcdefghijkl");
    assert.equal(on.terminal.writes, 12);
    on.terminal.input("m");
    on.terminal.input("n");
    await on.terminal.settled();
    on.clock.advance(15);
    await on.terminal.settled();
    assert.equal(on.terminal.screen()[0], "abcdefghijkl");
    on.clock.advance(1);
    await on.terminal.settled();
    assert.equal(on.terminal.screen()[0], "abcdefghijklmn");
    assert.equal(on.terminal.writes, 13);
    on.terminal.input("o");
    await on.terminal.settled();
    assert.equal(on.terminal.screen()[0], "abcdefghijklmn");
  });

  it("spends few bytes on a key", async () => {
    using on = await stage();
    on.clock.advance(100);
    on.terminal.takeOutput();
    on.terminal.input("x");
    await on.terminal.settled();
    assert.equal(on.terminal.takeOutput(), "x");
  });

  it("skips frames while the client does not keep up, and catches up in one", async () => {
    using on = await stage();
    on.terminal.holdAcknowledgements();
    on.terminal.write(" ".repeat(70_000)); // more than may be on its way
    on.terminal.takeOutput();
    for (const character of "slow client") {
      on.clock.advance(20);
      on.terminal.input(character);
      await on.terminal.settled();
    }
    assert.equal(on.terminal.takeOutput(), "");
    on.screen.redraw(); // the test wrote those spaces behind the screen's back
    on.terminal.acknowledge();
    await on.terminal.wait("slow client");
    assert.equal(on.terminal.writes, 1);
  });

  it("is timed from the first key to the frame with it, once for a frame, and not for whom the client is behind", async () => {
    const seen: number[] = [];
    using _listening = timings.keyToFrame.listen((seconds) => seen.push(seconds));
    using on = await stage();
    on.clock.advance(100);
    on.screen.invalidate();
    await on.terminal.settled();
    on.terminal.mouse("press", 0, 0);
    await on.terminal.settled();
    assert.equal(seen.length, 0, "a frame without a key");
    on.terminal.input("abc");
    await on.terminal.settled();
    assert.equal(seen.length, 1);
    on.layer.consumes = false;
    on.terminal.input("x");
    await on.terminal.settled();
    on.screen.invalidate();
    await on.terminal.settled();
    assert.equal(seen.length, 1, "a key that nothing took");
    on.layer.consumes = true;
    on.terminal.holdAcknowledgements();
    on.terminal.write(" ".repeat(70_000));
    on.terminal.input("y");
    await on.terminal.settled();
    on.terminal.acknowledge();
    await on.terminal.settled();
    assert.equal(seen.length, 1, "a client that was behind");
  });

  it("draws anew after a change of size, at the new size", async () => {
    using on = await stage();
    on.layer.footer = true;
    on.clock.advance(100);
    on.terminal.resizeTo(200, 50);
    await on.terminal.settled();
    assert.match(on.terminal.screen()[49] ?? "", /end of 200x50$/);
    on.clock.advance(100);
    on.terminal.resizeTo(60, 16);
    await on.terminal.settled();
    assert.match(on.terminal.screen()[15] ?? "", /end of 60x16$/);
  });

  it("takes the alternate screen and gives everything back, with a last line", async () => {
    using terminal = createFakeTerminal();
    terminal.write("$ ssh classh\r\n");
    await terminal.settled();
    const screen = openScreen(terminal, { clock: systemClock, onError: fail });
    screen.push(new Typewriter("in the editor"));
    await terminal.wait("in the editor");
    const { modes } = terminal.emulator;
    assert.equal(terminal.alternate(), true);
    assert.deepEqual(
      [modes.bracketedPasteMode, modes.sendFocusMode, modes.mouseTrackingMode, modes.wraparoundMode],
      [true, true, "drag", false],
    );
    screen.leave("Goodbye.");
    screen.leave("Goodbye twice.");
    await terminal.settled();
    const after = terminal.emulator.modes;
    assert.equal(terminal.alternate(), false);
    assert.deepEqual(
      [after.bracketedPasteMode, after.sendFocusMode, after.mouseTrackingMode, after.wraparoundMode],
      [false, false, "none", true],
    );
    assert.deepEqual(terminal.screen().slice(0, 3), ["$ ssh classh", "Goodbye.", ""]);
    assert.equal(terminal.cursor().visible, true);
    assert.equal(terminal.listenerCount, 0);
  });

  it("breaks its last sentence at words, at the width that the terminal has then", async () => {
    using on = await stage();
    on.terminal.resizeTo(30, 10);
    on.screen.leave("The server restarts. Your work is saved; log in again in a minute.");
    await on.terminal.settled();
    const lines = on.terminal.screen().filter((line) => line !== "");
    assert.deepEqual(lines, ["The server restarts. Your work", "is saved; log in again in a", "minute."]);
  });

  it("sets the window's title without a file name's control characters, saving the old one first", async () => {
    using on = await stage();
    assert.match(on.terminal.takeOutput(), /\x1b\[22;2t/);
    on.screen.setTitle("ada@classh: a\x07\x1b]2;evil\x1b\\.py");
    await on.terminal.settled();
    assert.equal(on.terminal.title(), "ada@classh: a]2;evil\\.py");
    on.terminal.takeOutput();
    on.screen.setTitle("ada@classh: a\x07\x1b]2;evil\x1b\\.py");
    assert.equal(on.terminal.takeOutput(), "");
    on.screen.leave();
    assert.match(on.terminal.takeOutput(), /\x1b\[23;2t/);
  });

  it("sends a Linux console no strings that it would print", async () => {
    using on = await stage({ term: "linux" });
    on.screen.setTitle("title");
    assert.equal(on.screen.copy("text"), false);
    on.screen.leave("Goodbye.");
    assert.doesNotMatch(on.terminal.takeOutput(), /\x1b\]|\x1b\[\d+;2t/);
  });

  it("copies to the clipboard of the person's machine, up to what terminals take", async () => {
    using on = await stage();
    on.terminal.takeOutput();
    assert.equal(on.screen.copy("Grüße"), true);
    assert.equal(on.terminal.takeOutput(), `\x1b]52;c;${Buffer.from("Grüße").toString("base64")}\x07`);
    assert.equal(on.screen.copy("x".repeat(100_000)), false);
    assert.equal(on.terminal.takeOutput(), "");
  });

  it("uses the colours made for the background that the terminal tells", async () => {
    using on = await stage({ env: { COLORTERM: "truecolor" } });
    on.layer.accent = true;
    on.clock.advance(100);
    on.terminal.input("x");
    await on.terminal.settled();
    const neutral = on.terminal.cell(0, 0).foreground;
    on.clock.advance(100);
    on.terminal.input("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    await on.terminal.settled();
    const light = on.terminal.cell(0, 0).foreground;
    on.clock.advance(100);
    on.terminal.input("\x1b]11;rgb:1e/1e/2e\x07");
    await on.terminal.settled();
    assert.equal(new Set([neutral, light, on.terminal.cell(0, 0).foreground]).size, 3);
    assert.equal(on.layer.text, "x"); // the answers were not taken for typing
  });

  it("survives a client that disappears, leaving no listener and writing nothing more", async () => {
    using on = await stage();
    on.terminal.disconnect();
    on.terminal.takeOutput();
    on.layer.text = "nobody sees this";
    on.screen.invalidate();
    on.clock.advance(100);
    await on.terminal.settled();
    on.screen[Symbol.dispose]();
    assert.equal(on.terminal.takeOutput(), "");
    assert.equal(on.terminal.listenerCount, 0);
    assert.equal(on.clock.pending, 0);
  });

  it("tells about a layer that throws, once while it keeps failing to draw, and lives on", async () => {
    using on = await stage();
    const broken = {
      draw: () => {
        throw new Error("cannot draw");
      },
      handle: () => {
        throw new Error("cannot handle");
      },
    };
    const pushed = on.screen.push(broken);
    for (let round = 0; round < 3; round++) {
      on.clock.advance(100);
      on.screen.invalidate(broken);
      await on.terminal.settled();
    }
    assert.deepEqual(on.errors.map(String), ["Error: cannot draw"]);
    on.terminal.input("x");
    await on.terminal.settled();
    assert.deepEqual(on.errors.map(String), ["Error: cannot draw", "Error: cannot handle"]);
    pushed[Symbol.dispose]();
    on.clock.advance(100);
    on.terminal.input("works");
    await on.terminal.wait("works");
  });

  it("keeps the layer's events in order when they come in a large paste without brackets", async () => {
    using on = await stage();
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`);
    on.terminal.input(lines.join("\r"));
    await on.layer.until(() => on.layer.events.length === 9999);
    const seen = on.layer.events.map((event) =>
      event.kind === "text" ? event.text : event.kind === "key" ? event.name : "",
    );
    assert.deepEqual(
      seen,
      lines.flatMap((line, index) => (index === 0 ? [line] : ["Enter", line])),
    );
    assert.equal(on.terminal.inputPaused, false);
  });

  for (const term of ["dumb", "", "unknown"]) {
    it(`refuses TERM="${term}" with a hint, having written nothing`, () => {
      using terminal = createFakeTerminal({ term });
      assert.throws(
        () => openScreen(terminal, { clock: systemClock, onError: fail }),
        (error) => error instanceof UserError && error.code === "no-terminal" && (error.hint ?? "").includes("ssh -t"),
      );
      assert.equal(terminal.takeOutput(), "");
      assert.equal(terminal.listenerCount, 0);
    });
  }

  it("leaves no handler of blessed's on the process, and no file opened by TERM", async () => {
    const before = process.eventNames().map((name) => [name, process.listenerCount(name)]);
    for (let round = 0; round < 2; round++) {
      using on = await stage({ term: "/dev/zero" });
      await on.terminal.settled();
    }
    assert.deepEqual(
      process.eventNames().map((name) => [name, process.listenerCount(name)]),
      before,
    );
  });
});

function fail(error: unknown): void {
  throw new Error("a layer failed", { cause: error });
}

/** Whatever a program did to its terminal, the prompt that follows has an ordinary one. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { Turns } from "../../src/base/turns.ts";
import { resetTerminal } from "../../src/runner/reset-terminal.ts";
import { EmulatorFeed } from "../../src/session/emulator-feed.ts";
import { createEmulator, type Emulator } from "../../src/session/emulator.ts";
import { Lab } from "./support.ts";

/** What programs do to the terminal's line, and how they end. */
const programs: Readonly<Record<string, string>> = {
  "raw mode": "import tty\ntty.setraw(0)\n",
  "cbreak mode and no echo": "import termios, tty\ntty.setcbreak(0)\n",
  "no echo, after an error":
    "import termios\nm = termios.tcgetattr(0)\nm[3] &= ~termios.ECHO\ntermios.tcsetattr(0, 0, m)\n1 / 0\n",
  "other keys":
    "import termios\nm = termios.tcgetattr(0)\nm[6][termios.VINTR] = b'q'\nm[6][termios.VEOF] = b'1'\ntermios.tcsetattr(0, 0, m)\n",
  "capital letters and no line ends":
    "import termios\nm = termios.tcgetattr(0)\nm[1] = 0\nm[0] |= termios.INLCR | termios.IGNCR\ntermios.tcsetattr(0, 0, m)\n",
  "reading that does not wait": "import os\nos.set_blocking(0, False)\n",
  "standard output elsewhere": "import os\nos.dup2(os.open('/dev/null', os.O_WRONLY), 1)\nprint('unseen')\n",
  "all three closed": "import os\nfor number in 0, 1, 2: os.close(number)\n",
  "standard input at its end": "import os, sys\nos.dup2(os.open('/dev/null', os.O_RDONLY), 0)\nsys.stdin.read()\n",
  "another process in front": `import os, signal
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpgrp())
    os._exit(0)
os.waitpid(pid, 0)
`,
  "exit from curses without its end":
    "import curses, os\ncurses.initscr()\ncurses.raw()\ncurses.noecho()\nraise SystemExit(3)\n",
};

describe("after a program that changed its terminal", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
  });
  after(() => lab[Symbol.asyncDispose]());

  const write = (text: string): Promise<void> => writeFile(join(lab.directory, "files/Local/ada/main.py"), text);

  const modes = "import termios; [m if isinstance(m, (int, bytes)) else m[:17] for m in termios.tcgetattr(0)]";

  /** The last line before the next prompt. How the line above it was drawn depends on how fast it was typed. */
  const answer = (shown: string): string | undefined => shown.split("\r\n").at(-2);

  for (const [name, text] of Object.entries(programs)) {
    it(`the prompt works as always: ${name}`, async () => {
      await using console = lab.console();
      const fresh = answer(await console.type(modes));
      assert.match(fresh ?? "", /^\[.+\]$/);
      await write(text);
      await console.runToEnd("main.py");
      assert.match(await console.type("6 * 7"), /6 \* 7\r+\n42\r\n>>> $/);
      assert.equal(answer(await console.type(modes)), fresh);
    });
  }

  for (const [how, end] of [
    ["ends well", ""],
    ["ends with an error", "1 / 0\n"],
    ["is killed", "import os\nos.kill(os.getpid(), 9)\n"],
  ] as const) {
    it(`the screen is put in order before anything follows, when it ${how}`, async () => {
      await write(`import sys\nsys.stdout.write("\\x1b[?1049h\\x1b[31mred")\nsys.stdout.flush()\n${end}`);
      await using console = lab.console();
      await console.runToEnd("main.py");
      await console.until("what follows", () => /(>>> |new prompt\.\r\n)$/.test(console.text));
      assert.match(console.text.slice(console.text.indexOf("red")), /^red[^]*\x18\x1b7\x1b\[\?1049l/);
      assert.ok(console.text.lastIndexOf(resetTerminal) > console.text.indexOf("red"));
      assert.ok(
        console.text.lastIndexOf(resetTerminal) <
          Math.max(console.text.lastIndexOf(">>> "), console.text.lastIndexOf("Python has ended")),
      );
    });
  }
});

describe("the reset of a terminal", () => {
  /** What each leaves behind, and what is then shown of "abqx" and of eight lines on a screen of 20x5. */
  const left: Readonly<Record<string, string>> = {
    "the other screen": "\x1b[?1049h\x1b[2J\x1b[H",
    "the other screen, with a region": "\x1b[?1049h\x1b[2;3r\x1b[?6h",
    "a hidden cursor": "\x1b[?25l",
    colours: "\x1b[1;3;4;7;31;48;2;1;2;3m",
    "a scroll region": "\x1b7\x1b[2;3r\x1b8",
    "origin mode": "\x1b7\x1b[2;3r\x1b[?6h\x1b8",
    "another character set": "\x1b(0",
    "a second character set, shifted in": "\x1b)0\x0e",
    "no wrapping": "\x1b[?7l",
    "wrapping back": "\x1b[?45h",
    inserting: "\x1b[4h",
    "lines that begin at the left": "\x1b[20h",
    "mouse reports": "\x1b[?1000h\x1b[?1002h\x1b[?1003h\x1b[?1006h",
    "mouse reports of X10": "\x1b[?9h",
    "focus reports": "\x1b[?1004h",
    "pastes in brackets": "\x1b[?2004h",
    "application keys": "\x1b[?1h\x1b=",
    "held-back drawing": "\x1b[?2026h",
    "half a sequence": "\x1b[12;",
    "half a string": "\x1b]0;title",
    "half a string of another kind": "\x1bP1$r",
    "half a letter": "\xe2\x82",
    "a cursor of its own": "\x1b[5 q",
    nothing: "",
  };

  async function seen(bytes: readonly string[]): Promise<unknown> {
    const emulator = createEmulator({ columns: 20, rows: 5 });
    const turns = new Turns(systemClock, (error) => assert.fail(String(error)));
    const feed = new EmulatorFeed({ emulator, turns, failed: (error) => assert.fail(String(error)) });
    try {
      const show = (text: string): Promise<void> =>
        new Promise((resolve) => feed.write(Buffer.from(text, "latin1"), resolve));
      for (const text of ["before\r\nmore", ...bytes]) await show(text);
      await show("abqx\x1b[2D_");
      const cell = emulator.buffer.active.getLine(1)?.getCell(5);
      const style = [
        cell?.getFgColorMode(),
        cell?.getBgColorMode(),
        cell?.isBold(),
        cell?.isInverse(),
        cell?.isUnderline(),
      ];
      const screen = lines(emulator);
      await show(Array.from({ length: 8 }, (_, line) => `\r\nline ${line} ${"x".repeat(line * 3)}`).join("") + "\nend");
      return [emulator.modes, emulator.buffer.active.type, hidden(emulator), style, screen, lines(emulator)];
    } finally {
      feed[Symbol.dispose]();
      turns[Symbol.dispose]();
      emulator.dispose();
    }
  }

  const lines = (emulator: Emulator): string[] =>
    Array.from({ length: emulator.buffer.active.length }, (_, row) =>
      (emulator.buffer.active.getLine(row)?.translateToString(true) ?? "").trimEnd(),
    );
  const hidden = (emulator: Emulator): unknown =>
    (emulator as unknown as { _core: { coreService: { isCursorHidden: boolean } } })._core.coreService.isCursorHidden;

  for (const [name, bytes] of Object.entries(left)) {
    it(`leaves nothing of: ${name}`, async () => {
      assert.deepEqual(await seen([bytes, resetTerminal]), await seen([]));
    });
  }
});

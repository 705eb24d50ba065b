/** What keys do at the prompt and in programs: key, ssh, decoder, console, pty, readline. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";
import { testServer, type TestServer } from "../support/server.ts";

describe("the life of a key in the console", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ "limits.runsPerMinute": 100 });
    await server.add("ada");
  });
  after(() => server[Symbol.asyncDispose]());

  /** Goes to the prompt of a screen. */
  async function prompt(ada: TerminalClient): Promise<void> {
    await ada.wait(/ready/);
    ada.press("F4");
    await ada.wait(/>>> *\n[^]*Python is ready/);
  }

  /** A terminal whose Backspace key sends ^H, as it tells ssh. */
  async function withControlH(...command: readonly string[]): Promise<TerminalClient> {
    const { args, env } = await server.ssh("ada");
    const script = 'stty erase "^H"; exec ssh -t "$@"';
    return openTerminalClient("bash", ["-c", script, "bash", ...args, ...command], { env });
  }

  async function write(name: string, text: string): Promise<void> {
    await writeFile(join(server.home("ada"), name), text);
  }

  it("types nothing at >>> that is no text", async () => {
    await using ada = await server.connect("ada");
    await prompt(ada);
    ada.type("x = '1");
    for (const base of ["F7", "F8", "F10", "Insert", "Delete", "Up", "Down", "Right", "End"])
      for (const held of ["", "Shift-", "Ctrl-", "Ctrl-Shift-", "Alt-"]) {
        // Bringing back earlier lines and the IDE's own keys are another matter.
        if ((held === "" && (base === "Up" || base === "Down")) || held + base === "Shift-F7") continue;
        ada.press(held + base);
      }
    ada.type("2'\rprint('<', x, '>', sep='')\r");
    await ada.wait("<12>");
  });

  it("moves by words, and deletes at the cursor, as python3 does", async () => {
    await using ada = await server.connect("ada");
    await prompt(ada);
    ada.type("'one two thrXee'");
    ada.press("Left", "Left", "Left", "Left", "Delete", "Ctrl-Left", "Ctrl-Left");
    ada.type("and ");
    ada.press("Home", "End", "Enter");
    await ada.wait(/\n.*'one and two three'/);
  });

  it("erases over exec as the terminal says", async () => {
    await write("asks.py", "print('<' + input('What? ') + '>')\n");
    await using ada = await withControlH("run asks.py");
    await ada.wait("What? ");
    ada.type("abc\b\bd\r");
    await ada.wait("<ad>");
    assert.equal(await ada.exited, 0);
  });

  it("reaches a program that draws a screen of its own", async () => {
    const lines = [
      "import curses",
      "def main(screen):",
      "    curses.raw()",
      "    screen.addstr(0, 0, 'press')",
      "    return [curses.keyname(screen.getch()).decode() for _ in range(6)]",
      "print(*curses.wrapper(main))",
    ];
    await write("screen.py", lines.join("\n"));
    await using ada = await server.connect("ada");
    await ada.wait(/ready/);
    ada.press("Ctrl-O");
    await ada.wait(/open/i);
    ada.type("screen.py\r");
    await ada.wait(/1 {2}import curses/);
    ada.press("F5");
    await ada.wait(/│ press/);
    ada.press("F7", "F10", "Shift-Left", "Up", "Backspace", "Ctrl-C");
    await ada.wait(/KEY_F\(7\) KEY_F\(10\) KEY_SLEFT KEY_UP/);
  });
});

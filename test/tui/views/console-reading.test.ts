import assert from "node:assert/strict";
import type { FakeTerminal } from "../../support/fake-terminal.ts";
import { openStage, type Stage } from "./stage.ts";

function type(terminal: FakeTerminal, keys: string): void {
  for (const key of keys.split(" ")) {
    if (key.startsWith("'")) terminal.input(key.slice(1).replaceAll("_", " "));
    else terminal.press(key);
  }
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `row ${from + at} end\r\n`).join("");

/** A console with output and a prompt, in focus. */
async function printed(stage: Stage, output: string): Promise<FakeTerminal> {
  const { terminal, python } = stage;
  python.become("running");
  python.print(output);
  python.become("prompt");
  python.print(">>> ");
  await terminal.wait(/│ >>>/);
  type(terminal, "F4");
  return terminal;
}

/** Leaves the bar, or reading. A key that came at once would be one with Alt. */
async function escape(terminal: FakeTerminal, until: string | RegExp): Promise<void> {
  terminal.press("Escape");
  await terminal.wait(until);
}

/** What was copied to the person's own clipboard last. */
function copied(terminal: FakeTerminal): string | undefined {
  // oxlint-disable-next-line no-control-regex -- the sequence that copies
  const all = [...terminal.takeOutput().matchAll(/\x1b\]52;c;([^\x07]*)\x07/g)];
  return all.length === 0 ? undefined : Buffer.from(all.at(-1)?.[1] ?? "", "base64").toString();
}

function rowWith(terminal: FakeTerminal, text: string): number {
  const row = terminal.screen().findIndex((line) => line.includes(text));
  assert.ok(row >= 0, `${text} on the screen`);
  return row;
}

function look(terminal: FakeTerminal, row: number): unknown {
  const { text, ...style } = terminal.cell(row, left);
  assert.notEqual(text, "");
  return style;
}

/** Left of the output at 80 columns: the tree, its rule, a blank. */
const left = 21;

describe("reading back in the console", () => {
  let stage: Stage;
  beforeEach(async () => (stage = await openStage()));
  afterEach(() => stage[Symbol.asyncDispose]());

  it("shows older output by Page Up, which stays while output goes on, and typing goes back to the end", async () => {
    const terminal = await printed(stage, lines(0, 100));
    type(terminal, "PageUp PageUp");
    await terminal.wait("↑ older output");
    await terminal.wait("row 86 end");
    const before = terminal.screen().slice(15, 22);
    stage.python.print(`\r\n${lines(100, 2000)}`);
    await terminal.wait(/▼ 1,9\d\d new lines/);
    assert.deepEqual(terminal.screen().slice(15, 22), before);
    type(terminal, "'x");
    await terminal.wait("row 1999 end");
    await stage.python.hasRead("x");
    assert.doesNotMatch(terminal.screen().join("\n"), /older output|new lines/);
  });

  it("goes to the oldest of thousands of lines, and back by Escape, End and the wheel", async () => {
    const terminal = await printed(stage, lines(0, 200));
    for (const back of ["Escape", "Ctrl-End"]) {
      type(terminal, "PageUp Ctrl-Home");
      await terminal.wait(/│ row 0 end/);
      type(terminal, back);
      await terminal.wait(/│ >>>/);
    }
    for (let turn = 0; turn < 5; turn++) terminal.mouse("wheel-up", 18, 40);
    await terminal.wait("older output");
    for (let turn = 0; turn < 6; turn++) terminal.mouse("wheel-down", 18, 40);
    await terminal.wait(/ready ──/);
    assert.deepEqual(stage.python.typed, []);
  });

  it("leaves Python's keys alone at the newest output, and every key to a program's own screen", async () => {
    const terminal = await printed(stage, lines(0, 50));
    type(terminal, "Up Down Left Home");
    await stage.python.hasRead("\x1b[A\x1b[B\x1b[D\x1b[H");
    stage.python.print("\x1b[?1049hfull screen");
    await terminal.wait("full screen");
    type(terminal, "PageUp Shift-Up Ctrl-L");
    await stage.python.hasRead("\x1b[A\x1b[B\x1b[D\x1b[H\x1b[5~\x1b[1;2A\x0c");
    assert.doesNotMatch(terminal.screen().join("\n"), /older output/);
  });

  it("keeps Escape from Python's prompt, which would take the next letter for Alt's, and gives it to programs", async () => {
    const terminal = await printed(stage, lines(0, 5));
    // As terminals send it that tell Escape from the beginning of another key.
    const pressed = "\x1b[27u";
    terminal.input(`${pressed}d${pressed}${pressed}\x1bb`);
    await stage.python.hasRead("d\x1bb");
    stage.python.become("running");
    terminal.input(pressed);
    await stage.python.hasRead("d\x1bb\x1b");
  });

  it("finds older matches by Enter and newer ones by Down, counts and marks them, and goes round", async () => {
    const terminal = await printed(
      stage,
      `${lines(0, 60)}Needle one\r\n${lines(60, 400)}needle two\r\n${lines(400, 430)}`,
    );
    type(terminal, "Shift-F3");
    await terminal.wait(/Enter older {2}Esc close/);
    type(terminal, "'needle");
    await terminal.wait(/2 of 2/);
    await terminal.wait(/Enter Older  ↓ Newer/);
    const row = rowWith(terminal, "needle two");
    assert.notDeepEqual(look(terminal, row), look(terminal, row - 1));
    type(terminal, "Enter");
    await terminal.wait(/1 of 2/);
    await terminal.wait("Needle one");
    type(terminal, "Enter");
    await terminal.wait("Continued from the newest output.");
    type(terminal, "Down");
    await terminal.wait("Continued from the oldest output.");
    await terminal.wait(/1 of 2/);
    type(terminal, "Alt-C");
    await terminal.wait(/1 of 1|1 found/);
    await escape(terminal, /Esc Newest/);
    type(terminal, "'/ 'nothing_like_it");
    await terminal.wait("not found");
    await escape(terminal, /Esc Newest/);
    await escape(terminal, /ready ──/);
    type(terminal, "'y");
    await stage.python.hasRead("y");
  });

  it("counts matches of output that comes while the bar is open", async () => {
    const terminal = await printed(stage, lines(0, 40));
    type(terminal, "Shift-F3 'end");
    await terminal.wait(/40 of 40/);
    stage.python.print(`\r\n${lines(0, 500)}`);
    await terminal.wait(/of 540/);
  });

  it("copies what is dragged over, in lines as they were printed", async () => {
    const long = `start ${"wide ".repeat(30)}stop`;
    const terminal = await printed(stage, `${lines(0, 3)}${long}\r\n`);
    const row = rowWith(terminal, "start wide");
    terminal.mouse("press", row - 1, left + 4);
    terminal.mouse("drag", row + 1, left + 3);
    terminal.mouse("release", row + 1, left + 3);
    await terminal.wait("Copied 2 lines.");
    const text = copied(terminal) ?? "";
    assert.match(text, /^2 end\nstart (wide ){10,}/);
    assert.ok(long.startsWith(text.split("\n")[1] ?? "?"), "no line end where it was wrapped");
    await escape(terminal, /ready ──/);
    type(terminal, "F3 Ctrl-V");
    await terminal.wait(/2 ‹e wide wide/);
  });

  it("copies a word by a double click, and does not move for a click", async () => {
    const terminal = await printed(stage, `${lines(0, 3)}name_1 = other\r\n`);
    const row = rowWith(terminal, "name_1");
    terminal.mouse("press", row, left + 2);
    terminal.mouse("release", row, left + 2);
    assert.doesNotMatch(terminal.screen().join("\n"), /older output/);
    terminal.mouse("press", row, left + 2);
    terminal.mouse("release", row, left + 2);
    await terminal.wait("Copied 1 line.");
    assert.equal(copied(terminal), "name_1");
  });

  it("copies by Shift with arrows and Ctrl-C, which stops the program when nothing is selected", async () => {
    const terminal = await printed(stage, lines(0, 30));
    type(terminal, "Shift-Up Shift-Up Shift-Home Ctrl-C");
    await terminal.wait("Copied 3 lines.");
    assert.match(copied(terminal) ?? "", /^row 28 end\nrow 29 end\n>>> ?$/);
    assert.deepEqual(stage.python.typed, []);
    await escape(terminal, /ready ──/);
    type(terminal, "Ctrl-C");
    await stage.python.hasRead("\x03");
  });

  it("folds a long output that has ended, and opens it by Enter, by a click and for a match", async () => {
    const output = lines(0, 2000);
    const terminal = await printed(stage, output);
    type(terminal, "PageUp");
    for (let turn = 0; turn < 10; turn++) type(terminal, "PageUp");
    await terminal.wait("… 1,900 lines …");
    await terminal.wait("Enter or a click shows them");
    type(terminal, "Ctrl-Home");
    await terminal.wait(/│ row 0 end/);
    for (let turn = 0; turn < 30; turn++) type(terminal, "Down");
    await terminal.wait("… 1,900 lines …");
    type(terminal, "Enter");
    await terminal.wait("row 30 end");
    assert.doesNotMatch(terminal.screen().join("\n"), /1,900 lines/);
    stage.python.become("running");
    stage.python.print(`print\r\n${lines(5000, 6000)}`);
    stage.python.become("prompt");
    stage.python.print(">>> ");
    await escape(terminal, "row 5999 end");
    for (let turn = 0; turn < 11; turn++) type(terminal, "PageUp");
    await terminal.wait("… 90");
    const row = rowWith(terminal, "… 90");
    terminal.mouse("press", row, left + 3);
    terminal.mouse("release", row, left + 3);
    await terminal.wait("row 5029 end");
  });

  it("folds no output that goes on, and shows what a search finds inside of a fold", async () => {
    const terminal = await printed(stage, lines(0, 1000));
    type(terminal, "Shift-F3 'row_500");
    await terminal.wait("row 500 end");
    await escape(terminal, /Esc Newest/);
    await escape(terminal, /ready ──/);
    stage.python.become("running");
    stage.python.print(`go\r\n${lines(2000, 3000)}`);
    await terminal.wait("row 2999 end");
    for (let turn = 0; turn < 25; turn++) type(terminal, "PageUp");
    await terminal.wait(/row 28\d\d end/);
    assert.doesNotMatch(terminal.screen().join("\n"), /lines …/);
  });

  it("wraps between words on demand, at the newest output and above, and again at another size", async () => {
    const words = "alphabet soup with several considerable words inside of it everywhere";
    const terminal = await printed(stage, `${words}\r\n`.repeat(40));
    type(terminal, "Ctrl-P");
    await terminal.wait("All commands");
    type(terminal, "'Wrap_the_console Enter");
    await terminal.wait("Lines wrap between words now.");
    const whole = (): boolean =>
      terminal
        .screen()
        .slice(15, 22)
        .every((row) =>
          /│ (.*\b(with|several|considerable|words|of|inside|it|everywhere|alphabet|soup)| ?>>>.*|)$/.test(row),
        );
    assert.ok(whole(), terminal.screen().join("\n"));
    type(terminal, "F4 PageUp");
    await terminal.wait("older output");
    assert.ok(whole(), terminal.screen().join("\n"));
    terminal.resizeTo(72, 24);
    await terminal.wait(/^\S* classh/m);
    assert.deepEqual(terminal.cursor()?.visible, true);
  });

  it("clears the screen, which can be read above, or everything, and keeps the prompt", async () => {
    const terminal = await printed(stage, lines(0, 30));
    stage.python.print("pri");
    type(terminal, "Ctrl-L");
    await terminal.wait(/CONSOLE.*\n.*│ >>> pri\n/);
    type(terminal, "PageUp");
    await terminal.wait("row 29 end");
    await escape(terminal, /ready ──/);
    type(terminal, "Ctrl-P");
    await terminal.wait("All commands");
    type(terminal, "'Clear_the_con Enter");
    await terminal.wait(/CONSOLE.*\n.*│ >>> pri\n/);
    type(terminal, "F4 PageUp");
    assert.equal(stage.workbench.console.text.end - stage.workbench.console.text.first, 1);
    assert.deepEqual(stage.python.typed, []);
  });

  it("is for every window its own, and for a guest", async () => {
    const terminal = await printed(stage, lines(0, 100));
    const { terminal: guest } = stage.window({ participant: stage.workbench.viewers.guest("Prof. Byron") });
    const { terminal: second } = stage.window();
    await guest.wait(/│ >>>/);
    await second.wait(/│ >>>/);
    type(guest, "F4 PageUp Ctrl-Home");
    await guest.wait(/│ row 0 end/);
    type(guest, "'x");
    await guest.wait("can type in this console");
    assert.match(guest.screen().join("\n"), /│ row 0 end/);
    type(second, "F4 PageUp");
    await second.wait("older output");
    await terminal.wait(/│ >>>/);
    assert.match(terminal.screen().join("\n"), /ready ──/);
    stage.python.print("typed");
    await terminal.wait(/>>> typed/);
    assert.match(guest.screen().join("\n"), /│ row 0 end/);
  });
});

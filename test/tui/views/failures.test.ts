/** From an error of a program to the line that failed: the sentence, the mark, the cursor, the links. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ErrorFacts } from "../../../src/runner/error-facts.ts";
import { openStage, type Stage } from "./stage.ts";

const failed = { kind: "exited", status: 1 } as const;

const facts = (more: Partial<ErrorFacts> = {}): ErrorFacts => ({
  kind: "NameError",
  name: "NameError",
  message: "name 'nam' is not defined",
  file: "/home/ada/welcome.py",
  line: 5,
  column: 21,
  endColumn: 25,
  ...more,
});

function press(stage: Stage, keys: string): void {
  stage.terminal.press(...keys.split(" "));
}

async function run(stage: Stage): Promise<void> {
  press(stage, "F5");
  await stage.terminal.wait(/▶ running/);
}

const traceback = (file: string, line: number): string =>
  `Traceback (most recent call last):\r\n  File "${file}", line ${line}, in <module>\r\n    x\r\nNameError: x\r\n`;

describe("after an error", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    await writeFile(join(stage.home, "helper.py"), "x = 1\ny = 2\nz = x + w\n");
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  it("the line is marked until it is edited, and the sentence stays until a key", async () => {
    await run(stage);
    stage.python.end({ outcome: failed, facts: facts() });
    await stage.terminal.wait("Look at line 5 of welcome.py. F3 goes there.");
    await stage.terminal.wait(/^.* 5! +print/m);
    press(stage, "F3");
    await stage.terminal.wait(/Ln 5, Col 21/);
    assert.doesNotMatch(stage.terminal.dump(), /Look at/);
    assert.match(stage.terminal.dump(), / 5! +print/);
    stage.terminal.input("x");
    await stage.terminal.wait(/^.* 5 {2} +print/m);
  });

  it("the mark goes when something is run again", async () => {
    await run(stage);
    stage.python.end({ outcome: failed, facts: facts() });
    await stage.terminal.wait(/ 5! +print/);
    press(stage, "F5");
    await stage.terminal.wait(/ 5 {2} +print/);
  });

  it("a mistake in the text puts the cursor there before anything runs", async () => {
    await run(stage);
    stage.python.end({ outcome: failed, facts: facts({ kind: "SyntaxError", line: 4, column: 16, endColumn: 16 }) });
    await stage.terminal.wait("Look at line 4 of welcome.py.");
    stage.terminal.input("#");
    await stage.terminal.wait("for i in range(#3):");
  });

  it("a mistake in the text takes no key from a program that somebody types into", async () => {
    await run(stage);
    stage.terminal.input("Ada");
    await stage.python.hasRead("Ada");
    stage.python.end({ outcome: failed, facts: facts({ kind: "SyntaxError", line: 4 }) });
    await stage.terminal.wait("Look at line 4 of welcome.py. F3 goes there.");
    stage.terminal.input("!");
    await stage.python.hasRead("Ada!");
  });

  it("whoever edits meanwhile keeps their cursor", async () => {
    await run(stage);
    press(stage, "F3 Ctrl-Home");
    stage.terminal.input("# ");
    await stage.terminal.wait("# # Welcome");
    stage.python.end({ outcome: failed, facts: facts() });
    await stage.terminal.wait("Look at line 5");
    stage.terminal.input("!");
    await stage.terminal.wait("# !# Welcome");
    assert.doesNotMatch(stage.terminal.dump(), /\d!/);
  });

  it("a run that was stopped says where it was", async () => {
    await run(stage);
    stage.python.end({
      outcome: { kind: "timed-out", seconds: 30 },
      facts: facts({ kind: "KeyboardInterrupt", line: 4 }),
    });
    await stage.terminal.wait(/without finishing\. It was at\s+line 4 of\s+welcome\.py\./);
  });

  it("a file that is not open is one key away", async () => {
    await run(stage);
    stage.python.print(traceback("/usr/lib/python3.11/json/decoder.py", 355));
    stage.python.print(traceback("/home/ada/helper.py", 3));
    stage.python.end({ outcome: failed, facts: facts({ file: "/home/ada/helper.py", line: 3, column: 9 }) });
    await stage.terminal.wait("Look at line 3 of helper.py. F8 goes there.");
    press(stage, "F8");
    await stage.terminal.wait(/3! z = x \+ w[^]*Line 3 of helper\.py/);
    stage.terminal.input("#");
    await stage.terminal.wait("z = x + #w");
  });

  it("F8 goes through all tracebacks, the newest first, and Shift-F8 back", async () => {
    await run(stage);
    stage.python.print(traceback("/home/ada/welcome.py", 2) + traceback("/home/ada/helper.py", 1));
    stage.python.end({ outcome: failed, facts: facts() });
    await stage.terminal.wait("Look at line 5");
    press(stage, "F8");
    await stage.terminal.wait("Line 1 of helper.py (place 1 of 2");
    press(stage, "F8");
    await stage.terminal.wait("Line 2 of welcome.py (place 2 of 2");
    await stage.terminal.wait(/1 {2}# Welcome/);
    press(stage, "F8");
    await stage.terminal.wait("Line 1 of helper.py (place 1 of 2");
    press(stage, "Ctrl-K Up");
    await stage.terminal.wait("Line 2 of welcome.py (place 2 of 2");
    stage.python.print(traceback("/home/ada/helper.py", 2));
    await stage.terminal.wait("line 2, in <module>");
    press(stage, "F8");
    await stage.terminal.wait("Line 2 of helper.py (place 1 of 3");
  });

  it("F8 says so when there is none", async () => {
    press(stage, "F8");
    await stage.terminal.wait("There is no error in the console that names a line of yours.");
  });

  it("an error at the prompt marks its line, too", async () => {
    stage.python.fail(facts({ line: 4, column: 1 }));
    await stage.terminal.wait(/Look at line 4 of welcome\.py/);
    await stage.terminal.wait(/ 4! for/);
  });

  it("a click follows a line of a traceback, and the text below it", async () => {
    stage.python.print(traceback("/home/ada/helper.py", 3));
    await stage.terminal.wait(/line 3, in <module>/);
    const row = stage.terminal.screen().findIndex((line) => line.includes('File "/home/ada'));
    stage.terminal.mouse("press", row + 1, 30);
    stage.terminal.mouse("release", row + 1, 30);
    await stage.terminal.wait(/3 {2}z = x \+ w/);
  });

  it("Enter follows it for whoever reads back", async () => {
    stage.python.print(traceback("/home/ada/helper.py", 3));
    await stage.terminal.wait(/line 3, in <module>/);
    press(stage, "F4 Shift-Up");
    press(stage, "Up Up Enter");
    await stage.terminal.wait(/3 {2}z = x \+ w/);
    await stage.terminal.wait(/Ln 3, Col 1/);
  });

  it("a file of Python's own is kindly left alone", async () => {
    stage.python.print(traceback("/usr/lib/python3.11/json/decoder.py", 355));
    await stage.terminal.wait(/line 355/);
    const row = stage.terminal.screen().findIndex((line) => line.includes('File "/usr'));
    stage.terminal.mouse("press", row, 30);
    stage.terminal.mouse("release", row, 30);
    await stage.terminal.wait("Line 355 of json/decoder.py is part of Python itself.");
  });

  it("what only looks like a traceback opens nothing that the person may not open", async () => {
    for (const [file, answer] of [
      ["/home/grace/secret.py", /no such|not|there is no/i],
      ["/home/ada/../../etc/passwd", /there is no|not/i],
      ["/students/grace/main.py", /there is no|not/i],
      ["/home/ada/missing.py", /there is no missing\.py/i],
    ] as const) {
      stage.python.print(traceback(file, 1));
      await stage.terminal.wait(file);
      press(stage, "F8");
      await stage.terminal.wait(answer);
      assert.equal(stage.workbench.documents.list.length, 1);
    }
  });

  it("a guest who looks around sees the mark, and goes through the errors alone", async () => {
    const { terminal } = stage.window({ participant: stage.workbench.viewers.guest("Grace", { mayEdit: false }) });
    await terminal.wait(/1 {2}# Welcome/);
    await run(stage);
    stage.python.print(traceback("/home/ada/helper.py", 3));
    stage.python.end({ outcome: failed, facts: facts() });
    await terminal.wait(/ 5! +print/);
    terminal.press("F8");
    await terminal.wait(/3 {2}z = x \+ w/);
    assert.doesNotMatch(stage.terminal.dump(), /z = x/);
  });
});

describe("an explanation on the screen", () => {
  let stage: Stage;
  beforeEach(async () => void (stage = await openStage()));
  afterEach(() => stage[Symbol.asyncDispose]());

  const fail = async (more: Partial<ErrorFacts> = {}): Promise<void> => {
    await run(stage);
    stage.python.end({ outcome: failed, facts: facts({ subject: "nam", near: ["name"], ...more }) });
    await stage.terminal.wait("Look at line");
  };

  it("says what, where, why and what to try; Escape closes it", async () => {
    await fail({ source: '    print("Hello,", nam)' });
    assert.match(stage.terminal.dump(), /Shift-F1 explains/);
    press(stage, "Shift-F1");
    await stage.terminal.wait(/Explain: NameError/);
    const shown = stage.terminal.dump();
    assert.match(
      shown,
      /does not know the name nam here[^]*Line 5 of welcome\.py[^]*print\("Hello,", nam\)[^]*Why[^]*looks like it: name[^]*What to try[^]*If you mean name/,
    );
    press(stage, "Escape");
    await stage.terminal.wait((screen) => !screen.includes("Explain:"));
  });

  it("goes to the line at Enter, and comes by a chord and from the palette", async () => {
    await fail();
    press(stage, "F3 Ctrl-Home Ctrl-K Ctrl-X");
    await stage.terminal.wait(/Explain: NameError/);
    press(stage, "Enter");
    await stage.terminal.wait(/Ln 5, Col 21/);
    press(stage, "Ctrl-P");
    await stage.terminal.wait("All commands");
    stage.terminal.input("explain\r");
    await stage.terminal.wait(/Explain: NameError/);
  });

  it("scrolls where it is too long for the screen", async () => {
    await fail({ source: "print(nam)", near: [], subject: "a_name_that_takes_much_of_a_row_of_the_screen" });
    stage.terminal.resizeTo(60, 16);
    press(stage, "Shift-F1");
    await stage.terminal.wait(/Explain: NameError[^]*scroll/);
    press(stage, "End");
    await stage.terminal.wait(/put it in quotes/);
  });

  it("shows nothing of a program's that a terminal would obey, or that can't be seen", async () => {
    await fail({
      kind: "Odd",
      name: "Odd\u202e\x1b[2J",
      message: "\x1b]0;title\x07\u200bsecret\u0000",
      source: "x\x1b[31m",
    });
    press(stage, "Shift-F1");
    await stage.terminal.wait(/Explain: Odd\\u202e\\x1b\[2J/);
    await stage.terminal.wait(/Python says: \\x1b\]0;title\\x07\\u200bsecret\\x00/);
  });

  it("names, where nothing failed, what may surprise", async () => {
    press(stage, "Shift-F1");
    await stage.terminal.wait("There is no error to explain. Run your program with F5 first.");
    press(stage, "Ctrl-Home");
    stage.terminal.input("def add(item, items=[]):\r");
    await stage.terminal.wait("items=[]");
    press(stage, "Shift-F1");
    await stage.terminal.wait(/items=\[\] is made once, and all calls of add\(\) share it/);
  });

  it("is there for a run that the clock ended", async () => {
    await run(stage);
    const loop = { line: 4, text: "while i < 10:" };
    stage.python.end({
      outcome: { kind: "timed-out", seconds: 30 },
      facts: facts({ kind: "KeyboardInterrupt", line: 4, loop, names: [{ text: "i", type: "int", value: "0" }] }),
    });
    await stage.terminal.wait("It was at");
    press(stage, "Shift-F1");
    await stage.terminal.wait(/Explain: stopped[^]*ran for 30 seconds[^]*i was 0[^]*Does the loop change i/);
  });
});

describe("where explanations are switched off", () => {
  it("the sentence is there, and nothing else", async () => {
    await using stage = await openStage({ mayExplain: () => false });
    await run(stage);
    stage.python.end({ outcome: failed, facts: facts() });
    await stage.terminal.wait("Look at line 5");
    assert.doesNotMatch(stage.terminal.dump(), /explains/);
    press(stage, "Shift-F1");
    await stage.terminal.wait("Explanations are switched off here.");
  });
});

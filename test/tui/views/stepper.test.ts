import assert from "node:assert/strict";
import type { StepState } from "../../../src/runner/steps.ts";
import { parseStep } from "../../../src/runner/steps.ts";
import { eventually } from "../../support/eventually.ts";
import { openStage, type Stage } from "./stage.ts";

function at(line: number, more: Partial<StepState> = {}): StepState {
  return {
    step: line,
    first: 1,
    last: line,
    ended: false,
    file: "/home/ada/welcome.py",
    line,
    error: "",
    stack: [{ name: "the program", file: "/home/ada/welcome.py", line }],
    frame: 0,
    variables: [],
    more: 0,
    answer: undefined,
    ...more,
  };
}

describe("stepping on the screen", () => {
  let stage: Stage;

  before(async () => {
    stage = await openStage();
  });
  after(() => stage[Symbol.asyncDispose]());

  it("marks the line, shows calls and variables, and takes letters as commands", async () => {
    const { terminal, python, workbench } = stage;
    terminal.press("Ctrl-F5");
    await eventually(() => python.runs.length === 1);
    await terminal.wait("STEP");
    python.step.emit(at(2));
    await terminal.wait(/▶ 2 {2}name = input/);
    await terminal.wait(/s Step {2}o Over {2}u Out {2}b Back/);
    terminal.input("s");
    await eventually(() => python.steps.length === 1);
    const variable = { type: "int", length: "", scope: "" };
    python.step.emit(
      at(4, {
        stack: [
          { name: "greet", file: "/home/ada/welcome.py", line: 4 },
          { name: "the program", file: "/home/ada/welcome.py", line: 7 },
        ],
        variables: [
          { ...variable, name: "x", value: "1", changed: true, scope: "greet" },
          { ...variable, name: "name", value: "'Ada'", changed: false },
        ],
      }),
    );
    await terminal.wait(/▶ 4 {2}for i/);
    await terminal.wait("greet, line 4 ← the program, line 7");
    await terminal.wait(/● x +int +1/);
    // The cursor was led to line 4.
    terminal.press("Down");
    terminal.input("c");
    await eventually(() => python.steps.length === 2);
    assert.deepEqual(python.steps[1], { do: "run", file: "/home/ada/welcome.py", line: 5 });
    python.step.emit(at(5, { error: "ValueError: no", ended: true }));
    await terminal.wait("! ValueError: no");
    terminal.input("b");
    await eventually(() => python.steps.length === 3);
    assert.deepEqual(python.steps[2], { do: "back" });
    python.step.emit(at(2, { last: 5 }));
    await terminal.wait("of 5 · the past");
    terminal.input("x");
    await terminal.wait("You are stepping through the program");
    const text = workbench.documents.active?.content.view.state.doc.toString() ?? "";
    assert.doesNotMatch(text, /x/);
    terminal.press("Home");
    terminal.input("v");
    await eventually(() => python.steps.length === 4);
    python.step.emit(at(2, { last: 5, answer: { text: "name", value: "'Ada'", why: "" } }));
    await terminal.wait("name is 'Ada'");
    terminal.input("q");
    await eventually(() => python.steps.length === 5);
    await terminal.wait((screen) => !screen.join().includes("STEP"));
  });

  it("shows the variables of outer calls, and more of them than there is room for", async () => {
    await using wide = await openStage({ columns: 200, rows: 50 });
    const { terminal, python } = wide;
    terminal.press("Ctrl-F5");
    await eventually(() => python.runs.length === 1);
    const call = (name: string, line: number) => ({ name, file: "/home/ada/welcome.py", line });
    const stack = [call("inner", 4), call("outer", 5), call("the program", 7)];
    const variables = Array.from({ length: 80 }, (_, number) => ({
      name: `v${number}`,
      type: "int",
      length: "",
      value: String(1000 + number),
      changed: number === 60,
      scope: "inner",
    }));
    python.step.emit(at(4, { stack, variables, more: 7 }));
    await terminal.wait(/› inner, line 4[^]*|● v60 +int +1060/);
    await terminal.wait(/● v60 +int +1060/);
    await terminal.wait(/↓ \d+ more/);
    assert.doesNotMatch(terminal.dump(), /and 7 more/);
    terminal.press("F6", "F6");
    terminal.press("End");
    await terminal.wait("… and 7 more");
    terminal.press("Home");
    await terminal.wait(/› inner, line 4/);
    terminal.input("f");
    await eventually(() => python.steps.length === 1);
    const outer = variables.slice(0, 1).map((each) => ({ ...each, scope: "outer", changed: false }));
    python.step.emit(at(4, { stack, frame: 1, variables: outer }));
    await terminal.wait(/ {2}inner, line 4[^]*› outer, line 5[^]*of outer, as they were at its call[^]*v0 +int +1000/);
    assert.equal(wide.workbench.console.stepping.lineIn("/home/ada/welcome.py"), 4);
    await terminal.wait(/Ln 5, Col 1|STEP 4/);
    const row = terminal.screen().findIndex((line) => line.includes("the program, line 7"));
    const column = (terminal.screen()[row] ?? "").indexOf("the program");
    terminal.mouse("click", row, column);
    await eventually(() => python.steps.length === 2);
    python.step.emit(at(4, { stack, frame: 2, variables: [] }));
    await terminal.wait(/› the program, line 7/);
    terminal.input("f");
    await terminal.wait("nothing called it");
    terminal.input("n");
    await eventually(() => python.steps.length === 3);
    assert.deepEqual(
      python.steps.map((step) => ("index" in step ? step.index : step.do)),
      [1, 2, 1],
    );
  });

  it("takes what a program says with bounds, and without what would move a cursor", () => {
    assert.equal(parseStep("{}"), undefined);
    assert.equal(parseStep('{"step":0,"first":1,"last":1,"line":1,"file":""}'), undefined);
    const many = Array.from({ length: 300 }, () => ({ name: "\x1b[2J", value: "v".repeat(999), line: "no" }));
    const step = parseStep(
      JSON.stringify({ step: 1, first: 1, last: 1, line: 1, file: "f", stack: many, variables: many, answer: 7 }),
    );
    assert.deepEqual([step?.stack.length, step?.variables.length, step?.answer], [50, 130, undefined]);
    assert.equal(step?.variables[0]?.name, "\\x1b[2J");
    assert.ok((step?.variables[0]?.value.length ?? 9999) < 400);
  });
});

import assert from "node:assert/strict";
import type { Variable, Variables } from "../../../src/runner/variables.ts";
import { parseVariables, parseWholeValue, ReportReader } from "../../../src/runner/variables.ts";
import { Conversation } from "../../../src/runner/conversation.ts";
import { eventually } from "../../support/eventually.ts";
import { openStage, type Stage } from "./stage.ts";

function variable(name: string, value: string, more: Partial<Variable> = {}): Variable {
  return { name, type: "int", value, group: "variable", ...more };
}

function told(...list: readonly Variable[]): Variables {
  return { list, more: 0 };
}

describe("the pane of the variables", () => {
  let stage: Stage;

  before(async () => {
    stage = await openStage();
  });
  after(() => stage[Symbol.asyncDispose]());

  it("is shown, gets the focus and is hidden with one key, and is asked for only while it is shown", async () => {
    const { terminal, python } = stage;
    assert.equal(python.variablesShown, false);
    terminal.press("Shift-F4");
    await terminal.wait("VARIABLES");
    assert.equal(python.variablesShown, true);
    python.variables.emit(
      told(
        variable("count", "3"),
        variable("names", "['Ada']", { type: "list", length: "1" }),
        variable("area", "area(width)", { type: "function", group: "here" }),
        variable("math", "module math", { type: "module", group: "module" }),
      ),
    );
    await terminal.wait(/ count +int +3/);
    await terminal.wait(/ names +list +1 +\['Ada'\]/);
    await terminal.wait(/ area +area\(width\)/);
    await terminal.wait("imported: math");
    python.variables.emit(told(variable("count", "4"), variable("names", "['Ada']", { type: "list", length: "1" })));
    await terminal.wait(/● count +int +4/);
    await terminal.wait(/ {2}names/);
    terminal.press("Shift-F4");
    await terminal.wait("Show in full");
    terminal.press("Down", "Enter");
    await eventually(() => python.asked.length > 0);
    assert.deepEqual(python.asked, ["names"]);
    python.value.emit({
      name: "names",
      type: "list",
      length: "1",
      columns: ["", "value", "type"],
      rows: [["0", "'Ada'", "str"]],
      more: 9500,
    });
    await terminal.wait("names: list, length 1");
    await terminal.wait(/0 +'Ada' +str/);
    await terminal.wait("… and 9,500 more");
    terminal.press("Escape");
    await terminal.wait((screen) => !screen.join().includes("names: list"));
    python.become("running");
    await terminal.wait("as at the last prompt");
    terminal.press("Enter");
    await terminal.wait("A variable can be shown in full when Python is at its prompt.");
    python.become("prompt");
    terminal.press("Shift-F4");
    await terminal.wait((screen) => !screen.join().includes("VARIABLES"));
    assert.equal(python.variablesShown, false);
  });

  it("is at the right of a wide screen by itself, for as long as that is open", async () => {
    const { terminal, left } = stage.window({ columns: 170, rows: 30 });
    await terminal.wait(/│ VARIABLES/);
    assert.equal(stage.python.variablesShown, true);
    terminal.disconnect();
    await left;
    await eventually(() => !stage.python.variablesShown);
  });
});

describe("what Python says of its variables", () => {
  it("is taken with bounds, and without what would move a cursor", () => {
    assert.equal(parseVariables("no JSON"), undefined);
    assert.equal(parseVariables('{"variables":7}'), undefined);
    const entry = { name: "a\x1b[2J\n", type: "t\u202e", value: "v".repeat(9999), length: "3", group: "evil" };
    const { list, more } = parseVariables(
      JSON.stringify({ variables: [entry, 7, { name: 1 }, ...Array.from({ length: 500 }, () => entry)], more: -1 }),
    ) ?? { list: [], more: 0 };
    assert.ok(list.length <= 300);
    assert.deepEqual([list[0]?.name, list[0]?.type, list[0]?.group, more], ["a\\x1b[2J\\n", "t\\u202e", "variable", 0]);
    assert.ok((list[0]?.value.length ?? 0) < 200);
    const rows = Array.from({ length: 9999 }, () => Array.from({ length: 99 }, () => "\x07"));
    const value = parseWholeValue(JSON.stringify({ name: "x", columns: rows[0], rows, rest: 1 }));
    assert.deepEqual([value?.rows.length, value?.rows[0]?.length, value?.rows[0]?.[0]], [500, 21, "\\x07"]);
  });

  it("is put together of pieces, and dropped when it does not end", () => {
    const reader = new ReportReader();
    assert.equal(reader.read("+;ab"), undefined);
    assert.equal(reader.read(".;cd"), "abcd");
    for (let at = 0; at < 400; at++) reader.read(`+;${"x".repeat(4000)}`);
    assert.equal(reader.read(".;"), undefined);
    assert.equal(reader.read(".;again"), "again");
  });
});

describe("a conversation on a terminal that is typed on", () => {
  it("keeps what is typed meanwhile, in order, but never Ctrl-C", () => {
    const sent: string[] = [];
    const conversation = new Conversation({ word: "word", send: (data) => sent.push(data.toString()) > 0 });
    const type = (text: string): boolean => conversation.type(Buffer.from(text));
    type("a");
    conversation.listens();
    conversation.say({ variables: true });
    type("c");
    type("d");
    conversation.heard(Buffer.from("b").toString("hex"));
    type("e");
    assert.deepEqual(sent, ["a", 'word;{"variables":true}\n', "b", "c", "d", "e"]);
    conversation.listens();
    assert.equal(type("x".repeat(5000)), false);
    type("f");
    type("\x03");
    assert.deepEqual(sent.slice(6), ["f", "\x03"]);
  });
});

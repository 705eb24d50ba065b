import assert from "node:assert/strict";
import { GridSurface } from "../../support/grid-surface.ts";
import type { InputEvent, MouseEvent } from "../../../src/terminal/input/event.ts";
import type { Layer } from "../../../src/terminal/layer.ts";
import { ConfirmDialog, messageDialog } from "../../../src/tui/views/confirm-dialog.ts";
import { differenceOf } from "../../../src/session/difference.ts";
import { DifferenceView } from "../../../src/tui/views/difference-view.ts";
import { HelpScreen } from "../../../src/tui/views/help-screen.ts";
import { Palette, type PaletteItem } from "../../../src/tui/views/palette.ts";
import { PasswordForm } from "../../../src/tui/views/password-form.ts";
import { PromptDialog } from "../../../src/tui/views/prompt-dialog.ts";

const key = (name: string): InputEvent => ({ kind: "key", name });
const text = (typed: string): InputEvent => ({ kind: "text", text: typed });
const click = (row: number, column: number): MouseEvent => ({
  kind: "mouse",
  action: "press",
  button: "left",
  row,
  column,
  clicks: 1,
  shift: false,
  alt: false,
  ctrl: false,
});

/** The dialog as the compositor draws it, on a surface of its own region. */
function draw(dialog: Layer, columns = 80, rows = 24): GridSurface {
  const region = dialog.region?.({ columns, rows });
  assert.ok(region, "a dialog says where it lies");
  assert.ok(
    region.row >= 0 &&
      region.column >= 0 &&
      region.row + region.height <= rows &&
      region.column + region.width <= columns,
    "on the screen",
  );
  const surface = new GridSurface(region.width, region.height);
  dialog.draw(surface);
  return surface;
}

describe("confirm dialog", () => {
  const answers: string[] = [];
  const make = (): ConfirmDialog<string> => {
    answers.length = 0;
    return new ConfirmDialog({
      title: "Close file",
      text: "area.py has changes that are not saved.",
      buttons: [
        { label: "Save", letter: "S", value: "save" },
        { label: "Don't save", letter: "D", value: "discard" },
        { label: "Cancel", letter: "C", value: "cancel" },
      ],
      initial: 0,
      cancel: "cancel",
      onClose: (value) => void answers.push(value),
    });
  };

  it("shows the question, the buttons, and the safe one in brackets", () => {
    const surface = draw(make());
    assert.equal(
      surface.text(),
      [
        "╭─ Close file ────────────────────────────╮",
        "│                                         │",
        "│ area.py has changes that are not saved. │",
        "│                                         │",
        "│    [ Save ]    Don't save      Cancel   │",
        "╰─────────────────────────────────────────╯",
      ].join("\n"),
    );
    const { row, column } = surface.find("Save");
    assert.equal(surface.styleAt(row, column).underline, true, "the letter is underlined");
    assert.deepEqual(surface.cursorAt(), { row, column }, "the cursor is on the button");
  });

  const cases: readonly (readonly [keys: readonly InputEvent[], answer: string | undefined])[] = [
    [[key("Enter")], "save"],
    [[key("Escape")], "cancel"],
    [[key("Ctrl-C")], "cancel"],
    [[key("Right"), key("Enter")], "discard"],
    [[key("Left"), key("Enter")], "cancel"],
    [[key("Tab"), key("Tab"), key("Tab"), key("Enter")], "save"],
    [[text("d")], "discard"],
    [[text("S")], "save"],
    [[text("x"), key("F5")], undefined],
  ];
  for (const [keys, answer] of cases) {
    const names = keys
      .map((event) => (event.kind === "key" ? event.name : event.kind === "text" ? event.text : ""))
      .join(" ");
    it(`answers ${answer ?? "nothing"} to ${names}`, () => {
      const dialog = make();
      for (const event of keys) assert.ok(dialog.handle(event), "takes everything");
      assert.deepEqual(answers, answer === undefined ? [] : [answer]);
    });
  }

  it("answers a click on a button and no other click", () => {
    const dialog = make();
    const { row, column } = draw(dialog).find("Don't");
    dialog.handle(click(row - 1, column));
    assert.deepEqual(answers, []);
    dialog.handle(click(row, column + 3));
    assert.deepEqual(answers, ["discard"]);
  });

  it("refuses two answers with one letter", () => {
    const buttons = [
      { label: "Cancel", letter: "C", value: 1 },
      { label: "Continue", letter: "c", value: 2 },
    ];
    assert.throws(
      () => new ConfirmDialog({ title: "Which?", text: "", buttons, initial: 0, cancel: 0, onClose: () => undefined }),
      /c is bound twice in the question "Which\?": to 0 and to 1/,
    );
  });

  it("fits the smallest screen with a long text", () => {
    const dialog = messageDialog({ title: "A long story", text: "word ".repeat(300), onClose: () => undefined });
    assert.match(draw(dialog, 60, 16).text(), /\[ OK \]/);
  });
});

describe("confirm dialog with more buttons than fit", () => {
  it("puts them below each other, where they can be clicked", () => {
    const answers: string[] = [];
    const labels = ["Keep mine", "Take the file's", "See the difference", "Cancel"];
    const dialog = new ConfirmDialog<string>({
      title: "The file has changed",
      text: "area.py was changed outside this editor since you opened it. Which text should be kept?",
      buttons: labels.map((label) => ({ label, letter: label.charAt(0), value: label })),
      initial: 2,
      cancel: "",
      onClose: (value) => void answers.push(value),
    });
    const wide = draw(dialog);
    assert.equal(new Set(labels.map((label) => wide.find(label).row)).size, 1);
    const narrow = draw(dialog, 60, 16);
    const rows = new Set(labels.map((label) => narrow.find(label).row));
    assert.equal(rows.size, 2);
    for (const label of labels) dialog.handle(click(narrow.find(label).row, narrow.find(label).column));
    assert.deepEqual(answers, labels);
  });
});

describe("difference view", () => {
  let closed = 0;
  const make = (theirs: string, mine: string): DifferenceView =>
    new DifferenceView({ name: "area.py", difference: differenceOf(theirs, mine), onClose: () => void (closed += 1) });

  it("shows what each text has alone, by sign, colour and line number", () => {
    const surface = draw(make("a = 1\nb = 2\nc = 3", "a = 1\nb = 20\nc = 3"));
    assert.match(surface.text(), /area\.py: what differs/);
    for (const line of [
      "- only in the file   + only in yours",
      "1 1   a = 1",
      "2   - b = 2",
      "  2 + b = 20",
      "3 3   c = 3",
    ]) {
      assert.ok(surface.text().includes(line), `${line} in\n${surface.text()}`);
    }
    const theirs = surface.find("- b = 2");
    const mine = surface.find("+ b = 20");
    assert.equal(surface.styleAt(theirs.row, theirs.column).foreground, "error");
    assert.equal(surface.styleAt(mine.row, mine.column).foreground, "success");
  });

  it("scrolls through many and long lines, and goes back at Escape", () => {
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index} ${".".repeat(100)} end ${index}`);
    const view = make(lines.join("\n"), lines.map((line) => `${line}!`).join("\n"));
    assert.match(draw(view).text(), /- line 0 [^]*↑ ↓ scroll {3}← → sideways {3}Esc back/);
    view.handle(key("End"));
    for (let step = 0; step < 20; step++) view.handle(key("Right"));
    assert.match(draw(view).text(), /\+ .*end 59!/);
    view.handle(key("Home"));
    assert.match(draw(view, 60, 16).text(), /- line 0 /);
    closed = 0;
    view.handle(key("Escape"));
    assert.equal(closed, 1);
  });

  it("says so when there is nothing to show", () => {
    assert.match(draw(make("same", "same")).text(), /Both texts are the same/);
    assert.match(
      draw(new DifferenceView({ name: "a.py", difference: undefined, onClose: () => undefined })).text(),
      /too large, or too different/,
    );
  });
});

describe("prompt dialog", () => {
  const closed: (string | undefined)[] = [];
  const make = (more: { value?: string; cursor?: number } = {}): PromptDialog => {
    closed.length = 0;
    return new PromptDialog({
      title: "New file",
      label: "What should it be called?",
      check: (value) => (value === "" ? "type a name first" : undefined),
      onClose: (value) => void closed.push(value),
      ...more,
    });
  };

  it("returns what was typed", () => {
    const dialog = make();
    for (const event of [text("ara.py"), key("Home"), key("Right"), key("Right"), text("e"), key("Enter")])
      dialog.handle(event);
    assert.deepEqual(closed, ["area.py"]);
  });

  it("says what is wrong and stays open", () => {
    const dialog = make();
    dialog.handle(key("Enter"));
    assert.deepEqual(closed, []);
    assert.match(draw(dialog).text(), /✗ type a name first/);
    dialog.handle(text("a"));
    assert.doesNotMatch(draw(dialog).text(), /✗/);
  });

  it("puts the cursor where it is wanted in the value it starts with", () => {
    const dialog = make({ value: "area.py", cursor: 4 });
    const surface = draw(dialog);
    const { row, column } = surface.find("area.py");
    assert.deepEqual(surface.cursorAt(), { row, column: column + 4 });
    dialog.handle(text("s"));
    dialog.handle(key("Enter"));
    assert.deepEqual(closed, ["areas.py"]);
  });

  it("returns nothing at Escape", () => {
    const dialog = make({ value: "x" });
    dialog.handle(key("Escape"));
    assert.deepEqual(closed, [undefined]);
  });
});

describe("palette", () => {
  const items: readonly PaletteItem[] = [
    { id: "run", label: "Save and run this program", detail: "Run", keys: "F5" },
    { id: "save", label: "Save", detail: "Files", keys: "Ctrl-S" },
    { id: "save-all", label: "Save all open files", detail: "Files", keys: "Ctrl-K Ctrl-S" },
    { id: "go", label: "Go to a line", detail: "Find", keys: "" },
  ];
  const picked: (string | undefined)[] = [];
  const make = (list = items): Palette => {
    picked.length = 0;
    return new Palette({
      title: "All commands",
      items: list,
      empty: "Looking…",
      onClose: (item) => void picked.push(item?.id),
    });
  };

  it("shows every item with its keys", () => {
    const surface = draw(make());
    for (const { label, keys } of items)
      assert.ok(surface.text().includes(label) && surface.text().includes(keys ?? ""), label);
  });

  const cases: readonly (readonly [typed: readonly InputEvent[], id: string | undefined])[] = [
    [[key("Enter")], "run"],
    [[key("Down"), key("Enter")], "save"],
    [[text("gol"), key("Enter")], "go"],
    [[text("save a"), key("Enter")], "save-all"],
    [[text("zzz"), key("Enter")], undefined],
    [[text("zzz"), key("Ctrl-U"), key("Enter")], "run"],
  ];
  for (const [typed, id] of cases) {
    it(`picks ${id ?? "nothing"} after ${typed.map((event) => (event.kind === "key" ? event.name : event.kind === "text" ? event.text : "")).join(" ")}`, () => {
      const palette = make();
      for (const event of typed) palette.handle(event);
      assert.deepEqual(picked, id === undefined ? [] : [id]);
    });
  }

  it("scrolls a long list with the selection in sight", () => {
    const palette = make(Array.from({ length: 100 }, (_, index) => ({ id: String(index), label: `item ${index}` })));
    draw(palette);
    for (let count = 0; count < 40; count++) palette.handle(key("Down"));
    const surface = draw(palette);
    assert.match(surface.text(), /› item 40 /);
    const { row } = surface.find("item 39");
    palette.handle(click(row, 4));
    assert.deepEqual(picked, ["39"]);
  });

  it("takes items that come later, and says that it is looking", () => {
    const palette = make([]);
    assert.match(draw(palette).text(), /Looking…/);
    palette.handle(text("sav"));
    palette.setItems(items);
    palette.handle(key("Enter"));
    assert.deepEqual(picked, ["save"]);
  });
});

describe("help screen", () => {
  const sections = Array.from({ length: 4 }, (_, section) => ({
    title: `Section ${section}`,
    entries: Array.from({ length: 10 }, (_, entry) => ({ keys: `F${entry + 1}`, does: `does ${section}.${entry}` })),
  }));

  it("scrolls to everything in 60x16", () => {
    const help = new HelpScreen({ sections, onClose: () => undefined });
    let seen = draw(help, 60, 16).text();
    for (let page = 0; page < 10; page++) {
      help.handle(key("PageDown"));
      seen += draw(help, 60, 16).text();
    }
    for (const section of sections) {
      assert.ok(seen.includes(section.title));
      for (const { does } of section.entries) assert.ok(seen.includes(does), does);
    }
  });

  it("shows everything at once in two columns when wide", () => {
    for (const columns of [158, 159, 200]) {
      const shown = draw(new HelpScreen({ sections, onClose: () => undefined }), columns, 50).text();
      assert.match(shown, /does 0\.0 .*does 2\.0/, `${columns} columns`);
      assert.match(shown, /does 3\.9/);
    }
  });

  for (const name of ["Escape", "Enter", "F1", "Ctrl-G"]) {
    it(`closes at ${name}`, () => {
      let closed = 0;
      const help = new HelpScreen({ sections, onClose: () => void closed++ });
      help.handle(key(name));
      assert.equal(closed, 1);
    });
  }
});

const good = "correct horse battery";
interface Made {
  readonly form: PasswordForm;
  readonly submitted: { current: string; next: string }[];
  readonly closed: boolean[];
  readonly redrawn: Promise<void>;
}
function makeForm(problem?: string): Made {
  const submitted: { current: string; next: string }[] = [];
  const closed: boolean[] = [];
  let redraw!: () => void;
  const redrawn = new Promise<void>((resolve) => {
    redraw = resolve;
  });
  const form = new PasswordForm({
    title: "Welcome, ada",
    reason: "Choose a password of your own.",
    askCurrent: true,
    submit: (passwords) => {
      submitted.push(passwords);
      return Promise.resolve(problem);
    },
    redraw,
    onClose: (done) => void closed.push(done),
  });
  return { form, submitted, closed, redrawn };
}
const fill = (form: PasswordForm, ...values: readonly string[]): void => {
  for (const value of values) {
    form.handle(text(value));
    form.handle(key("Enter"));
  }
};

describe("password form", () => {
  it("shows the reason and never a password", () => {
    const { form } = makeForm();
    form.handle(text("secret"));
    const shown = draw(form).text();
    assert.match(shown, /Choose a password of your own\./);
    assert.match(shown, /••••••/);
    assert.doesNotMatch(shown, /secret/);
  });

  it("submits when both are the same", async () => {
    const { form, submitted, closed, redrawn } = makeForm();
    fill(form, "initial", good, good);
    await redrawn;
    assert.deepEqual(submitted, [{ current: "initial", next: good }]);
    assert.deepEqual(closed, [true]);
  });

  it("refuses two that differ without asking anyone", () => {
    const { form, submitted } = makeForm();
    fill(form, "initial", good, "something else");
    assert.deepEqual(submitted, []);
    assert.match(draw(form).text(), /✗ The two passwords are not the same\./);
  });

  it("shows what the rules say and begins again with the new password", async () => {
    const { form, closed, redrawn } = makeForm("that password is too short");
    fill(form, "initial", "x", "x");
    await redrawn;
    const surface = draw(form, 60, 16);
    assert.match(surface.text(), /✗ that password is too short/);
    assert.equal(surface.cursorAt()?.row, surface.find("New password").row);
    assert.deepEqual(closed, []);
  });

  it("closes without a password at Escape", () => {
    const { form, closed } = makeForm();
    form.handle(key("Escape"));
    assert.deepEqual(closed, [false]);
  });
});

import assert from "node:assert/strict";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../../src/base/errors.ts";
import { openStage, type Stage } from "./stage.ts";

/** Types letters and presses keys, as in "'abc Enter". */
function type(stage: Stage, keys: string): void {
  for (const key of keys.split(" ")) {
    if (key.startsWith("'")) stage.terminal.input(key.slice(1).replaceAll("_", " "));
    else stage.terminal.press(key);
  }
}

function saved(stage: Stage, name: string): Promise<string> {
  return readFile(join(stage.home, name), "utf8");
}

describe("the IDE on a terminal", () => {
  it("shows course, files, the open file, Python and the keys at 80x24", async () => {
    await using stage = await openStage();
    stage.python.print(">>> ");
    await stage.terminal.wait(/│ >>>/);
    const screen = stage.terminal.screen();
    assert.match(screen[0] ?? "", /^ classh {3}CS101 +ada · \d\d:\d\d$/);
    assert.match(screen[1] ?? "", /^ FILES +welcome\.py$/);
    assert.match(screen[2] ?? "", /^ ▾ home +│ {2}1 {2}# Welcome/);
    assert.match(screen[4] ?? "", /^ ▾ course +read │ {2}3$/);
    assert.match(screen[14] ?? "", /^ +├─ CONSOLE {2}Press F5 to run your program ─+ ready ──$/);
    assert.match(screen[22] ?? "", /^ Ln 1, Col 1 .* UTF-8$/);
    assert.match(screen[23] ?? "", /^ F5 Run {2}\^S Save .*F1 Help/);
    assert.deepEqual(stage.terminal.cursor(), { row: 2, column: 25, visible: true });
    assert.equal(stage.terminal.title(), "ada@classh: welcome.py");
  });

  it("uses the room of 200x50", async () => {
    await using stage = await openStage({ columns: 200, rows: 50 });
    const screen = stage.terminal.screen();
    assert.match(screen[0] ?? "", /ada · \d\d:\d\d$/);
    assert.equal(screen[0]?.length, 199);
    assert.match(screen[2] ?? "", /│ {2}1 {2}# Welcome, ada! Press F5/);
    assert.match(screen[1] ?? "", /│ VARIABLES$/);
    assert.match(screen[49] ?? "", /\^Q Quit  \^K \^Q Hand$/);
    assert.deepEqual(stage.workbench.console.size, { columns: 108, rows: 18 });
  });

  it("takes typing, marks the file as unsaved, and saves it at Ctrl-S", async () => {
    await using stage = await openStage();
    type(stage, "'x_=_1 Enter");
    await stage.terminal.wait(/1 {2}x = 1/);
    await stage.terminal.wait(/welcome\.py ●/);
    await stage.terminal.wait(/Ln 2, Col 1 .*● not saved/);
    type(stage, "Ctrl-S");
    await stage.terminal.wait("✓ Saved welcome.py.");
    assert.match(await saved(stage, "welcome.py"), /^x = 1\n# Welcome/);
    assert.doesNotMatch(stage.terminal.screen().join("\n"), /●/);
  });

  it("saves and runs at F5, and gives the keys to Python until F3", async () => {
    await using stage = await openStage();
    type(stage, "'a_=_2 Enter F5");
    await stage.terminal.wait(/CONSOLE {2}welcome\.py ─+ ▶ running/);
    assert.deepEqual(stage.python.runs, ["/home/ada/welcome.py"]);
    assert.match(await saved(stage, "welcome.py"), /^a = 2\n/);
    stage.python.print("What is your name? ");
    await stage.terminal.wait("What is your name?");
    type(stage, "'Ada Enter Up Ctrl-C Ctrl-A Tab");
    await stage.python.hasRead("Ada\r\x1b[A\x03\x01\t");
    type(stage, "F3 'y");
    await stage.terminal.wait(/2 {2}y# Welcome/);
    assert.equal(stage.python.typed.join(""), "Ada\r\x1b[A\x03\x01\t");
  });

  it("gives Python what is typed right after F5, while the file is still being saved", async () => {
    await using stage = await openStage();
    type(stage, "'a F5 'Ada Enter");
    await stage.python.hasRead("Ada\r");
    assert.match(await saved(stage, "welcome.py"), /^a# Welcome/);
  });

  it("paints what Python prints in its colours, and scrolls back with the wheel", async () => {
    await using stage = await openStage();
    stage.python.print(
      `\x1b[31mred\x1b[0m 日本\r\n${Array.from({ length: 40 }, (_, line) => `line ${line}\r\n`).join("")}`,
    );
    await stage.terminal.wait("line 39");
    for (let count = 0; count < 20; count++) stage.terminal.mouse("wheel-up", 18, 40);
    await stage.terminal.wait(/│ red 日本/);
    await stage.terminal.wait("older output");
    const row = stage.terminal.screen().findIndex((line) => line.includes("red 日本"));
    assert.equal(stage.terminal.cell(row, 21).text, "r");
    assert.equal(stage.terminal.cell(row, 21).foreground, 1);
    type(stage, "F4 'x");
    await stage.terminal.wait("line 39");
  });

  it("creates, renames and deletes files and folders, asking before it deletes", async () => {
    await using stage = await openStage();
    const { terminal } = stage;
    type(stage, "Ctrl-N");
    await terminal.wait("New file");
    type(stage, "'area.py Enter");
    await terminal.wait(/^ FILES +welcome\.py {3}area\.py$/m);
    type(stage, "F2 'r");
    await terminal.wait("What should area.py be called?");
    type(stage, "'2 Enter");
    await terminal.wait(/^ FILES +welcome\.py {3}area2\.py$/m);
    assert.deepEqual((await readdir(stage.home)).toSorted(), ["area2.py", "welcome.py"]);
    type(stage, "'f");
    await terminal.wait("New folder");
    type(stage, "'data Enter");
    await terminal.wait("▸ data");
    type(stage, "Delete");
    await terminal.wait("Delete the folder data and everything in it?");
    type(stage, "Enter");
    await terminal.wait((screen) => !screen.join("\n").includes("everything in it"));
    assert.ok((await readdir(stage.home)).includes("data"), "Enter is the safe choice");
    type(stage, "'d");
    await terminal.wait("everything in it?");
    type(stage, "'d");
    await terminal.wait("✓ Deleted data.");
    assert.ok(!(await readdir(stage.home)).includes("data"));
  });

  it("says why a name is refused and keeps everything as it is", async () => {
    await using stage = await openStage();
    type(stage, "Ctrl-N");
    await stage.terminal.wait("New file");
    type(stage, "'welcome.py Enter");
    await stage.terminal.wait(/✗ .*welcome\.py/);
    type(stage, "Ctrl-N");
    await stage.terminal.wait("New file");
    type(stage, "'week1/area.py Enter");
    await stage.terminal.wait(/✗ There is no folder week1 yet\. Choose "New folder"/);
    type(stage, "Right");
    await stage.terminal.wait(/Ln 1, Col 2/);
  });

  it("opens a file by a few letters of its name", async () => {
    await using stage = await openStage();
    await mkdir(join(stage.home, "week2"));
    await writeFile(join(stage.home, "week2", "triangle.py"), "sides = 3\n");
    type(stage, "Ctrl-O");
    await stage.terminal.wait(/triangle\.py +\/home\/ada\/week2/);
    type(stage, "'trng Enter");
    await stage.terminal.wait(/1 {2}sides = 3/);
  });

  it("asks at Ctrl-Q about unsaved work: Escape stays, Save saves and leaves", async () => {
    await using stage = await openStage();
    type(stage, "'z Ctrl-Q");
    await stage.terminal.wait("Not saved yet: welcome.py.");
    type(stage, "Escape");
    await stage.terminal.wait((screen) => !screen.join("\n").includes("Not saved yet"));
    type(stage, "Ctrl-Q");
    await stage.terminal.wait("Not saved yet");
    type(stage, "Enter");
    assert.equal(await stage.left, "quit");
    assert.match(await saved(stage, "welcome.py"), /^z# Welcome/);
  });

  it("gives up unsaved work only when told to", async () => {
    await using stage = await openStage();
    type(stage, "'z Ctrl-Q");
    await stage.terminal.wait("Not saved yet");
    type(stage, "'d");
    assert.equal(await stage.left, "quit");
    assert.match(await saved(stage, "welcome.py"), /^# Welcome/);
    assert.deepEqual(stage.workbench.documents.unsaved, []);
  });

  it("gives the terminal back as it was, with one friendly line", async () => {
    await using stage = await openStage();
    type(stage, "Ctrl-Q");
    assert.equal(await stage.left, "quit");
    await stage.terminal.settled();
    assert.equal(stage.terminal.alternate(), false);
    assert.equal(stage.terminal.cursor().visible, true);
    assert.deepEqual(
      stage.terminal.screen().filter((line) => line !== ""),
      ["Goodbye, ada. See you soon!"],
    );
    assert.equal(stage.terminal.exitStatus, 0);
    assert.equal(stage.terminal.listenerCount, 0);
  });

  it("asks before it closes a file with changes", async () => {
    await using stage = await openStage();
    type(stage, "'z Ctrl-W");
    await stage.terminal.wait("welcome.py has changes that are not saved.");
    type(stage, "'c");
    await stage.terminal.wait((screen) => !screen.join("\n").includes("has changes"));
    type(stage, "Ctrl-W");
    await stage.terminal.wait("has changes");
    type(stage, "'d");
    await stage.terminal.wait("No file is open.");
    assert.match(stage.terminal.screen().join("\n"), /F2 +choose a file on the left/);
  });

  it("asks which text to keep when the file has changed on disk", async () => {
    await using stage = await openStage();
    type(stage, "'mine_");
    await stage.terminal.wait("mine # Welcome");
    await writeFile(join(stage.home, "welcome.py"), "theirs\n");
    type(stage, "Ctrl-S");
    await stage.terminal.wait("was changed outside this editor since you opened it");
    assert.equal(await saved(stage, "welcome.py"), "theirs\n");
    type(stage, "'s");
    await stage.terminal.wait(/welcome\.py: what differs[^]*- theirs[^]*\+ mine # Welcome/);
    type(stage, "Escape");
    await stage.terminal.wait("The file has changed");
    type(stage, "'k");
    await stage.terminal.wait("✓ Saved welcome.py.");
    assert.match(await saved(stage, "welcome.py"), /^mine # Welcome/);
  });

  it("says that a course file is read-only, and F10 copies it", async () => {
    await using stage = await openStage();
    await stage.workbench.tree.expand("/course/Assignments");
    const file = stage.workbench.tree.rows.find(
      (row) => row.kind === "file" && row.path.startsWith("/course/Assignments"),
    );
    assert.ok(file, "the samples hold an assignment");
    type(stage, `Ctrl-O '${file.path.replaceAll(" ", "_")} Enter`);
    await stage.terminal.wait(/ read$/m);
    type(stage, "'x");
    await stage.terminal.wait(/is read-only\. F10 copies it/);
    type(stage, "F10");
    await stage.terminal.wait("✓ Copied to your own files");
    assert.ok((await readdir(stage.home)).includes(file.name));
  });

  it("finds, counts, walks and replaces", async () => {
    await using stage = await openStage();
    const text = await saved(stage, "welcome.py");
    const count = text.split("name").length - 1;
    type(stage, "Ctrl-F 'name");
    await stage.terminal.wait(new RegExp(`Find .*name.* 1 of ${count}`));
    type(stage, "Enter");
    await stage.terminal.wait(`2 of ${count}`);
    type(stage, "Ctrl-U 'nowhere");
    await stage.terminal.wait("not found");
    type(stage, "Escape");
    await stage.terminal.wait((screen) => !screen.join("\n").includes("not found"));
    type(stage, "Ctrl-H Ctrl-U 'name Tab 'title");
    await stage.terminal.wait(/Replace .*title/);
    stage.terminal.input("\x1ba");
    await stage.terminal.wait(/✓ Replaced \d+ match/);
    type(stage, "Escape");
    await stage.terminal.wait((screen) => !screen.join("\n").includes("Replace  "));
    type(stage, "Ctrl-S");
    await stage.terminal.wait("✓ Saved");
    assert.equal(await saved(stage, "welcome.py"), text.replaceAll("name", "title"));
  });

  it("runs any command from the palette", async () => {
    await using stage = await openStage();
    type(stage, "Ctrl-P");
    await stage.terminal.wait("All commands");
    type(stage, "'goline Enter");
    await stage.terminal.wait("Which line?");
    type(stage, "'4 Enter");
    await stage.terminal.wait(/Ln 4, Col 1/);
  });

  it("deletes the open file from the palette while the editor has the focus, and says so when there is nothing to delete or rename", async () => {
    await using stage = await openStage();
    const choose = (words: string): void => {
      type(stage, "Ctrl-P");
      stage.terminal.input(`${words}\r`);
    };
    type(stage, "F3");
    choose("delete the selected");
    await stage.terminal.wait("Delete welcome.py? This can't be undone.");
    stage.terminal.input("d");
    await stage.terminal.wait("Deleted welcome.py.");
    for (const document of stage.workbench.documents.list.slice()) await stage.workbench.documents.close(document);
    choose("delete the selected");
    await stage.terminal.wait("Nothing that can be deleted is selected.");
    choose("rename");
    await stage.terminal.wait("Nothing that can be renamed is selected.");
  });

  it("shows a pending chord, and what an unknown one does", async () => {
    await using stage = await openStage();
    type(stage, "Ctrl-K");
    await stage.terminal.wait("Ctrl-K … press the next key");
    type(stage, "F10");
    await stage.terminal.wait("Ctrl-K F10 does nothing. F1 shows all keys.");
    type(stage, "Ctrl-K 'k");
    await stage.terminal.wait(/1 {2}name = input/);
  });

  it("keeps a paste as it is, as one step to undo", async () => {
    await using stage = await openStage();
    stage.terminal.paste("def f(:\n    return [\n");
    await stage.terminal.wait(/2 {6}return \[$/m);
    type(stage, "Ctrl-Z");
    await stage.terminal.wait(/1 {2}# Welcome/);
    assert.equal(stage.workbench.documents.active?.modified, false);
  });

  it("puts the cursor where the mouse clicks, and selects a word at a double click", async () => {
    await using stage = await openStage();
    stage.terminal.mouse("click", 3, 29);
    await stage.terminal.wait(/Ln 2, Col 5/);
    stage.terminal.mouse("double-click", 3, 34);
    await stage.terminal.wait(/5 selected/);
    assert.equal(stage.workbench.documents.active?.editor.selectedText(), "input");
    stage.terminal.mouse("click", 20, 40);
    await stage.terminal.wait(/Python is ready/);
    stage.terminal.mouse("click", 23, 2);
    await stage.terminal.wait(/▶ running/);
  });

  it("folds under 70 columns: F4 switches to the console, F2 lays the files over", async () => {
    await using stage = await openStage({ columns: 66, rows: 20 });
    const { terminal } = stage;
    assert.doesNotMatch(terminal.screen().join("\n"), /CONSOLE|FILES/);
    type(stage, "F4");
    await terminal.wait("CONSOLE");
    assert.doesNotMatch(terminal.screen().join("\n"), /Welcome/);
    type(stage, "F2");
    await terminal.wait("FILES");
    type(stage, "Escape");
    await terminal.wait(/1 {2}# Welcome/);
    assert.doesNotMatch(terminal.screen().join("\n"), /FILES/);
  });

  it("hides the files at a second F2 and lays them over the text at a third", async () => {
    await using stage = await openStage();
    const { terminal } = stage;
    type(stage, "F2 F2");
    await terminal.wait(/^ {2}1 {2}# Welcome/m);
    type(stage, "F2");
    await terminal.wait(/^ ▾ home +│/m);
    assert.equal(stage.workbench.console.size.columns, 79, "an overlay takes no room from Python");
    type(stage, "F2");
    await terminal.wait(/▾ home +│ {2}1 {2}# Welcome/);
  });

  it("tells Python about a new size, asks for a larger window when it is tiny, and comes back", async () => {
    await using stage = await openStage();
    const { terminal } = stage;
    terminal.resizeTo(100, 30);
    await terminal.wait((screen) => (screen[0] ?? "").length === 99);
    assert.deepEqual(stage.python.sizes.at(-1), stage.workbench.console.size);
    const before = stage.workbench.console.size;
    terminal.resizeTo(50, 12);
    await terminal.wait("needs 60x16, it");
    assert.deepEqual(stage.workbench.console.size, before, "Python keeps its size meanwhile");
    type(stage, "'lost");
    terminal.resizeTo(20, 5);
    await terminal.wait("classh needs 60x16");
    terminal.resizeTo(80, 24);
    await terminal.wait(/1 {2}# Welcome/);
    assert.equal(stage.workbench.documents.active?.modified, false, "nothing was typed blindly");
  });

  it("leaves at Ctrl-Q without a question where no question fits, and keeps the work", async () => {
    await using stage = await openStage();
    type(stage, "'z");
    await stage.terminal.wait("z# Welcome");
    stage.terminal.resizeTo(30, 8);
    await stage.terminal.wait("60x16");
    type(stage, "Ctrl-Q");
    assert.equal(await stage.left, "quit");
    assert.equal(stage.workbench.documents.unsaved.length, 1);
  });

  it("ends when the connection breaks, with a question open, and lets go of the terminal", async () => {
    await using stage = await openStage();
    type(stage, "'z Ctrl-Q");
    await stage.terminal.wait("Not saved yet");
    stage.terminal.disconnect();
    assert.equal(await stage.left, "disconnected");
    assert.equal(stage.terminal.listenerCount, 0);
    assert.equal(stage.workbench.documents.unsaved.length, 1, "unsaved work stays in the session");
  });

  it("leaves with the reason when the session is ended", async () => {
    await using stage = await openStage();
    stage.workbench.end("The server is restarting.");
    assert.equal(await stage.left, "ended");
    await stage.terminal.settled();
    assert.match(stage.terminal.screen().join("\n"), /The server is restarting\./);
  });

  it("tells about a bug with a number, and goes on", async () => {
    await using stage = await openStage();
    stage.workbench.tree.toggle = () => Promise.reject(new TypeError("a bug"));
    type(stage, "F2 Home Enter");
    await stage.terminal.wait(/✗ Something went wrong in classh \(error [0-9a-f]{8}\)/);
    type(stage, "F3 'still_here");
    await stage.terminal.wait("still here# Welcome");
    assert.doesNotMatch(stage.terminal.screen().join("\n"), /went wrong/, "an error stays until the next key");
  });

  it("refuses a terminal that can't show a screen", async () => {
    await assert.rejects(
      openStage({ term: "dumb" }),
      (error: unknown) => error instanceof UserError && error.code === "no-terminal" && /ssh -t/.test(error.hint ?? ""),
    );
  });
});

describe("the first login", () => {
  const good = "correct horse battery";

  it("asks for a new password before anything else, and says what is wrong with it", async () => {
    const asked: string[] = [];
    await using stage = await openStage({
      mustChangePassword: true,
      changePassword: (old, fresh) => {
        asked.push(`${old}>${fresh}`);
        return fresh === good
          ? Promise.resolve()
          : Promise.reject(new UserError("bad-password", "that password is too short", "Use at least 10 characters."));
      },
    });
    const { terminal } = stage;
    await terminal.wait("Welcome, ada");
    assert.doesNotMatch(terminal.screen().join("\n"), /# Welcome, ada!/);
    type(stage, "'initial Enter 'short Enter 'short Enter");
    await terminal.wait("✗ That password is too short. Use at least 10 characters.");
    assert.doesNotMatch(terminal.screen().join("\n"), /Working/, "it is the person that we wait for");
    for (const word of [good, good]) {
      terminal.input(word);
      terminal.press("Enter");
    }
    await terminal.wait(/1 {2}# Welcome, ada!/);
    assert.deepEqual(asked, ["initial>short", `initial>${good}`]);
  });

  it("asks for the new one only, twice, when the server knows the old one", async () => {
    const asked: string[] = [];
    await using stage = await openStage({
      mustChangePassword: true,
      setFirstPassword: (fresh) => {
        asked.push(fresh);
        return Promise.resolve();
      },
    });
    assert.doesNotMatch(stage.terminal.screen().join("\n"), /Current password/);
    stage.terminal.input(`${good}\t${good}\r`);
    await stage.terminal.wait(/1 {2}# Welcome, ada!/);
    assert.deepEqual(asked, [good]);
  });

  it("ends when the person gives up", async () => {
    await using stage = await openStage({ mustChangePassword: true });
    await stage.terminal.wait("Welcome, ada");
    type(stage, "Escape");
    assert.equal(await stage.left, "password-not-changed");
    await stage.terminal.settled();
    assert.match(stage.terminal.screen().join("\n"), /Your password was not changed/);
  });
});

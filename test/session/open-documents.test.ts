import assert from "node:assert/strict";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { Participant } from "../../src/editor/participant.ts";
import { OpenDocuments } from "../../src/session/open-documents.ts";
import { Recovery } from "../../src/session/recovery.ts";
import { Unsaved } from "../../src/session/unsaved.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { limits, makeFiles, refuses, type Files } from "../workspace/fixture.ts";

describe("open documents", () => {
  let scope: Scope;
  let files: Files;
  let documents: OpenDocuments;

  beforeEach(async () => {
    scope = new Scope("open documents test");
    files = await makeFiles(scope);
    documents = new OpenDocuments({
      scope,
      workspace: files.ada,
      owner: new Participant({ name: "Ada" }),
      limit: 20,
      notify: () => undefined,
      clock: systemClock,
      log: silentLog,
    });
  });
  afterEach(() => scope.close());

  const put = (name: string, text: string): Promise<void> => writeFile(join(files.home, name), text);
  const lines = (bytes: number, letter = "x"): string =>
    `${letter.repeat(99)}\n`.repeat(Math.ceil(bytes / 100)).slice(0, bytes - 1) + letter;
  const fileBytes = limits.fileMebibytes * 2 ** 20;

  it("refuse to grow beyond what can be saved, and say so", async () => {
    await put("big.txt", lines(fileBytes - 10));
    const { editor } = await documents.open("/home/ada/big.txt");
    editor.run("selectAll");
    const { text } = editor.copy();
    editor.run("cursorDocumentEnd");
    assert.throws(() => editor.paste(text), /the file big\.txt would be too large/);
    assert.equal(editor.type("0123456789"), true);
    assert.throws(() => editor.type("x"), /too large/);
  });

  it("are not too large all together", async () => {
    for (const name of ["1", "2", "3", "4", "5"]) await put(name, lines(fileBytes - 10));
    for (const name of ["1", "2", "3", "4"]) await documents.open(`/home/ada/${name}`);
    await refuses("too-large", documents.open("/home/ada/5"), /Close one/);
  });

  it("have lines of a bounded length, however they would become longer", async () => {
    await put("long.txt", `short\n${"x".repeat(20_001)}\n`);
    await refuses(
      "too-large",
      documents.open("/home/ada/long.txt"),
      /line 2 has 20,001 characters; the limit is 20,000/,
    );
    await put("marks.py", `a${"\u0301".repeat(400_000)}`);
    await refuses("too-large", documents.open("/home/ada/marks.py"), /line 1 has 400,001 characters/);
    await put("bytes.txt", "é".repeat(20_000));
    await put("full.txt", `${"x".repeat(20_000)}\n${"y".repeat(20_000)}\nz`);
    await documents.open("/home/ada/bytes.txt");
    const { editor } = await documents.open("/home/ada/full.txt");
    const before = editor.text();
    editor.run("cursorDocumentStart");
    assert.throws(() => editor.type("a"), /a line of full\.txt would be too long: the limit is 20,000 characters/);
    assert.throws(() => editor.run("delete") && editor.paste("ab"), /too long/);
    editor.run("undo");
    editor.run("cursorLineEnd");
    assert.throws(() => editor.run("delete"), /too long/, "two lines would become one");
    editor.run("cursorDocumentEnd");
    assert.throws(() => editor.paste("p".repeat(20_000)), /too long/);
    assert.equal(editor.text(), before);
    editor.paste(`${"p".repeat(19_999)}\n${"q".repeat(20_000)}`);
    assert.equal(editor.text().length, before.length + 40_000);
    editor.run("selectAll");
    editor.run("delete");
    assert.equal(editor.text(), "");
  });

  it("have a bounded number of lines", async () => {
    await put("lines.txt", "\n".repeat(200_000));
    await refuses("too-large", documents.open("/home/ada/lines.txt"), /more than 200,000 lines/);
  });

  it("follow a small file, and ask about a large one that a program writes again and again", async () => {
    await put("small.txt", "1");
    await put("large.txt", lines(300_000, "1"));
    const small = await documents.open("/home/ada/small.txt");
    const large = await documents.open("/home/ada/large.txt");
    await put("large.txt", lines(300_000, "2"));
    await put("small.txt", "2");
    await eventually(() => small.editor.text() === "2" && large.disk === "changed");
    assert.equal(large.editor.text().charAt(0), "1");
  });

  it("keep what is typed while the new text of the file is read", async () => {
    await put("small.txt", "1");
    const document = await documents.open("/home/ada/small.txt");
    await put("small.txt", "2");
    const looking = documents.checkFile(document);
    // The file has another stamp and is read now or soon; whichever it is, this is not to be replaced.
    while (document.disk === "same" && !document.editor.modified && document.editor.text() === "1") {
      document.editor.type("x");
      await new Promise((resolve) => setImmediate(resolve));
    }
    await looking;
    assert.match(document.editor.text(), /x/);
  });

  it("lose no unsaved text when it can't be made safe in the new session", async () => {
    const directory = join(files.outside, "recovery");
    const recovery = new Recovery({ directory, clock: systemClock, log: silentLog });
    const options = {
      username: "ada",
      documents,
      isLive: (session: string) => session === "new",
      notify: () => undefined,
      clock: systemClock,
      log: silentLog,
    };
    await using dead = recovery.forSession("ada", "dead");
    await dead.keep({ path: "/home/ada/gone.py", text: "precious", stamp: undefined, at: "2026-01-01T00:00:00Z" });
    // The file of the new session's own name is a folder: it can't be written.
    const [name = ""] = await readdir(join(directory, "ada"));
    const blocked = join(directory, "ada", name.replace("dead", "new"));
    await mkdir(blocked);
    await using fresh = new Unsaved({ ...options, session: "new", recovery });
    await fresh.recover((path) => documents.open(path));
    assert.equal(documents.list[0]?.editor.text(), "precious");
    await rm(blocked, { recursive: true });
    const { entries } = await recovery.claim("ada", () => false, "third");
    assert.deepEqual(
      entries.map(({ text }) => text),
      ["precious"],
    );
  });

  it("make a text safe as soon as there is room again, though nobody types, and tell once that there was none", async () => {
    const directory = join(files.outside, "recovery");
    const recovery = new Recovery({ directory, clock: systemClock, log: silentLog });
    const told: string[] = [];
    const notify = (_kind: string, text: string): void => void told.push(text);
    await using unsaved = new Unsaved({
      session: "new",
      username: "ada",
      recovery,
      documents,
      isLive: () => true,
      notify,
      clock: systemClock,
      log: silentLog,
    });
    await put("small.txt", "1");
    const document = await documents.open("/home/ada/small.txt");
    document.editor.type("precious");
    // A file in the place of the folder: nothing can be written below it.
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "ada"), "");
    assert.equal(await unsaved.keep(), false);
    assert.equal(await unsaved.keep(), false);
    assert.equal(told.length, 1);
    await rm(join(directory, "ada"));
    assert.equal(await unsaved.keep(), true);
    const { entries } = await recovery.claim("ada", () => false, "next");
    assert.deepEqual(
      entries.map(({ text }) => text),
      ["precious1"],
    );
  });

  it("have a timer only while there is text to make safe, or one to forget", async () => {
    const clock = new FakeClock();
    const directory = join(files.outside, "recovery");
    const recovery = new Recovery({ directory, clock, log: silentLog });
    const kept = async (): Promise<number> =>
      await readdir(join(directory, "grace")).then(
        ({ length }) => length,
        () => 0,
      );
    const unsaved = new Unsaved({
      session: "new",
      username: "grace",
      recovery,
      documents,
      isLive: () => true,
      notify: () => undefined,
      clock,
      log: silentLog,
    });
    await put("small.txt", "1");
    const document = await documents.open("/home/ada/small.txt");
    document.editor.run("cursorDocumentEnd");
    assert.equal(clock.timers, 0);
    document.editor.type("2");
    document.editor.type("3");
    assert.equal(clock.timers, 1);
    clock.advance(750);
    await eventually(async () => (await kept()) === 1);
    assert.equal(clock.timers, 0);
    document.editor.run("undo");
    assert.equal(clock.timers, 1);
    // The first text may still be on its way to the disk.
    await eventually(async () => {
      clock.advance(750);
      return (await kept()) === 0 && clock.timers === 0;
    });
    // The disk takes nothing: it is tried again, though nobody types.
    await rm(directory, { recursive: true });
    await mkdir(directory);
    await writeFile(join(directory, "grace"), "");
    document.editor.type("4");
    clock.advance(750);
    await eventually(() => clock.timers === 1);
    document.editor.type("5");
    await unsaved[Symbol.asyncDispose]();
    assert.equal(clock.timers, 0);
  });
});

/** A viewer with a smaller terminal while a program scrolls and the student types; and one whose ssh has stopped. Over real ssh. */
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { differences, showsTheSame } from "../support/cells.ts";
import { patientRuns, testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";

/** Scrolls until the test makes a file. */
const scrolling = `#
import os, time
number = 0
while not os.path.exists("/home/ada/stop"):
    number += 1
    print(number, 'é漢字' * 12, '=' * (number % 30))
    time.sleep(0.01)
print("and that is", "the end")
`;
/** The viewer's terminal, without the viewer's own line. */
const part = { columns: 61, rows: 17 };

describe("a viewer's cells", () => {
  let server: TestServer;
  let ada: TerminalClient;
  let prof: TerminalClient;
  before(async () => {
    server = await testServer(patientRuns);
    await server.add("ada");
    await server.add("liskov", "professor");
    await writeFile(join(server.home("ada"), "scroll.py"), scrolling);
    ada = await server.connect("ada", { columns: 100, rows: 30 });
    await ada.wait("Welcome, ada!");
    ada.press("Ctrl-O");
    await ada.wait("Open a file");
    ada.type("scroll.py\r");
    await ada.wait("while not os.path");
    prof = await server.connect("liskov", {
      columns: part.columns,
      rows: part.rows + 1,
      command: "attach ada",
      pty: true,
    });
    await prof.wait("Watching ada");
  });
  after(async () => {
    await prof.close();
    await ada.close();
    await server[Symbol.asyncDispose]();
  });

  const stop = (): string => join(server.home("ada"), "stop");
  const isOver = (): boolean => ada.dump().includes("and that is the end");

  it("are the student's, each time that she types while a program scrolls", async () => {
    ada.press("F5");
    await ada.wait(/\n.*2\d é漢字/);
    await prof.wait(/é漢字/);
    await showsTheSame(ada, prof, part);
    ada.press("F3", "Ctrl-Home", "End");
    for (const word of [" one ", "two ", "three ", "four ", "five ", "six "]) {
      ada.type(word);
      await ada.wait(word.trim());
      await prof.wait(word.trim());
      await showsTheSame(ada, prof, part);
    }
    prof.resize(45, 18);
    await prof.wait("Watching ada");
    await showsTheSame(ada, prof, { columns: 45, rows: 17 });
    assert.notDeepEqual(differences(ada, prof, { columns: 45, rows: 18 }), [], "the viewer's own line is not hers");
    prof.resize(part.columns, part.rows + 1);
    await writeFile(stop(), "");
    await ada.wait(isOver);
    await showsTheSame(ada, prof, part);
    await rm(stop());
  });

  it("are hers again after the viewer's ssh was stopped for a while, which she does not notice", async () => {
    process.kill(prof.pid, "SIGSTOP");
    try {
      ada.press("F5");
      await ada.wait(() => !isOver());
      ada.press("F3", "Ctrl-Home", "End");
      for (let count = 1; count <= 5; count++) {
        ada.type(` still here ${count}`);
        await ada.wait(`still here ${count}`);
      }
      await writeFile(stop(), "");
      await ada.wait(isOver);
    } finally {
      process.kill(prof.pid, "SIGCONT");
    }
    await prof.wait("still here 5");
    await showsTheSame(ada, prof, part);
  });
});

/** Two people, one file: one edits at a time, everybody knows who, and nothing is lost when it changes hands. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";

describe("one file, two people", () => {
  let server: TestServer;
  let ada: TerminalClient;
  let prof: TerminalClient;
  before(async () => {
    server = await testServer();
    await server.add("ada");
    await server.add("liskov", "professor");
    ada = await server.connect("ada");
    await ada.wait("Welcome, ada!");
    prof = await server.connect("liskov", { columns: 120, rows: 35 });
    await prof.wait("Welcome, liskov!");
  });
  after(async () => {
    await ada.close();
    await prof.close();
    await server[Symbol.asyncDispose]();
  });

  it("the teacher sees that the student edits, and can't type", async () => {
    prof.press("Ctrl-O");
    await prof.wait("Open a file");
    prof.type("/students/ada/welcome.py\r");
    await prof.wait(/ada has been editing this since \d\d:\d\d {3}Enter asks for it/);
    prof.type("x");
    await prof.wait(/ada is editing ada\/welcome\.py/);
  });

  it("the student is asked, hands over with unsaved work saved, and sees what the teacher saves", async () => {
    ada.press("F3");
    ada.type("# from ada ");
    await ada.wait("# from ada");
    prof.press("F3", "Enter");
    await prof.wait("Ask for it?");
    prof.type("a");
    await ada.wait("liskov asks for welcome.py");
    ada.type("h");
    await prof.wait("You can edit ada/welcome.py now.");
    await prof.wait("# from ada");
    await ada.wait(/liskov has been editing this since/);
    prof.type("# from liskov ");
    prof.press("Ctrl-S");
    await prof.wait("Saved ada/welcome.py.");
    await ada.wait("# from liskov");
    assert.match(await readFile(join(server.home("ada"), "welcome.py"), "utf8"), /^# from liskov # from ada/);
  });

  it("the file is the student's again when the teacher has closed it", async () => {
    prof.press("Ctrl-W");
    await prof.wait((screen) => !screen[1]?.includes("ada/welcome.py"));
    await ada.wait("You can edit welcome.py now");
    ada.press("F3");
    ada.type("# mine again ");
    await ada.wait("# mine again");
  });
});

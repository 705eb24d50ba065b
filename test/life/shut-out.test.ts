/** People who are to be kept out, but have a connection already. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientHome } from "../support/ssh-clients.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
import { openTerminalClient } from "../support/terminal-client.ts";

describe("somebody who is shut out", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ initialPasswordChange: true });
    await server.add("ada");
    await server.add("grace");
    await server.add("lin");
    await server.add("root", "admin");
  });
  after(() => server[Symbol.asyncDispose]());

  it("can't choose the new password of an account over a connection from before the teacher's reset", async () => {
    await using home = await clientHome();
    const { args, env } = await server.ssh("grace");
    const shared = ["-tt", "-o", `ControlPath=${join(home.directory, "mux")}`, ...args];
    await using first = openTerminalClient("ssh", ["-o", "ControlMaster=yes", ...shared], {
      env: { TERM: "xterm-256color", ...env },
    });
    await first.wait("F1 Help");
    await server.server.services.accounts.changes.resetPasswords(["grace"]);
    await using second = openTerminalClient("ssh", ["-o", "BatchMode=yes", ...shared], {
      env: { TERM: "xterm-256color" },
    });
    await second.wait("You are logged in already");
    second.type("s");
    await second.wait("Current password");
    second.type(`${passwordOf("grace")}\tattackers own password\tattackers own password\r`);
    await second.wait("old password is wrong");
    assert.equal((await server.server.services.accounts.find("grace"))?.mustChangePassword, true);
  });

  it("gets no new session when the account was disabled while a question stood", async () => {
    await using here = await server.connect("ada");
    await here.wait("F1 Help");
    await using there = await server.connect("ada");
    await there.wait("You are logged in already");
    const disabled = await server.run("root", "user disable ada");
    assert.equal(disabled.status, 0, disabled.stderr);
    assert.equal(await here.exited, 0);
    await there.exited;
    assert.deepEqual(server.server.services.sessions.of("ada"), []);
  });

  it("has a program ended that runs without a screen", async () => {
    await writeFile(join(server.home("lin"), "long.py"), "import time\nprint('working', flush=True)\ntime.sleep(25)\n");
    await using exec = await server.connect("lin", { command: "run long.py" });
    await exec.wait("working");
    assert.equal((await server.run("root", "user disable lin")).status, 0);
    // Whichever notices first: the command that shuts out, or the run that looks every two seconds.
    await exec.wait(/Your account was disabled\.|this account is disabled/);
    assert.notEqual(await exec.exited, 0);
  });
});

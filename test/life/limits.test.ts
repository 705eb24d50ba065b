/** Rate limits over a real ssh: the words, the exit status, and how an admin lifts them. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testServer, type TestServer } from "../support/server.ts";

describe("rate limits", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({
      "limits.runsPerMinute": 2,
      "limits.commandsPerMinute": 6,
      "limits.roleFactors.admin": 10,
    });
    await server.add("ada");
    await server.add("grace");
    await server.add("boss", "admin");
    await writeFile(join(server.home("ada"), "one.py"), "print(1)\n");
  });
  after(() => server[Symbol.asyncDispose]());

  it("hold runs back with status 75 and say when to try again; an admin may lift them", async () => {
    for (const expected of [0, 0, 75]) {
      const { status, stderr } = await server.run("ada", "run one.py");
      assert.equal(status, expected, stderr);
      if (expected === 75) assert.match(stderr, /too many runs; try again in \d+ s\n/);
    }
    const listed = await server.run("boss", "limit list --json");
    assert.ok(
      (JSON.parse(listed.stdout) as { username: string; limit: string }[]).some(
        ({ username, limit }) => username === "ada" && limit === "runs",
      ),
    );
    assert.equal((await server.run("boss", "limit reset ada")).status, 0);
    assert.equal((await server.run("ada", "run one.py")).status, 0);
  });

  it("hold commands back for each account, and not for others", async () => {
    const statuses: (number | null)[] = [];
    for (let count = 0; count < 8; count++) statuses.push((await server.run("grace", "whoami")).status);
    assert.deepEqual(statuses.slice(0, 6), [0, 0, 0, 0, 0, 0]);
    assert.ok(statuses.slice(6).includes(75));
    assert.equal((await server.run("boss", "whoami")).status, 0);
  });

  it("count failed logins, and let somebody with the right password in all the same", async () => {
    const { throttle } = server.server.services;
    for (let count = 0; count < 6; count++) {
      await throttle.check("grace", "127.0.0.1");
      await throttle.failed("grace", "127.0.0.1");
    }
    const again = await throttle.check("grace", "127.0.0.1");
    assert.equal(again.allowed, false, "a further try on the same connection has to wait");
    const { status, stderr } = await server.run("grace", "version");
    assert.notEqual(status, 255, stderr);
    await throttle.failed("grace", "127.0.0.1");
    assert.equal((await server.run("boss", "limit reset grace")).status, 0);
  });
});

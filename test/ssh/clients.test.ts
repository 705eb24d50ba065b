import assert from "node:assert/strict";
import { runSshClient, sshClients } from "../support/ssh-clients.ts";
import { failOnce } from "./second-try.ts";
import { startServer, untilEmpty, type UnderTest } from "./server-under-test.ts";

describe("the four clients", () => {
  let under: UnderTest;
  before(async () => {
    under = await startServer({ settings: { banner: "Welcome to the class" } });
  });
  after(async () => {
    await under[Symbol.asyncDispose]();
  });

  for (const client of sshClients) {
    it(`${client} logs in with a password, runs a command and gets its exit status`, async () => {
      const result = await runSshClient(client, { ...under.target, command: "both" });
      assert.equal(result.stdout, "to stdout\n");
      assert.match(result.stderr, /to stderr/);
      assert.equal(result.status, 3);
    });

    it(`${client} fails once, and logs in with its next try on the same connection`, async () => {
      under.heard.length = 0;
      assert.match(await failOnce(client, under), /in at the second try/);
      assert.equal(under.heard.filter((line) => line.startsWith("failed ada")).length, 1);
      assert.equal(under.heard.filter((line) => line.startsWith("authenticated")).length, 1);
    });

    it(`${client} sends its input through a command`, async () => {
      const input = "a line\n".repeat(20_000);
      const result = await runSshClient(client, { ...under.target, command: "cat" }, input);
      assert.equal(result.stdout.length, input.length);
      assert.equal(result.stdout, input);
      assert.equal(result.status, 0);
    });

    it(`${client} is refused with a wrong password`, async () => {
      under.heard.length = 0;
      const result = await runSshClient(client, { ...under.target, password: "wrong", command: "echo never" });
      if (client !== "dbclient") assert.notEqual(result.status, 0); // dbclient says 0 after any Disconnect
      assert.equal(result.stdout, "");
      assert.ok(under.heard.some((line) => line.startsWith("failed ada")));
      assert.deepEqual(
        under.heard.filter((line) => line.startsWith("authenticated")),
        [],
      );
    });
  }

  it("leaves nothing behind", async () => {
    await untilEmpty(under);
  });
});

import assert from "node:assert/strict";
import { runSshClient, sshClients } from "../support/ssh-clients.ts";
import { recordingLog, type RecordingLog } from "./recording-log.ts";
import { exec, login, startServer, textOf, until } from "./server-under-test.ts";

const exchanges = (log: RecordingLog): number =>
  log.lines.filter(({ message }) => message === "new session keys").length;

describe("new session keys", () => {
  for (const client of sshClients) {
    it(`are agreed on with ${client} in the middle of a stream, and nothing is lost`, async () => {
      const log = recordingLog();
      await using under = await startServer({ log, settings: { rekeyMebibytes: 1 } });
      const input = Buffer.alloc(2 << 20, "0123456789abcdef\n").toString("latin1");
      const result = await runSshClient(client, { ...under.target, command: "cat" }, input);
      assert.equal(result.status, 0);
      assert.ok(result.stdout === input, "what came back is what was sent");
      assert.ok(exchanges(log) >= 3, `${exchanges(log)} key exchanges`);
    });
  }

  it("are agreed on when OpenSSH asks for them", async () => {
    const log = recordingLog();
    await using under = await startServer({ log });
    // Each time it asks, up to a window (2 MB) is on its way already.
    const bytes = 16 << 20;
    const result = await runSshClient("openssh", {
      ...under.target,
      command: `flood ${bytes}`,
      options: ["-o", "RekeyLimit=1M"],
    });
    assert.equal(result.stdout.length, bytes);
    assert.ok(exchanges(log) >= 3, `${exchanges(log)} key exchanges`);
  });

  it("are agreed on after some time, too", async () => {
    const log = recordingLog();
    await using under = await startServer({ log, settings: { rekeyMinutes: 0.001 } });
    using ada = await login(under);
    await until(() => exchanges(log) >= 3, "three key exchanges");
    assert.equal(await textOf(await exec(ada.client, "echo fine")), "fine\n");
  });
});

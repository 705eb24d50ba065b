import assert from "node:assert/strict";
import type ssh2 from "ssh2";
import { clientHome, commandLine, finish, sshClients, startSshClient } from "../support/ssh-clients.ts";
import { openTerminalClient } from "../support/terminal-client.ts";
import { reasons, recordingLog } from "./recording-log.ts";
import { exec, insides, login, shell, startServer, textOf, until } from "./server-under-test.ts";

describe("a terminal's acknowledgements", () => {
  it("do not come from a client that does not read, and all come when it does", async () => {
    await using under = await startServer();
    using slow = await login(under);
    const channel = await shell(slow.client);
    channel.resume();
    const terminal = under.terminals[0] ?? assert.fail();
    insides(slow.client)._sock.pause();
    let drains = 0;
    terminal.onDrain(() => {
      drains += 1;
    });
    terminal.write("x".repeat(100_000)); // less than the client's window: only acknowledgements tell
    using other = await login(under);
    for (let turn = 0; turn < 20; turn += 1) await textOf(await exec(other.client, "echo fine"));
    assert.ok(terminal.unacknowledged >= 100_000);
    assert.equal(drains, 0);
    insides(slow.client)._sock.resume();
    await until(() => drains === 1, "the drain");
    assert.ok(terminal.unacknowledged < 64 << 10);
    await until(() => terminal.unacknowledged < 8 << 10, "the last acknowledgement");
    assert.equal(drains, 1);
  });

  it("are not asked for below 8 KiB, and are not mixed up with keepalives", async () => {
    await using under = await startServer({ settings: { keepaliveSeconds: 0.02, keepaliveCount: 100 } });
    using ada = await login(under);
    const channel = await shell(ada.client);
    channel.resume();
    const terminal = under.terminals[0] ?? assert.fail();
    const started = terminal.unacknowledged; // the greeting
    terminal.write("x".repeat(5000));
    for (let turn = 0; turn < 20; turn += 1) await textOf(await exec(ada.client, "echo fine"));
    assert.equal(terminal.unacknowledged, started + 5000);
    terminal.write("x".repeat(5000));
    await until(() => terminal.unacknowledged < 8 << 10, "the acknowledgement");
  });

  for (const client of sshClients) {
    it(`come from ${client}`, async () => {
      await using under = await startServer();
      await using home = await clientHome();
      const options = client === "dbclient" ? ["-T"] : []; // it wants a terminal of its own for a shell with a pty
      const child = startSshClient(client, { ...under.target, options }, home.directory);
      child.stdout?.resume();
      await until(() => under.terminals.length === 1, "the shell");
      const terminal = under.terminals[0] ?? assert.fail();
      let drained = false;
      terminal.onDrain(() => {
        drained = true;
      });
      terminal.write("x".repeat(300_000));
      assert.ok(terminal.unacknowledged > 64 << 10);
      await until(() => drained, "the acknowledgements");
      terminal.close(0);
      const { status } = await finish(child);
      assert.equal(status, 0);
    });
  }

  it("are not waited for without end: a screen that writes on is cut off", async () => {
    const log = recordingLog();
    await using under = await startServer({ log });
    using slow = await login(under);
    await shell(slow.client);
    insides(slow.client)._sock.pause();
    const terminal = under.terminals[0] ?? assert.fail();
    for (let count = 0; count < 40 && !terminal.closed; count += 1) terminal.write(Buffer.alloc(1 << 20));
    assert.equal(terminal.closed, true);
    assert.ok(reasons(log).includes("a terminal's queue is full"));
  });
});

describe("a terminal's Backspace key", () => {
  const modes: readonly (readonly [says: string, modes: ssh2.TerminalModes | undefined, erase: number | undefined])[] =
    [
      ["DEL", { VINTR: 3, VERASE: 127, ECHO: 1 }, 127],
      ["^H among unknown modes", { TTY_OP_ISPEED: 38_400, VERASE: 8 }, 8],
      ["no key at all", { VERASE: 255 }, undefined],
      ["nothing", undefined, undefined],
    ];
  for (const [says, given, erase] of modes) {
    it(`sends what the client says of it: ${says}`, async () => {
      await using under = await startServer();
      using ada = await login(under);
      (await shell(ada.client, given ? { modes: given } : {})).resume();
      await until(() => under.terminals.length === 1, "the shell");
      assert.equal(under.terminals[0]?.erase, erase);
    });
  }

  for (const [key, erase] of [
    ["^H", 8],
    ["^?", 127],
  ] as const) {
    it(`is ${key} for OpenSSH on a terminal where it is ${key}`, async () => {
      await using under = await startServer();
      await using home = await clientHome();
      const { args, env } = commandLine("openssh", { ...under.target, options: ["-tt"] }, home.directory);
      const script = 'stty erase "$0"; exec ssh "$@"';
      await using client = openTerminalClient("bash", ["-c", script, key, ...args], { env });
      await client.wait("ready");
      assert.equal(under.terminals[0]?.erase, erase);
    });
  }
});

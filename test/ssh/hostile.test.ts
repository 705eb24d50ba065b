import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { Socket } from "node:net";
import type ssh2 from "ssh2";
import type { ExecRequest, PasswordAnswer } from "../../src/ssh/handlers.ts";
import { guardPackets } from "../../src/ssh/packet-guard.ts";
import { SocketHold } from "../../src/ssh/socket-hold.ts";
import { Wire } from "../../src/ssh/wire.ts";
import { clientHome, startSshClient } from "../support/ssh-clients.ts";
import { reasons, recordingLog } from "./recording-log.ts";
import {
  exec,
  insides,
  later,
  login,
  replies,
  sendPayload,
  shell,
  startServer,
  textOf,
  until,
  untilEmpty,
  wire,
} from "./server-under-test.ts";

describe("a hostile student", () => {
  it("can't stop the server with a packet size of 0, or a tiny one", async () => {
    const log = recordingLog();
    await using under = await startServer({ log });
    for (const packetSize of [0, 1, 255]) {
      using attacker = await login(under);
      sendPayload(attacker.client, wire(90, "session", 0, 1 << 20, packetSize));
      sendPayload(attacker.client, wire(98, 0, "exec", true, "echo hello"));
      await attacker.closed;
    }
    assert.equal(reasons(log).filter((reason) => reason === "packet size too small").length, 3);
    assert.deepEqual(under.commands, []);
  });

  it("can't fill the memory by sending more than the window", async () => {
    const log = recordingLog();
    await using under = await startServer({ log });
    using attacker = await login(under);
    const channel = await exec(attacker.client, "hang");
    (channel as unknown as { outgoing: { window: number } }).outgoing.window = 2 ** 40;
    channel.on("error", () => channel.destroy());
    channel.write(Buffer.alloc(16 << 20));
    await attacker.closed;
    assert.ok(reasons(log).includes("window exceeded"));
    await untilEmpty(under);
  });

  it("may use the whole window of a command that reads nothing, and no more is asked for", async () => {
    await using under = await startServer();
    using attacker = await login(under);
    const channel = await exec(attacker.client, "hang");
    channel.write(Buffer.alloc(8 << 20));
    const { outgoing } = channel as unknown as { outgoing: { window: number } };
    await until(() => outgoing.window === 0, "the window used up");
    assert.equal(await textOf(await exec(attacker.client, "echo a round trip")), "a round trip\n");
    assert.equal(outgoing.window, 0);
    const { _chunk } = channel as unknown as { _chunk: Buffer };
    assert.equal(_chunk.length, 6 << 20, "2 MiB of 8 were sent");
    assert.equal(attacker.errors.length, 0);
  });

  it("can't fill the memory by not reading, with the largest window there is", async () => {
    await using under = await startServer();
    using attacker = await login(under);
    const channel = await exec(attacker.client, "hang");
    const request = under.commands[0] ?? assert.fail();
    openWindow(attacker.client, channel);
    insides(attacker.client)._sock.pause();
    const written = writeOn(request);
    // Meanwhile another student does this and that, which gives the flood all the time it needs.
    using other = await login(under);
    for (let turn = 0; turn < 100; turn += 1)
      assert.equal(await textOf(await exec(other.client, "echo fine")), "fine\n");
    assert.ok(written() < 32 << 20, `${written()} bytes taken`);
    assert.ok(request.stdout.writableNeedDrain);
  });

  it("can't fill the memory by beginning a key exchange and not finishing it", async () => {
    await using under = await startServer({ settings: { rekeyMebibytes: 1 } });
    using attacker = await login(under);
    const channel = await exec(attacker.client, "hang");
    const request = under.commands[0] ?? assert.fail();
    openWindow(attacker.client, channel);
    channel.resume();
    const begun = replies(attacker.client, 20); // our side's KEXINIT, which the client is not told of
    const written = writeOn(request);
    await begun;
    using other = await login(under);
    for (let turn = 0; turn < 100; turn += 1)
      assert.equal(await textOf(await exec(other.client, "echo fine")), "fine\n");
    assert.ok(written() < 4 << 20, `${written()} bytes taken`);
    assert.ok(request.stdout.writableNeedDrain);
  });

  it("has ten sessions on a connection and no more, and gets a new one for each that ends", async () => {
    await using under = await startServer();
    using attacker = await login(under);
    const channels: ssh2.ClientChannel[] = [];
    for (let count = 0; count < 10; count += 1) channels.push(await exec(attacker.client, "hang"));
    await assert.rejects(exec(attacker.client, "hang"), /open failure/);
    under.commands[0]?.exit(0);
    channels[0]?.resume();
    await once(channels[0] ?? assert.fail(), "close");
    await exec(attacker.client, "hang");
    await assert.rejects(exec(attacker.client, "hang"), /open failure/);
  });

  it("leaves nothing behind by opening sessions and closing them unused", async () => {
    await using under = await startServer();
    using attacker = await login(under);
    for (let count = 0; count < 30; count += 1) {
      sendPayload(attacker.client, wire(90, "session", 7, 1 << 20, 32 << 10));
      const confirmed = await replies(attacker.client, 91);
      sendPayload(attacker.client, wire(97, confirmed.readUInt32BE(5)));
      assert.deepEqual(await replies(attacker.client, 97), wire(97, 7));
    }
  });

  it("can't make packets pile up behind a key exchange that it does not finish", async () => {
    const log = recordingLog();
    await using under = await startServer({ log, settings: { rekeyMebibytes: 1 } });
    using attacker = await login(under);
    const begun = replies(attacker.client, 20);
    const channel = await exec(attacker.client, "flood 1100000");
    channel.resume();
    await begun;
    for (let count = 0; count < 1500; count += 1) sendPayload(attacker.client, wire(80, "anything", true));
    await attacker.closed;
    assert.ok(reasons(log).some((reason) => reason.startsWith("key exchange not finished")));
    await untilEmpty(under);
  });

  it("can't keep the processor busy with key exchanges", async () => {
    const log = recordingLog();
    await using under = await startServer({ log });
    using attacker = await login(under);
    const again = (): void => insides(attacker.client)._protocol.rekey();
    attacker.client.on("handshake", () => setImmediate(again));
    again();
    await attacker.closed;
    assert.ok(reasons(log).includes("too many key exchanges"));
  });

  it("is not listened to while it does not read the answers", () => {
    const socket = new PassThrough({ highWaterMark: 1 << 10 });
    const client = Object.assign(new PassThrough(), {
      _chanMgr: { get: () => undefined },
      _protocol: { _onPayload: () => socket.write(Buffer.alloc(100 << 10)), ping: () => {} },
    });
    guardPackets({
      client: client as unknown as ssh2.Connection,
      socket: socket as unknown as Socket,
      hold: new SocketHold(socket as unknown as Socket),
      wire: new Wire(client as unknown as ssh2.Connection, socket as unknown as Socket),
      answerForHostKeys: () => false,
      onReaderGone: () => {},
      onWindow: () => {},
      onPtyRequest: () => {},
    });
    const guarded: { _onPayload: (payload: Buffer) => unknown } = client._protocol;
    const ask = (): unknown => guarded._onPayload(wire(80, "anything", true));
    socket.cork(); // nothing leaves
    for (let count = 0; count < 5; count += 1) ask();
    assert.equal(socket.isPaused(), false);
    ask();
    assert.equal(socket.isPaused(), true);
    socket.emit("drain");
    assert.equal(socket.isPaused(), false);
  });
});

describe("a client that is gone", () => {
  it("leaves nothing behind when it is killed in the middle of output, of input, and of nothing", async () => {
    await using under = await startServer();
    await using home = await clientHome();
    for (const command of ["flood 1000000000", "cat", "hang"]) {
      const child = startSshClient("openssh", { ...under.target, command }, home.directory);
      child.stdin?.on("error", () => child.stdin?.destroy());
      if (command === "cat") child.stdin?.write(Buffer.alloc(1 << 20));
      await until(() => under.commands.length === 1, "the command");
      child.kill("SIGKILL");
      await untilEmpty(under);
      assert.equal(under.commands[0]?.closed.aborted, true);
      under.commands.length = 0;
    }
  });

  it("leaves nothing behind when it is killed while its password is checked", async () => {
    let checking = false;
    const { promise, resolve: answer } = later<PasswordAnswer<string>>();
    await using under = await startServer({
      handlers: {
        password() {
          checking = true;
          return promise;
        },
      },
    });
    await using home = await clientHome();
    const child = startSshClient("openssh", { ...under.target, command: "echo never" }, home.directory);
    await until(() => checking, "the check");
    child.kill("SIGKILL");
    await untilEmpty(under);
    answer({ kind: "refused", message: "Too late." });
    await promise;
  });

  it("but keeps its TCP connection open is noticed by its silence", async () => {
    await using under = await startServer({ settings: { keepaliveSeconds: 0.1, keepaliveCount: 2 } });
    await using home = await clientHome();
    const child = startSshClient("openssh", { ...under.target, command: "hang" }, home.directory);
    await until(() => under.commands.length === 1, "the command");
    child.kill("SIGSTOP");
    await untilEmpty(under);
    assert.equal(under.commands[0]?.closed.aborted, true);
    child.kill("SIGKILL");
  });

  it("is not thought gone while it is only quiet", async () => {
    await using under = await startServer({ settings: { keepaliveSeconds: 0.05, keepaliveCount: 1 } });
    using ada = await login(under);
    await shell(ada.client);
    const terminal = under.terminals[0] ?? assert.fail();
    let pings = 0;
    const decipher = insides(ada.client)._protocol._decipher;
    const pass = decipher._onPayload;
    decipher._onPayload = (payload) => {
      if (payload[0] === 80) pings += 1;
      return pass(payload);
    };
    await until(() => pings >= 5, "five keepalives");
    assert.equal(terminal.closed, false);
  });

  it("and half-closes its connection is gone", async () => {
    await using under = await startServer();
    using ada = await login(under);
    const channel = await exec(ada.client, "hang");
    openWindow(ada.client, channel);
    insides(ada.client)._sock.pause();
    writeOn(under.commands[0] ?? assert.fail()); // which keeps the other half busy: nobody reads it
    insides(ada.client)._sock.end();
    await untilEmpty(under);
  });
});

/** Lets the server send as much as SSH can express. */
function openWindow(client: ssh2.Client, channel: ssh2.ClientChannel): void {
  const { outgoing } = channel as unknown as { outgoing: { id: number } };
  sendPayload(client, wire(93, outgoing.id, 0xff_ff_ff_ff));
}

/** Writes 64 MiB as a well-behaved command does, waiting when it is told to; how much was taken so far. */
function writeOn(request: ExecRequest<string>): () => number {
  let written = 0;
  const piece = Buffer.alloc(256 << 10);
  const more = (): void => {
    while (!request.closed.aborted && written < 64 << 20) {
      written += piece.length;
      if (!request.stdout.write(piece)) {
        request.stdout.once("drain", more);
        return;
      }
    }
  };
  more();
  return () => written;
}

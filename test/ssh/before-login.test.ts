import assert from "node:assert/strict";
import { once } from "node:events";
import ssh2 from "ssh2";
import { UserError } from "../../src/base/errors.ts";
import { parseProxyHeader, trustedAddresses } from "../../src/ssh/proxy-protocol.ts";
import { refuseStartup } from "../../src/ssh/startups.ts";
import { runSshClient } from "../support/ssh-clients.ts";
import { reasons, recordingLog } from "./recording-log.ts";
import {
  attack,
  exec,
  login,
  password,
  rawPeer,
  replies,
  sendPayload,
  startServer,
  textOf,
  until,
  untilEmpty,
  wire,
} from "./server-under-test.ts";

describe("a stranger before login", () => {
  it("is disconnected when it says nothing", async () => {
    await using under = await startServer({ settings: { loginGraceSeconds: 0.1 } });
    using peer = rawPeer(under);
    await peer.closed;
    await untilEmpty(under);
  });

  it("is disconnected when it introduces itself and then says nothing", async () => {
    await using under = await startServer({ settings: { loginGraceSeconds: 0.1 } });
    using peer = rawPeer(under);
    peer.socket.write("SSH-2.0-silent\r\n");
    await peer.closed;
    await untilEmpty(under);
  });

  it("is told so when it does not speak SSH", async () => {
    await using under = await startServer();
    using peer = rawPeer(under);
    peer.socket.write("GET / HTTP/1.1\r\n");
    await peer.closed;
    assert.equal(peer.text(), "SSH-2.0-OpenSSH_compatible_classh\r\nInvalid SSH identification string.\r\n");
  });

  it("does not learn what the server is made of, and gets one introduction", async () => {
    await using under = await startServer();
    using attacker = await login(under);
    using peer = rawPeer(under);
    peer.socket.write("SSH-2.0-curious\r\n");
    await until(() => peer.text().includes("curve25519"), "the server's algorithms");
    assert.equal(
      peer
        .text()
        .match(/SSH-2\.0-[^\r]*\r\n/g)
        ?.join(),
      "SSH-2.0-OpenSSH_compatible_classh\r\n",
    );
    assert.equal(attacker.errors.length, 0);
  });

  it("may send its introduction one byte at a time", async () => {
    await using under = await startServer();
    using peer = rawPeer(under);
    peer.socket.setNoDelay(true);
    await once(peer.socket, "connect");
    for (const character of "SSH-2.0-slow typist\r\n") {
      peer.socket.write(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => peer.text().includes("curve25519-sha256@libssh.org"), "the server's algorithms");
  });

  it("is disconnected when its introduction does not end", async () => {
    await using under = await startServer();
    using peer = rawPeer(under);
    peer.socket.write(`SSH-2.0-${"x".repeat(300)}`);
    await peer.closed;
  });

  it("is turned away when too many others are waiting", async () => {
    await using under = await startServer({ settings: { maxStartups: { start: 2, ratePercent: 100, full: 2 } } });
    using first = rawPeer(under);
    using second = rawPeer(under);
    await until(() => under.server.connections.waiting === 2, "two waiting");
    using third = rawPeer(under);
    await third.closed;
    assert.match(
      third.text(),
      /^SSH-2\.0-OpenSSH_compatible_classh\r\n[^]*Too many people are logging in right now\. Try again in a moment\./,
    );
    const { status, stderr } = await runSshClient("openssh", {
      ...under.target,
      command: "echo in",
      options: ["-o", "LogLevel=INFO"],
    });
    assert.equal(status, 255);
    assert.match(
      stderr,
      /^Received disconnect from .*Too many people are logging in right now\. Try again in a moment\./m,
      "without -v",
    );
    first.socket.destroy();
    second.socket.destroy();
    await untilEmpty(under);
    using fourth = await login(under); // who has logged in does not count
    using fifth = rawPeer(under);
    await until(() => under.server.connections.waiting === 1, "one waiting");
    assert.equal(fourth.errors.length, 0);
    assert.equal(fifth.socket.destroyed, false);
  });

  it("is turned away more often the more others are waiting", () => {
    const limits = { start: 10, ratePercent: 30, full: 100 };
    assert.equal(refuseStartup(limits, 9, 0), false);
    assert.equal(refuseStartup(limits, 10, 0.29), true);
    assert.equal(refuseStartup(limits, 10, 0.31), false);
    assert.equal(refuseStartup(limits, 55, 0.64), true);
    assert.equal(refuseStartup(limits, 55, 0.66), false);
    assert.equal(refuseStartup(limits, 100, 0.999), true);
  });

  it("is told when the server is going down, while those inside go on", async () => {
    await using under = await startServer();
    using inside = await login(under);
    under.server.stopAccepting();
    using outside = rawPeer(under);
    await outside.closed;
    assert.match(outside.text(), /classh is restarting\. Try again in a minute\./);
    assert.equal(await textOf(await exec(inside.client, "echo still here")), "still here\n");
  });

  it("has six tries, and the sixth failure is its last", async () => {
    await using under = await startServer();
    using attacker = attack(under, {
      authHandler: (_left, _partial, next) => next({ type: "password", username: "ada", password: "guess" }),
    });
    await attacker.closed;
    assert.equal(under.heard.filter((line) => line === "password ada").length, 6);
    assert.equal(under.heard.filter((line) => line === "failed ada password").length, 6);
    await untilEmpty(under);
  });

  it("does not see from the time of the answer whether a name exists", async () => {
    await using under = await startServer();
    const times: number[] = [];
    let begun = performance.now();
    using attacker = attack(under, {
      authHandler: (_left, _partial, next) => {
        times.push(performance.now() - begun);
        begun = performance.now();
        if (times.length < 4) next({ type: "password", username: "ada", password: "guess" });
      },
    });
    await until(() => times.length === 4, "three answers");
    for (const time of times.slice(1)) assert.ok(time >= 95, `answered after ${time} ms`);
    assert.equal(attacker.client.listenerCount("error"), 1);
  });

  it("can't make the server allocate answers by the million", async () => {
    const log = recordingLog();
    await using under = await startServer({ log });
    using attacker = attack(under, { password: undefined, tryKeyboard: true });
    attacker.client.on("keyboard-interactive", () => sendPayload(attacker.client, wire(61, 33_000_000)));
    await attacker.closed;
    await untilEmpty(under);
    assert.ok(reasons(log).includes("too many answers"));
  });

  it("can't ask for compression, which inflates before login", async () => {
    await refusedHandshake({ compress: ["zlib@openssh.com", "zlib"] });
  });

  it("can't ask for key exchanges that take long", async () => {
    await refusedHandshake({
      kex: ["diffie-hellman-group18-sha512", "diffie-hellman-group16-sha512", "diffie-hellman-group-exchange-sha256"],
    });
  });

  it("can't ask for SHA-1 or CBC", async () => {
    await refusedHandshake({ kex: ["diffie-hellman-group14-sha1"] });
    await refusedHandshake({ hmac: ["hmac-sha1"], cipher: ["aes128-ctr"] });
    await refusedHandshake({ cipher: ["aes128-cbc"] });
  });

  it("can't open a channel", async () => {
    await using under = await startServer();
    using attacker = attack(under, {
      authHandler: () => sendPayload(attacker.client, wire(90, "session", 0, 1 << 20, 32 << 10)),
    });
    await new Promise((resolve) => attacker.client.once("handshake", () => setImmediate(resolve)));
    await replies(attacker.client, 92);
    assert.deepEqual(under.commands, []);
  });
});

async function refusedHandshake(algorithms: ssh2.Algorithms): Promise<void> {
  await using under = await startServer();
  using attacker = attack(under, { algorithms });
  await attacker.closed;
  assert.match(attacker.errors[0]?.message ?? "", /no matching|Handshake failed/);
  await untilEmpty(under);
}

describe("the PROXY protocol", () => {
  it("tells the address of who is behind a trusted proxy", async () => {
    await using under = await startServer({ settings: { trustedProxies: ["127.0.0.0/8"] } });
    using peer = rawPeer(under);
    peer.socket.removeAllListeners("data");
    peer.socket.pause();
    peer.socket.write("PROXY TCP4 192.0.2.7 127.0.0.1 5000 22\r\n");
    const client = new ssh2.Client();
    client.connect({ sock: peer.socket, username: "ada", password });
    await once(client, "ready");
    assert.ok(under.heard.includes("authenticated Ada password 192.0.2.7"));
    client.end();
    await untilEmpty(under);
  });

  it("is refused from anybody else", async () => {
    await using under = await startServer();
    using peer = rawPeer(under);
    peer.socket.write("PROXY TCP4 192.0.2.7 127.0.0.1 5000 22\r\nSSH-2.0-liar\r\n");
    await peer.closed;
    assert.match(peer.text(), /Invalid SSH identification string/);
  });

  it("must come from a trusted proxy", async () => {
    await using under = await startServer({ settings: { trustedProxies: ["127.0.0.1"] } });
    using peer = rawPeer(under);
    peer.socket.write("SSH-2.0-direct\r\n");
    await peer.closed;
    assert.equal(peer.text(), "SSH-2.0-OpenSSH_compatible_classh\r\n");
  });

  it("is read in both versions, also in pieces", () => {
    const line = Buffer.from("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\nSSH-");
    assert.deepEqual(parseProxyHeader(line), { length: 40, address: "2001:db8::1" });
    for (let size = 0; size < 40; size += 1) assert.equal(parseProxyHeader(line.subarray(0, size)), "more");
    const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n");
    const block = Buffer.concat([signature, Buffer.from([0x21, 0x11, 0, 12, 192, 0, 2, 9, 127, 0, 0, 1, 1, 1, 0, 22])]);
    assert.deepEqual(parseProxyHeader(block), { length: 28, address: "192.0.2.9" });
    for (let size = 0; size < 28; size += 1) assert.equal(parseProxyHeader(block.subarray(0, size)), "more");
    const health = Buffer.concat([signature, Buffer.from([0x20, 0, 0, 0])]);
    assert.deepEqual(parseProxyHeader(health), { length: 16, address: undefined });
    const six = Buffer.concat([
      signature,
      Buffer.from([0x21, 0x21, 0, 36]),
      Buffer.from("20010db8000000000000000000000001", "hex"),
      Buffer.alloc(20),
    ]);
    assert.deepEqual(parseProxyHeader(six), { length: 52, address: "2001:db8:0:0:0:0:0:1" });
  });

  it("is refused when it is malformed or too long", () => {
    for (const text of [
      "SSH-2.0-x\r\n",
      "PROXY TCP4 1.2.3 127.0.0.1 1 2\r\n",
      "PROXY TCP4 ::1 ::1 1 2\r\n",
      "PROXY FTP\r\n",
      `PROXY TCP4 ${"1".repeat(120)}`,
    ]) {
      assert.equal(parseProxyHeader(Buffer.from(text)), "bad", text);
    }
    assert.equal(parseProxyHeader(Buffer.from("\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff", "latin1")), "bad");
  });

  it("is trusted by address or network, and settings that are neither are refused by name", () => {
    const isTrusted = trustedAddresses(["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"]);
    assert.deepEqual(["10.1.2.3", "11.0.0.1", "2001:db8::7", "2001:db9::7", "192.0.2.1"].map(isTrusted), [
      true,
      false,
      true,
      false,
      true,
    ]);
    for (const bad of ["proxy.example", "10.0.0.0/33", "10.0.0.0/x"]) {
      assert.throws(
        () => trustedAddresses([bad]),
        (error) => error instanceof UserError && error.message.includes(bad),
      );
    }
  });
});

describe("listening", () => {
  it("refuses a port in use with a hint", async () => {
    await using under = await startServer();
    await assert.rejects(
      startServer({ listen: `127.0.0.1:${under.port}` }),
      (error) => error instanceof UserError && error.code === "port-in-use" && /--listen/.test(error.hint ?? ""),
    );
  });

  it("refuses an address that is not ours", async () => {
    await assert.rejects(
      startServer({ listen: "192.0.2.1:2222" }),
      (error) => error instanceof UserError && error.code === "bad-setting",
    );
  });

  it("listens on IPv6, too", async () => {
    await using under = await startServer({ listen: "[::1]:0" });
    assert.equal(under.server.address.host, "::1");
  });

  it("says goodbye to everybody at the end", async () => {
    const under = await startServer();
    using inside = await login(under);
    using outside = rawPeer(under);
    await until(() => under.server.connections.waiting === 1, "one waiting");
    await under[Symbol.asyncDispose]();
    await Promise.all([inside.closed, outside.closed]);
    assert.deepEqual(under.server.connections, { authenticated: 0, waiting: 0 });
  });
});

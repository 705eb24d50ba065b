import assert from "node:assert/strict";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { encapsulate, encapsulateWithLibrary } from "../../src/ssh/ml-kem.ts";
import { runSshClient } from "../support/ssh-clients.ts";
import { RawClient, text, texts } from "./raw-client.ts";
import { insides, login, run, startServer, untilEmpty, type UnderTest } from "./server-under-test.ts";

const hybrid = "mlkem768x25519-sha256";

describe("the exchange of keys", () => {
  let under: UnderTest;
  before(async () => {
    under = await startServer();
  });
  after(async () => {
    await under[Symbol.asyncDispose]();
  });

  it("is offered with the post-quantum one first, and nothing that is broken", async () => {
    using client = new RawClient(under.port);
    await client.exchange(hybrid);
    const [exchanges, hostKeys, , , macs] = texts(client.serverInit, 17).map(String);
    assert.deepEqual(exchanges?.split(","), [
      hybrid,
      "curve25519-sha256@libssh.org",
      "curve25519-sha256",
      "diffie-hellman-group14-sha256",
      "kex-strict-s-v00@openssh.com",
    ]);
    assert.equal(hostKeys, "ssh-ed25519");
    assert.match(macs ?? "", /^hmac-sha2-256-etm@openssh\.com,hmac-sha2-512-etm@openssh\.com,/);
  });

  it("works by the draft, its secret a string, and is followed by a true list of signatures", async () => {
    using client = new RawClient(under.port);
    await client.exchange(`${hybrid},ext-info-c`);
    const information = await client.receive();
    assert.deepEqual([...information.subarray(0, 5)], [7, 0, 0, 0, 1]);
    const [name, algorithms] = texts(information, 5).map(String);
    assert.equal(name, "server-sig-algs");
    assert.equal(
      algorithms,
      "ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521," +
        "sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256",
    );
    client.send(Buffer.concat([Buffer.from([5]), text("ssh-userauth")]));
    assert.equal((await client.receive())[0], 6);
  });

  it("sends no list to a client that did not ask for extensions", async () => {
    using client = new RawClient(under.port);
    await client.exchange(hybrid);
    client.send(Buffer.concat([Buffer.from([5]), text("ssh-userauth")]));
    assert.equal((await client.receive())[0], 6);
  });

  const spoilt: [string, (half: Buffer) => Buffer][] = [
    ["a key that is too short", (half) => half.subarray(1)],
    ["a key that is too long", (half) => Buffer.concat([half, Buffer.from([0])])],
    ["nothing", () => Buffer.alloc(0)],
    ["a key with numbers beyond the modulus", (half) => Buffer.from(half).fill(0xff, 0, 1152)],
    ["a point that makes the secret zero", (half) => Buffer.from(half).fill(0, 1184)],
  ];
  for (const [what, spoil] of spoilt) {
    it(`ends at ${what}, and only this connection`, async () => {
      using client = new RawClient(under.port);
      await assert.rejects(client.exchange(hybrid, spoil));
      await untilEmpty(under);
    });
  }

  it("goes on with clients that don't know the new one, also when they exchange keys again", async () => {
    const attacker = await login(under, { algorithms: { kex: ["curve25519-sha256"] } });
    using _ = attacker;
    const again = new Promise((resolve) => attacker.client.once("handshake", resolve));
    insides(attacker.client)._protocol.rekey();
    await again;
    assert.equal((await run(attacker.client, "echo still here")).stdout, "still here\n");
  });

  it("makes the same secrets with either implementation", () => {
    for (const make of [encapsulate, encapsulateWithLibrary]) {
      const { publicKey, secretKey } = ml_kem768.keygen();
      const { ciphertext, secret } = make(publicKey);
      assert.deepEqual(Buffer.from(ml_kem768.decapsulate(new Uint8Array(ciphertext), secretKey)), Buffer.from(secret));
    }
  });

  it("is the new one with an OpenSSH that has it", async () => {
    const known = await runSshClient("openssh", { ...under.target, command: "echo", options: ["-Q", "kex"] });
    if (!known.stdout.includes(hybrid)) return; // bookworm's is older
    const result = await runSshClient("openssh", {
      ...under.target,
      command: "echo in",
      options: ["-o", `KexAlgorithms=${hybrid}`],
    });
    assert.deepEqual(
      { status: result.status, stdout: result.stdout, stderr: result.stderr },
      { status: 0, stdout: "in\n", stderr: "" },
    );
  });
});

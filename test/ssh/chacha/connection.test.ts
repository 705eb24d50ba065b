/** Our chacha20-poly1305@openssh.com in real connections: that it is what is used, and with which clients. test/attacks/tampering.test.ts changes them on the way. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ssh2 from "ssh2";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { ChachaCipher } from "../../../src/ssh/chacha/cipher.ts";
import { ChachaDecipher } from "../../../src/ssh/chacha/decipher.ts";
import { useOwnChacha } from "../../../src/ssh/chacha/install.ts";
import { callNode } from "../../../src/ssh/node-client.ts";
import { NodeServer } from "../../../src/ssh/node-server.ts";
import { clientHome, finish, startSshClient, type SshClient, type SshResult } from "../../support/ssh-clients.ts";
import { recordingLog } from "../recording-log.ts";
import {
  exec,
  insides,
  login,
  outcomeOf,
  run,
  startServer,
  type Attacker,
  type UnderTest,
} from "../server-under-test.ts";

const name = "chacha20-poly1305@openssh.com";

interface Counted {
  sent: number;
  received: number;
}

/** Has `told` know of each call of a method of `owner`, until the end. */
function spy(owner: object, method: string, told: () => void): Disposable {
  const original = Reflect.get(owner, method) as (...all: unknown[]) => unknown;
  Reflect.set(owner, method, function (this: unknown, ...all: unknown[]) {
    told();
    return Reflect.apply(original, this, all);
  });
  return { [Symbol.dispose]: () => void Reflect.set(owner, method, original) };
}

/** Counts what passes ours while `during` runs. The clients are other processes, or have ssh2's own. */
async function counted(during: () => Promise<unknown>): Promise<Counted> {
  const count: Counted = { sent: 0, received: 0 };
  using sent = spy(ChachaCipher.prototype, "encrypt", () => (count.sent += 1));
  using received = spy(ChachaDecipher.prototype, "decrypt", () => (count.received += 1));
  void [sent, received];
  await during();
  return count;
}

/** Those of the four that can be told to use it; paramiko has none. */
const clients: readonly SshClient[] = ["openssh", "plink", "dbclient"];

async function runWith(client: SshClient, under: UnderTest, command: string, input: Buffer): Promise<SshResult> {
  await using home = await clientHome();
  await mkdir(join(home.directory, ".putty", "sessions"), { recursive: true });
  await writeFile(join(home.directory, ".putty", "sessions", "chacha"), "Protocol=ssh\nCipher=chacha20,WARN\n");
  const options = { openssh: ["-c", name], plink: ["-load", "chacha"], dbclient: ["-c", name], paramiko: [] }[client];
  return await finish(startSshClient(client, { ...under.target, command, options }, home.directory), input);
}

/** ssh2's own client, which takes this cipher. */
function loginWith(under: UnderTest, cipher: ssh2.CipherAlgorithm = name): Promise<Attacker> {
  return login(under, { algorithms: { cipher: [cipher] } });
}

const digest = (bytes: string | Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("our chacha20-poly1305@openssh.com", () => {
  for (const client of clients) {
    it(`carries everything of ${client}, over new keys in mid-stream, byte for byte`, async () => {
      const log = recordingLog();
      await using under = await startServer({ log, settings: { rekeyMebibytes: 1 } });
      const input = Buffer.from(randomBytes(3 << 19).toString("base64")); // 2 MiB
      let result: SshResult | undefined;
      const { sent, received } = await counted(async () => (result = await runWith(client, under, "cat", input)));
      assert.equal(result?.status, 0, result?.stderr);
      assert.equal(digest(result?.stdout ?? ""), digest(input));
      assert.ok(log.lines.filter(({ message }) => message === "new session keys").length >= 3);
      assert.ok(sent > 60 && received > 60, `${sent} packets sent, ${received} pieces received`);
    });
  }

  it("carries large and small packets of ssh2's client, both ways at once, over new keys that either side asks for", async () => {
    const log = recordingLog();
    await using under = await startServer({ log, settings: { rekeyMebibytes: 1 } });
    using ada = await loginWith(under);
    const channel = await exec(ada.client, "cat");
    const outcome = outcomeOf(channel);
    const pieces: Buffer[] = [];
    for (let size = 1; size < 3000; size += 1)
      pieces.push(Buffer.from(randomBytes(size).toString("hex").slice(0, size)));
    pieces.forEach((piece, index) => {
      channel.write(piece);
      if (index === 1500) insides(ada.client)._protocol.rekey();
    });
    channel.end();
    assert.equal(digest((await outcome).stdout), digest(Buffer.concat(pieces)));
    assert.ok(log.lines.filter(({ message }) => message === "new session keys").length >= 4);
  });

  it("is what both ends of a connection get at each key exchange, and no other cipher's place is taken", async () => {
    await using under = await startServer();
    using ada = await loginWith(under, "aes256-gcm@openssh.com");
    assert.deepEqual(await counted(() => run(ada.client, "echo in")), { sent: 0, received: 0 });
    const client = new ssh2.Client();
    const ready = new Promise<void>((resolve) => client.once("ready", resolve));
    client.connect({
      host: "127.0.0.1",
      port: under.port,
      username: under.target.user,
      password: under.target.password,
      algorithms: { cipher: [name] },
    });
    useOwnChacha(client);
    await ready;
    const ends = (): boolean[] => {
      const { _cipher: cipher, _decipher: decipher } = insides(client)._protocol;
      return [cipher instanceof ChachaCipher, decipher instanceof ChachaDecipher];
    };
    assert.deepEqual(ends(), [true, true]);
    const again = new Promise<unknown>((resolve) => client.once("handshake", resolve));
    insides(client)._protocol.rekey();
    await again;
    assert.deepEqual(ends(), [true, true]);
    assert.equal((await run(client, "echo in")).stdout, "in\n");
    client.destroy();
    await using home = await clientHome();
    const openssh = await counted(() =>
      finish(startSshClient("openssh", { ...under.target, command: "echo in" }, home.directory)),
    );
    assert.ok(openssh.sent > 0 && openssh.received > 0, "the cipher that OpenSSH chooses by itself");
  });

  it("carries streams between nodes, at both ends", async () => {
    const key = ssh2.utils.generateKeyPairSync("ed25519").private;
    await using node = new NodeServer({
      key,
      onStream: (_subsystem, stream) => void stream.pipe(stream),
      log: silentLog,
      clock: systemClock,
    });
    const port = await node.listen({ host: "127.0.0.1", port: 0 });
    const bytes = randomBytes(100_000);
    const pieces: Buffer[] = [];
    const { sent, received } = await counted(async () => {
      const stream = await callNode({ where: { host: "127.0.0.1", port }, key, subsystem: "echo" });
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      const ended = new Promise((resolve) => stream.once("end", resolve));
      stream.end(bytes);
      await ended;
      stream.destroy();
    });
    assert.ok(Buffer.concat(pieces).equals(bytes));
    assert.ok(sent > 8 && received > 8, `${sent} packets sent, ${received} pieces received`);
  });
});

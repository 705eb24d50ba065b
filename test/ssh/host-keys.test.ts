import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { verify } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readKey } from "../../src/auth/public-keys.ts";
import { UserError } from "../../src/base/errors.ts";
import { loadHostKey } from "../../src/ssh/host-keys.ts";
import { clientHome, finish, startSshClient } from "../support/ssh-clients.ts";
import { RawClient, texts } from "./raw-client.ts";
import { login, replies, sendPayload, startServer, until, wire, type UnderTest } from "./server-under-test.ts";

const keygen = (...args: string[]) => promisify(execFile)("ssh-keygen", args);

describe("the host key", () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "host-key-"));
    file = join(directory, "keys", "host-key");
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("is made once, for the server's eyes only, and ssh-keygen agrees with its fingerprint", async () => {
    const first = await loadHostKey(file);
    const second = await loadHostKey(file);
    assert.deepEqual([first.made, second.made], [true, false]);
    assert.equal(first.privateKey, second.privateKey);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(directory, "keys")), ["host-key"]);
    const { stdout } = await keygen("-l", "-f", file);
    assert.match(stdout, /^256 SHA256:.* classh \(ED25519\)/);
    assert.equal(stdout.split(" ")[1], first.fingerprint);
    await keygen("-y", "-f", file);
  });

  it("is one key though several processes make it at the same time", async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadHostKey(file)));
    assert.equal(new Set(keys.map(({ fingerprint }) => fingerprint)).size, 1);
  });

  it("is refused when others can read it", async () => {
    await loadHostKey(file);
    await chmod(file, 0o640);
    await assert.rejects(loadHostKey(file), refusal("bad-key", /open to other accounts \(mode 0640\)/, /chmod 600/));
  });

  it("is refused when it can't be read", async () => {
    await loadHostKey(file);
    await chmod(file, 0o000);
    await assert.rejects(loadHostKey(file), refusal("unreadable", /can't be read \(EACCES\)/, /owns/));
  });

  it("is refused when it is no key", async () => {
    await writeFile(join(directory, "nonsense"), "nonsense", { mode: 0o600 });
    await assert.rejects(
      loadHostKey(join(directory, "nonsense")),
      refusal("bad-key", /not an unencrypted private key/, /backup/),
    );
  });

  it("is refused when it is an RSA key, which would bring SHA-1 back", async () => {
    const rsa = join(directory, "rsa");
    await keygen("-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", rsa);
    await assert.rejects(loadHostKey(rsa), refusal("bad-key", /RSA/, /new key/));
  });

  it("tells when there is no place for it", async () => {
    await chmod(directory, 0o500);
    await assert.rejects(loadHostKey(file), refusal("unreadable", /can't be made \(EACCES\)/, /owns/));
    await chmod(directory, 0o700);
  });
});

function refusal(code: string, message: RegExp, hint: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof UserError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.match(error.hint ?? "", hint);
    return true;
  };
}

describe("a planned change of the host key", () => {
  let under: UnderTest;
  before(async () => {
    under = await startServer({ nextHostKey: true });
  });
  after(async () => {
    await under[Symbol.asyncDispose]();
  });

  it("is learnt by an OpenSSH client that knew the old one, with a proof", async () => {
    await using home = await clientHome();
    const known = join(home.directory, "known");
    const blob = async (name: string): Promise<string> =>
      (await keygen("-y", "-f", join(under.directory, name))).stdout.split(" ").slice(0, 2).join(" ");
    const [current, next] = await Promise.all([blob("host-key"), blob("host-key.next")]);
    await writeFile(known, `[127.0.0.1]:${under.port} ${current}\n`);
    const options = [
      "-o",
      "StrictHostKeyChecking=yes",
      "-o",
      `UserKnownHostsFile=${known}`,
      "-o",
      "UpdateHostKeys=yes",
    ];
    const child = startSshClient("openssh", { ...under.target, command: "hang", options }, home.directory);
    try {
      let text = "";
      await until(() => {
        void readFile(known, "utf8").then((read) => (text = read));
        return text.includes(next);
      }, "the next key among the known ones");
      assert.ok(text.includes(current));
    } finally {
      child.kill();
      await finish(child);
    }
  });

  const proof = (...blobs: Buffer[]): Buffer => wire(80, "hostkeys-prove-00@openssh.com", true, ...blobs);

  it("is proven for our own keys only, and not without end", async () => {
    const next = await loadHostKey(join(under.directory, "host-key.next"));
    using client = await login(under);
    sendPayload(client.client, proof(next.blob));
    await replies(client.client, 81);
    for (const asked of [
      [Buffer.from("no key")],
      [next.blob, Buffer.alloc(3)],
      [],
      [next.blob, next.blob, next.blob],
    ]) {
      sendPayload(client.client, proof(...asked));
      await replies(client.client, 82);
    }
    for (let count = 0; count < 10; count += 1) sendPayload(client.client, proof(next.blob));
    await replies(client.client, 82);
    assert.deepEqual(client.errors, []);
  });

  it("is proven to nobody before the login", async () => {
    const next = await loadHostKey(join(under.directory, "host-key.next"));
    using client = new RawClient(under.port);
    await client.exchange("mlkem768x25519-sha256");
    client.send(proof(next.blob));
    assert.equal((await client.receive())[0], 82);
  });

  it("signs with ECDSA as ssh-keygen does", async () => {
    for (const bits of ["256", "384", "521"]) {
      const file = join(under.directory, `ecdsa-${bits}`);
      await keygen("-q", "-t", "ecdsa", "-b", bits, "-N", "", "-m", "PEM", "-f", file);
      const key = await loadHostKey(file);
      const message = Buffer.from("message");
      const [type = Buffer.alloc(0), inner = Buffer.alloc(0)] = texts(key.sign(message), 0);
      const numbers = texts(inner, 0).map((number) => Buffer.concat([Buffer.alloc(66), number]));
      const bytes = Math.ceil(Number(bits) / 8);
      const signature = Buffer.concat(numbers.map((number) => number.subarray(-bytes)));
      const { key: publicKey } = readKey(type.toString(), key.blob);
      assert.ok(
        verify(
          bits === "521" ? "sha512" : `sha${bits}`,
          message,
          { key: publicKey, dsaEncoding: "ieee-p1363" },
          signature,
        ),
        bits,
      );
    }
  });
});

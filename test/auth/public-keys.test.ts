import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parsePublicKey } from "../../src/auth/public-keys.ts";
import { UserError } from "../../src/base/errors.ts";
import { SoftwareToken } from "../ssh/software-token.ts";

const run = promisify(execFile);

function refusal(text: string): string {
  try {
    parsePublicKey(text);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.code, "bad-key");
    return error.message;
  }
  return "accepted";
}

function line(algorithm: string, ...fields: Buffer[]): string {
  const all = [Buffer.from(algorithm), ...fields].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `${algorithm} ${Buffer.concat(all).toString("base64")} test`;
}

describe("public keys", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "classh-keys-"));
  });
  after(() => rm(directory, { recursive: true }));

  const kinds: [string, string, string][] = [
    ["ed25519", "256", "ssh-ed25519"],
    ["ecdsa", "256", "ecdsa-sha2-nistp256"],
    ["ecdsa", "384", "ecdsa-sha2-nistp384"],
    ["ecdsa", "521", "ecdsa-sha2-nistp521"],
    ["rsa", "2048", "ssh-rsa"],
  ];
  for (const [type, bits, algorithm] of kinds) {
    it(`are read as ssh-keygen writes them: ${algorithm}`, async () => {
      const file = join(directory, `${type}-${bits}`);
      await run("ssh-keygen", ["-q", "-t", type, "-b", bits, "-N", "", "-C", "ada's laptop", "-f", file]);
      const text = await readFile(`${file}.pub`, "utf8");
      const key = parsePublicKey(text);
      const { stdout } = await run("ssh-keygen", ["-l", "-f", `${file}.pub`]);
      assert.equal(key.fingerprint, stdout.split(" ")[1]);
      assert.equal(key.algorithm, algorithm);
      assert.equal(key.comment, "ada's laptop");
      assert.equal(key.blob.toString("base64"), text.split(" ")[1]);

      assert.match(refusal(await readFile(file, "utf8")), /PRIVATE key.*it was not stored/);
      for (const cut of [10, 30, 60])
        assert.match(refusal(text.slice(0, text.indexOf(" ") + cut)), /damaged|does not match/);
    });
  }

  const { publicKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const good = line("ssh-ed25519", point);

  it("may have no comment, a CRLF, comment lines around them, and control characters in the comment", () => {
    const bare = good.split(" ").slice(0, 2).join(" ");
    assert.equal(parsePublicKey(bare).comment, "");
    assert.equal(parsePublicKey(`# my key\r\n${good}\r\n\r\n`).comment, "test");
    assert.equal(parsePublicKey(`${bare} red\u001b[31m\u202e paint`).comment, "red[31m paint");
  });

  it("may be those of a security token", () => {
    for (const type of ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"]) {
      assert.equal(parsePublicKey(new SoftwareToken(type).line).algorithm, type);
    }
  });

  const nonsense: [string, string, RegExp][] = [
    ["nothing", "", /no key/],
    ["a shopping list", "milk and bread", /not an SSH public key/],
    ["two keys", `${good}\n${good}`, /2 lines/],
    ["a DSA key", `ssh-dss ${good.split(" ")[1]}`, /DSA/],
    ["a certificate", `ssh-ed25519-cert-v01@openssh.com ${good.split(" ")[1]}`, /certificate/],
    [
      "a security token's name on a plain key",
      `sk-ssh-ed25519@openssh.com ${good.split(" ")[1]}`,
      /type does not match/,
    ],
    ["a security token's key without its application", line("sk-ssh-ed25519@openssh.com", point), /damaged/],
    [
      "a security token's key of a kind for browsers",
      `webauthn-sk-ecdsa-sha2-nistp256@openssh.com ${good.split(" ")[1]}`,
      /security key/,
    ],
    ["a line with options", `no-pty,command="id" ${good}`, /options/],
    ["a PuTTY private key", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none", /PRIVATE/],
    ["an RFC 4716 file", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----", /another format/],
    ["a key under another's name", good.replace("ssh-ed25519", "ssh-rsa"), /type does not match/],
    ["letters that are not base64", good.replace("AAAA", "AA*A"), /damaged/],
    ["a key of 31 bytes", line("ssh-ed25519", point.subarray(1)), /damaged/],
    ["trailing fields", line("ssh-ed25519", point, Buffer.from("x")), /damaged/],
    [
      "a point off the curve",
      line("ecdsa-sha2-nistp256", Buffer.from("nistp256"), Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)])),
      /damaged/,
    ],
    [
      "another curve's name inside",
      line("ecdsa-sha2-nistp256", Buffer.from("nistp384"), Buffer.alloc(65, 4)),
      /damaged/,
    ],
    [
      "an RSA key of 1024 bits",
      line("ssh-rsa", Buffer.from([1, 0, 1]), Buffer.concat([Buffer.from([0]), Buffer.alloc(128, 0xff)])),
      /only 1024 bits/,
    ],
    ["an RSA key of 2047 bits", line("ssh-rsa", Buffer.from([1, 0, 1]), Buffer.alloc(256, 0x7f)), /only 2047 bits/],
    [
      "an RSA key with an even exponent",
      line("ssh-rsa", Buffer.from([2]), Buffer.alloc(257, 0xff).fill(0, 0, 1)),
      /damaged/,
    ],
    ["an enormous line", `ssh-rsa ${"A".repeat(17 * 1024)}`, /too long/],
    [
      "a length that points past the end",
      `ssh-ed25519 ${Buffer.from([0xff, 0xff, 0xff, 0xff, 1]).toString("base64")}`,
      /damaged/,
    ],
  ];
  for (const [what, text, why] of nonsense) {
    it(`are not ${what}`, () => assert.match(refusal(text), why));
  }
});

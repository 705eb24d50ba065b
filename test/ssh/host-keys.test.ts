import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../../src/base/errors.ts";
import { loadHostKey } from "../../src/ssh/host-keys.ts";

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
    assert.deepEqual(first, second);
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
    await assert.rejects(loadHostKey(join(directory, "nonsense")), refusal("bad-key", /not an unencrypted private key/, /backup/));
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

/**
 * The server's own key (and the one that nodes share): made once, kept in a file that only the server can read, in the
 * format that ssh-keygen reads, too.
 */
import { createPrivateKey, generateKeyPair, randomBytes, sign, type KeyObject } from "node:crypto";
import { link, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import ssh2 from "ssh2";
import { fingerprint } from "../auth/public-keys.ts";
import { syncDirectoryAt } from "../base/durable.ts";
import { systemCode, UserError } from "../base/errors.ts";
import { wireString } from "./wire-format.ts";

/** A key that was loaded. */
export interface HostKey {
  /** The private key as text, as ssh2 takes it. */
  readonly privateKey: string;
  /** What clients show: "SHA256:..." */
  readonly fingerprint: string;
  /** The public key in wire format. */
  readonly blob: Buffer;
  /** Whether it was just made, since there was none. */
  readonly made: boolean;
  /** A signature in wire format. */
  sign(message: Buffer): Buffer;
}

/**
 * The key in a file; an Ed25519 key is made first if there is none. Throws a UserError that says what is wrong with
 * `what`.
 */
export async function loadHostKey(file: string, what = "host key"): Promise<HostKey> {
  const made = !(await exists(file, what));
  if (made) await createHostKey(file, what);
  await refuseOpenFile(file, what);
  const privateKey = await readText(file, what);
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error || !parsed.isPrivateKey()) {
    throw new UserError(
      "bad-key",
      `the ${what} ${file} is not an unencrypted private key`,
      `Restore it from a backup. ${newKeyHint}`,
    );
  }
  if (parsed.type === "ssh-rsa") {
    throw new UserError("bad-key", `the ${what} ${file} is an RSA key; Ed25519 or ECDSA is needed`, newKeyHint);
  }
  const blob = parsed.getPublicSSH();
  const { type } = parsed;
  const key = createPrivateKey(parsed.getPrivatePEM());
  return { privateKey, fingerprint: fingerprint(blob), blob, made, sign: (message) => signature(type, key, message) };
}

/**
 * The key that is to follow the one in `file`, if an admin has provided one: clients are told of it beforehand. Throws
 * as `loadHostKey`.
 */
export async function loadNextHostKey(file: string): Promise<HostKey | undefined> {
  const next = `${file}.next`;
  return (await exists(next, "next host key")) ? await loadHostKey(next, "next host key") : undefined;
}

/** A signature by an Ed25519 or ECDSA key (RFC 8709, RFC 5656). */
function signature(type: string, key: KeyObject, message: Buffer): Buffer {
  if (key.asymmetricKeyType === "ed25519")
    return Buffer.concat([wireString(type), wireString(sign(null, message, key))]);
  const hash = `sha${type.endsWith("521") ? 512 : type.endsWith("384") ? 384 : 256}`;
  const numbers = sign(hash, message, { key, dsaEncoding: "ieee-p1363" });
  const half = numbers.length / 2;
  const inner = Buffer.concat([positive(numbers.subarray(0, half)), positive(numbers.subarray(half))]);
  return Buffer.concat([wireString(type), wireString(inner)]);
}

/** A positive number as mpint (RFC 4251 section 5). */
function positive(number: Buffer): Buffer {
  const first = Math.max(
    0,
    number.findIndex((byte) => byte !== 0),
  );
  const bare = number.subarray(first);
  return wireString(((bare[0] ?? 0) & 0x80) === 0 ? bare : Buffer.concat([Buffer.from([0]), bare]));
}

const newKeyHint = "If you move the file away, the next start makes a new key, and clients will warn about it.";

async function exists(file: string, what: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return false;
    throw unreadable(file, what, cause);
  }
}

async function refuseOpenFile(file: string, what: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return;
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  throw new UserError(
    "bad-key",
    `the ${what} ${file} is open to other accounts (mode ${shown})`,
    `Close it: chmod 600 ${file}`,
  );
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw unreadable(file, what, cause);
  }
}

function unreadable(file: string, what: string, cause: unknown): UserError {
  return new UserError(
    "unreadable",
    `the ${what} ${file} can't be read (${systemCode(cause) ?? String(cause)})`,
    "Check who owns the file and its folder.",
    { cause },
  );
}

/**
 * Writes the key to a temporary file and links it under its name: nobody ever sees half a key, and of two starts at
 * once one key wins.
 */
async function createHostKey(file: string, what: string): Promise<void> {
  const { privateKey } = await promisify(generateKeyPair)("ed25519");
  const text = formatPrivateKey(privateKey.export({ format: "jwk" }));
  const draft = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      await link(draft, file);
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    } finally {
      await unlink(draft);
    }
    await syncDirectoryAt(dirname(file));
  } catch (cause) {
    throw new UserError(
      "unreadable",
      `the ${what} ${file} can't be made (${systemCode(cause) ?? String(cause)})`,
      "Check who owns the folder and whether the disk is full.",
      { cause },
    );
  }
}

/** OpenSSH's own format (PROTOCOL.key in its sources); ssh-keygen reads no other for Ed25519. */
function formatPrivateKey(key: { x?: string; d?: string }): string {
  const publicPart = Buffer.from(key.x ?? "", "base64url");
  const seed = Buffer.from(key.d ?? "", "base64url");
  const type = "ssh-ed25519";
  const check = randomBytes(4); // twice the same: how a reader knows that it decrypted correctly
  const secret = padded(
    Buffer.concat([
      check,
      check,
      wireString(type),
      wireString(publicPart),
      wireString(Buffer.concat([seed, publicPart])),
      wireString("classh"),
    ]),
  );
  const none = wireString("none");
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    none, // cipher
    none, // key derivation
    wireString(Buffer.alloc(0)), // its options
    Buffer.from([0, 0, 0, 1]), // one key
    wireString(Buffer.concat([wireString(type), wireString(publicPart)])),
    wireString(secret),
  ]);
  const lines = body.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** Fills up to a multiple of 8 with 1, 2, 3 ... */
function padded(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

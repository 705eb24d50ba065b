/**
 * Public keys as OpenSSH writes them: `ssh-ed25519 AAAA... comment` (authorized_keys, sshd(8)). The key itself is a
 * sequence of fields, each preceded by a length of four bytes (RFC 4253, RFC 5656, RFC 8709); the first is the
 * algorithm. Only keys that the server can check later are accepted; each refusal says what to do.
 */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { counted } from "../base/counted.ts";
import { UserError } from "../base/errors.ts";
import { replaceUnseen } from "../base/invisible.ts";

/** A public key that was read and checked. */
export interface PublicKey {
  /** Type of the key, for example ssh-ed25519. Signatures of an ssh-rsa key are rsa-sha2-256 or rsa-sha2-512. */
  readonly algorithm: string;
  /** The key as SSH sends it. */
  readonly blob: Buffer;
  /** As `ssh-keygen -l` shows it: SHA256: and base64 without padding. */
  readonly fingerprint: string;
  readonly comment: string;
}

const maxInput = 16 * 1024;
const minRsaBits = 2048;
const maxRsaBits = 16_384; // as OpenSSH; a larger one costs seconds for each check
const maxComment = 200;

const curves: Readonly<Record<string, { readonly curve: string; readonly name: string; readonly bytes: number }>> = {
  "ecdsa-sha2-nistp256": { curve: "nistp256", name: "P-256", bytes: 32 },
  "ecdsa-sha2-nistp384": { curve: "nistp384", name: "P-384", bytes: 48 },
  "ecdsa-sha2-nistp521": { curve: "nistp521", name: "P-521", bytes: 66 },
};

/** The key in one line of a .pub file. Throws `bad-key`, saying what the text is instead. */
export function parsePublicKey(text: string): PublicKey {
  if (Buffer.byteLength(text) > maxInput) throw bad("that is too long to be a public key", sendTheLine);
  const line = onlyLine(text);
  const [algorithm = "", encoded = "", ...rest] = line.split(/[ \t]+/);
  checkAlgorithm(algorithm);
  const blob = decodeBase64(encoded);
  checkFields(algorithm, blob);
  return { algorithm, blob, fingerprint: fingerprint(blob), comment: cleanComment(rest.join(" ")) };
}

/** Fingerprint (SHA256:...) of a key as SSH sends it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

const sendTheLine = "Send the one line of the file whose name ends in .pub: key add < ~/.ssh/id_ed25519.pub";

function onlyLine(text: string): string {
  if (/PRIVATE KEY|PuTTY-User-Key-File/.test(text)) {
    throw bad(
      "that is your PRIVATE key, which must never leave your computer; it was not stored",
      `To be safe, make a new key pair. ${sendTheLine}`,
    );
  }
  if (/BEGIN SSH2 PUBLIC KEY/.test(text)) {
    throw bad("that is a public key in another format (RFC 4716)", "Convert it with: ssh-keygen -i -f FILE");
  }
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [line] = lines;
  if (line === undefined) throw bad("there is no key in what you sent", sendTheLine);
  if (lines.length > 1)
    throw bad(`a key is one line, but you sent ${counted(lines.length, "line")}`, "Add one key at a time.");
  return line;
}

function checkAlgorithm(algorithm: string): void {
  if (algorithm === "ssh-ed25519" || algorithm === "ssh-rsa" || algorithm in curves || isTokenKey(algorithm)) return;
  if (algorithm === "ssh-dss") throw bad("DSA keys are no longer safe", makeOne);
  if (/-cert-v\d+@/.test(algorithm)) throw bad("that is a certificate, not a plain public key", sendTheLine);
  if (/^(sk-|webauthn-sk-)/.test(algorithm)) throw bad("that kind of security key can't be used here", makeTokenKey);
  if (
    /(^|,)(command|from|environment|no-[a-z-]+|permit[a-z]+|restrict|tunnel|cert-authority|principals|expiry-time)([=,]|$)/i.test(
      algorithm,
    )
  ) {
    throw bad("the line begins with options", "Send only the key itself, from ssh-... or ecdsa-... on.");
  }
  throw bad("that is not an SSH public key", sendTheLine);
}

const makeOne = "Make a new key with: ssh-keygen -t ed25519";
const makeTokenKey = "Make a new key with: ssh-keygen -t ed25519-sk";
const broken = "the key is damaged or incomplete";

function decodeBase64(text: string): Buffer {
  const blob = Buffer.from(text, "base64");
  // Buffer.from skips what is not base64; a key that does not read back as it was written was cut off or mistyped.
  if (blob.length === 0 || blob.toString("base64").replace(/=+$/, "") !== text.replace(/=+$/, ""))
    throw bad(broken, sendTheLine);
  return blob;
}

function checkFields(algorithm: string, blob: Buffer): void {
  try {
    readKey(algorithm, blob);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError("bad-key", broken, sendTheLine, { cause });
  }
}

/** Whether keys of this type live in a security token (OpenSSH's PROTOCOL.u2f). */
export function isTokenKey(algorithm: string): boolean {
  return algorithm === "sk-ssh-ed25519@openssh.com" || algorithm === "sk-ecdsa-sha2-nistp256@openssh.com";
}

/**
 * The key in a blob of this algorithm; for a token also its application, which is part of what the token signs. Throws
 * `bad-key`, or what node:crypto throws for a point that is not on its curve.
 */
export function readKey(
  algorithm: string,
  blob: Buffer,
): { readonly key: KeyObject; readonly application: Buffer | undefined } {
  const fields = readFields(blob);
  if (fields[0]?.toString("latin1") !== algorithm) throw bad("the key's type does not match its contents", sendTheLine);
  const application = isTokenKey(algorithm) ? fields.pop() : undefined;
  const plain = algorithm.replace(/^sk-|@openssh\.com$/g, "");
  const curve = curves[plain];
  let key: JsonWebKey;
  if (plain === "ssh-rsa" && fields.length === 3) key = rsaKey(fields[1], fields[2]);
  else if (plain === "ssh-ed25519" && fields.length === 2)
    key = { kty: "OKP", crv: "Ed25519", x: fields[1]?.toString("base64url") };
  else if (curve && fields.length === 3 && fields[1]?.toString("latin1") === curve.curve) key = ecKey(curve, fields[2]);
  else throw bad(broken, sendTheLine);
  return { key: createPublicKey({ key, format: "jwk" }), application }; // checks that a point is on its curve, and lengths
}

function readFields(blob: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    if (at + 4 > blob.length || fields.length === 4) throw bad(broken, sendTheLine);
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) throw bad(broken, sendTheLine);
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function rsaKey(exponent: Buffer | undefined, modulus: Buffer | undefined): JsonWebKey {
  const n = withoutZeros(modulus);
  const bits = n.length === 0 ? 0 : n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
  if (bits < minRsaBits) throw bad(`that RSA key has only ${bits} bits, and needs at least ${minRsaBits}`, makeOne);
  if (bits > maxRsaBits) throw bad(`that RSA key has ${bits} bits, more than any program uses`, makeOne);
  const e = withoutZeros(exponent);
  if (e.length === 0 || e.length > 8 || ((e.at(-1) ?? 0) & 1) === 0 || (e.length === 1 && e[0] === 1))
    throw bad(broken, sendTheLine);
  return { kty: "RSA", n: n.toString("base64url"), e: e.toString("base64url") };
}

function ecKey(curve: { readonly name: string; readonly bytes: number }, point: Buffer | undefined): JsonWebKey {
  if (!point || point[0] !== 4 || point.length !== 1 + 2 * curve.bytes) throw bad(broken, sendTheLine);
  const x = point.subarray(1, 1 + curve.bytes).toString("base64url");
  return { kty: "EC", crv: curve.name, x, y: point.subarray(1 + curve.bytes).toString("base64url") };
}

function withoutZeros(number: Buffer | undefined): Buffer {
  const first = number?.findIndex((byte) => byte !== 0) ?? -1;
  return !number || first < 0 ? Buffer.alloc(0) : number.subarray(first);
}

/** A comment as it may be shown in tables: no control characters, bounded. */
function cleanComment(text: string): string {
  return replaceUnseen(text, "").slice(0, maxComment).trim();
}

function bad(message: string, hint: string): UserError {
  return new UserError("bad-key", message, hint);
}

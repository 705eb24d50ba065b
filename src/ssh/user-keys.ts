/** Checks the signatures that people log in with. */
import { createHash, verify } from "node:crypto";
import ssh2 from "ssh2";
import { isTokenKey, readKey } from "../auth/public-keys.ts";

/** A signature and its key. */
export interface SignedKey {
  /** Type of the key: ssh-ed25519, ssh-rsa ... */
  readonly type: string;
  /** The key in wire format. */
  readonly blob: Buffer;
  /** Hash of an RSA signature. */
  readonly hash: string | undefined;
  readonly message: Buffer;
  /** As ssh2 passes it: without the algorithm and the length before it. */
  readonly signature: Buffer;
}

/** Whether `signature` was made over `message` by the owner of the key. */
export function verifySignature(signed: SignedKey): boolean {
  if (isTokenKey(signed.type)) return verifyTokenSignature(signed);
  const parsed = ssh2.utils.parseKey(signed.blob);
  // For certificates parseKey returns an Error value; it does not throw. It also reads text formats: only a key that
  // equals the blob that was looked up may count.
  if (parsed instanceof Error || parsed.type !== signed.type || !parsed.getPublicSSH().equals(signed.blob))
    return false;
  // verify, too, returns an Error for what it can't handle, whatever its types say; that must not pass as "true".
  const verdict: unknown = parsed.verify(signed.message, signed.signature, signed.hash);
  return verdict === true;
}

/**
 * Flag that the person touched the token: one that signs without a touch would sign for whoever borrows the computer.
 */
const userPresent = 0x01;
/**
 * Bytes after the signature: the flags in one byte, and a counter of signatures in four, which sshd ignores as well.
 */
const trailerBytes = 5;

/**
 * A security token signs the hash of its application, flags, counter, and the hash of the message (OpenSSH's
 * PROTOCOL.u2f).
 */
function verifyTokenSignature({ type, blob, message, signature }: SignedKey): boolean {
  try {
    const { key, application } = readKey(type, blob);
    const trailer = signature.subarray(-trailerBytes);
    if (!application || signature.length <= trailerBytes || ((trailer[0] ?? 0) & userPresent) === 0) return false;
    const data = Buffer.concat([sha256(application), trailer, sha256(message)]);
    const inner = signature.subarray(0, -trailerBytes);
    if (key.asymmetricKeyType === "ed25519") return verify(null, data, key, inner);
    const numbers = twoNumbers(inner);
    return numbers !== undefined && verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, numbers);
  } catch {
    return false; // the client's bytes are no key or no signature
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

const numberBytes = 32;

/** The two numbers of a P-256 signature, from SSH's form to one of fixed length. */
function twoNumbers(bytes: Buffer): Buffer | undefined {
  const numbers: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length || numbers.length === 4) return undefined;
    let number = bytes.subarray(at + 4, end);
    while (number[0] === 0) number = number.subarray(1);
    if (number.length > numberBytes) return undefined;
    numbers.push(Buffer.alloc(numberBytes - number.length), number);
    at = end;
  }
  return numbers.length === 4 ? Buffer.concat(numbers) : undefined;
}

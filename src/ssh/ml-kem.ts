/**
 * ML-KEM-768 (FIPS 203), the half of the key exchange that a quantum computer can't break. Node.js 24.7 and later have
 * it in node:crypto, a tenth of a millisecond for an exchange; older ones use the library, a millisecond.
 */
import * as crypto from "node:crypto";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";

/** A secret, and its encryption for the owner of a key. */
export interface Encapsulation {
  /** 1088 bytes, for the owner of the key. */
  readonly ciphertext: Uint8Array;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

export const encapsulationKeyBytes = 1184;

/** What newer versions of Node.js have; our types are those of the oldest one that we run on. */
interface NativeEncapsulation {
  encapsulate?(key: crypto.KeyObject): { readonly sharedKey: Buffer; readonly ciphertext: Buffer };
}

/** Beginning of a SubjectPublicKeyInfo with an ML-KEM-768 key (RFC 9935); the key itself follows. */
const keyHead = Buffer.from("308204b2300b0609608648016503040402038204a100", "hex");

/** Makes a secret that only the owner of the key can read. Throws for an invalid key. */
export const encapsulate = nativeEncapsulate() ?? encapsulateWithLibrary;

/** Uses the library once at the start: its first use takes twenty times as long as later ones. */
export function warmEncapsulation(): void {
  encapsulate(ml_kem768.keygen().publicKey);
}

/** The same by the library; exported for tests, which compare the two. */
export function encapsulateWithLibrary(key: Uint8Array): Encapsulation {
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(key);
  return { ciphertext: cipherText, secret: sharedSecret };
}

/** `encapsulate` of node:crypto; undefined when this Node.js, or its OpenSSL, does not have ML-KEM. */
function nativeEncapsulate(): ((key: Uint8Array) => Encapsulation) | undefined {
  const native = crypto as NativeEncapsulation;
  const make = (key: Uint8Array): Encapsulation => {
    const publicKey = crypto.createPublicKey({ key: Buffer.concat([keyHead, key]), format: "der", type: "spki" });
    const made = native.encapsulate?.(publicKey);
    if (!made) throw new Error("ML-KEM is missing");
    return { ciphertext: made.ciphertext, secret: made.sharedKey };
  };
  if (!native.encapsulate) return undefined;
  try {
    make(ml_kem768.keygen().publicKey);
    return make;
  } catch {
    return undefined; // the library does it then
  }
}

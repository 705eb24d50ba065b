/**
 * ML-KEM-768 (FIPS 203), the half of the key exchange that a quantum computer can't break. Node.js 24.7 and later have it in
 * node:crypto, a tenth of a millisecond an exchange; older ones take the library, a millisecond.
 */
import * as crypto from "node:crypto";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";

export interface Encapsulation {
  /** Of 1088 bytes, for the owner of the key. */
  readonly ciphertext: Uint8Array;
  /** Of 32 bytes. */
  readonly secret: Uint8Array;
}

export const encapsulationKeyBytes = 1184;

/** What newer versions of Node.js have; the types are of the oldest one that we run on. */
interface NativeEncapsulation {
  encapsulate?(key: crypto.KeyObject): { readonly sharedKey: Buffer; readonly ciphertext: Buffer };
}

/** The head of a SubjectPublicKeyInfo with an ML-KEM-768 key (RFC 9935): what follows is the key itself. */
const keyHead = Buffer.from("308204b2300b0609608648016503040402038204a100", "hex");

/** Makes a secret that only the owner of the key can read. Throws for a key that is none. */
export const encapsulate = nativeEncapsulate() ?? encapsulateWithLibrary;

/** The first use of the library takes twenty times as long as the next ones, so that one is made at the start. */
export function warmEncapsulation(): void {
  encapsulate(ml_kem768.keygen().publicKey);
}

/** The same by the library; by itself for tests, which compare the two. */
export function encapsulateWithLibrary(key: Uint8Array): Encapsulation {
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(key);
  return { ciphertext: cipherText, secret: sharedSecret };
}

/** Undefined when this Node.js, or the OpenSSL that it was built with, does not know ML-KEM. */
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

/** chacha20-poly1305@openssh.com once more, written from OpenSSH's PROTOCOL.chacha20poly1305 and RFC 8439 section 2.5, with node:crypto and BigInt: slow, and nothing shared with ours. */
import { createCipheriv } from "node:crypto";
import { createRequire } from "node:module";
import { ChachaCipher } from "../../../src/ssh/chacha/cipher.ts";
import { ChachaDecipher } from "../../../src/ssh/chacha/decipher.ts";
import type { ChachaCipherInternals, ChachaDecipherInternals } from "../../../src/ssh/ssh2-internals.ts";

const modulus = (1n << 130n) - 5n;

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.toReversed()).toString("hex") || "0"}`);
}

export function poly1305(message: Uint8Array, key: Uint8Array): Buffer {
  const r = number(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16);
    sum = ((sum + number(block) + (1n << BigInt(8 * block.length))) * r) % modulus;
  }
  const tag = (sum + number(key.subarray(16))) & ((1n << 128n) - 1n);
  return Buffer.from(Buffer.from(tag.toString(16).padStart(32, "0"), "hex").toReversed());
}

/** Counter and nonce, 64 bits each; then as much of the key stream as `data` has bytes, over it. */
export function chacha20(key: Uint8Array, sequence: number, counter: number, data: Uint8Array): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeBigUInt64LE(BigInt(counter), 0);
  iv.writeBigUInt64BE(BigInt(sequence), 8);
  return createCipheriv("chacha20", key, iv).update(data);
}

/** A whole clear packet (length, padding length, payload, padding) as it is sent. */
export function seal(key: Uint8Array, sequence: number, packet: Uint8Array): Buffer {
  const main = key.subarray(0, 32);
  const sent = Buffer.concat([
    chacha20(key.subarray(32), sequence, 0, packet.subarray(0, 4)),
    chacha20(main, sequence, 1, packet.subarray(4)),
  ]);
  return Buffer.concat([sent, poly1305(sent, chacha20(main, sequence, 0, Buffer.alloc(32)))]);
}

/** The clear packet of what was sent; whether its tag is right is for `seal` to say. */
export function open(key: Uint8Array, sequence: number, sent: Uint8Array): Buffer {
  const body = sent.subarray(4, -16);
  return Buffer.concat([
    chacha20(key.subarray(32), sequence, 0, sent.subarray(0, 4)),
    chacha20(key.subarray(0, 32), sequence, 1, body),
  ]);
}

/** A clear packet with the least padding, of zeros. */
export function clearPacket(payload: Uint8Array): Buffer {
  const padding = 4 + ((8 - ((5 + payload.length) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding, 0);
  head.writeUInt8(padding, 4);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

interface Ssh2Crypto {
  readonly CIPHER_INFO: Record<string, unknown>;
  readonly init: Promise<void>;
  createCipher(config: object): ChachaCipherInternals;
  createDecipher(config: object): ChachaDecipherInternals;
}

const ssh2 = createRequire(import.meta.url)("ssh2/lib/protocol/crypto.js") as Ssh2Crypto;
const info = ssh2.CIPHER_INFO["chacha20-poly1305@openssh.com"];
/** ssh2's authenticator is WebAssembly, which has to be compiled first. */
export const ready = ssh2.init;

/** Ours, around what ssh2 makes for these keys; `sent` takes each write. */
export function cipher(key: Buffer, sequence: number, sent: (bytes: Buffer) => void): ChachaCipher {
  return new ChachaCipher(
    ssh2.createCipher({ outbound: { onWrite: sent, cipherInfo: info, cipherKey: key, seqno: sequence } }),
  );
}

export function decipher(key: Buffer, sequence: number, received: (payload: Buffer) => unknown): ChachaDecipher {
  return new ChachaDecipher(
    ssh2.createDecipher({ inbound: { onPayload: received, decipherInfo: info, decipherKey: key, seqno: sequence } }),
  );
}

/**
 * ChaCha20 as OpenSSH uses it (PROTOCOL.chacha20poly1305): Bernstein's original form, with a block counter of 64 bits
 * and a nonce of 64 bits, the packet's sequence number in network order. The block function is that of @noble/ciphers;
 * the code around it allocates nothing for a packet.
 */
import { __TESTS } from "@noble/ciphers/chacha.js";

/**
 * The block function alone is exported under this name only. The library's own streams make three buffers outside V8's
 * heap for each call.
 */
const { chachaCore } = __TESTS;

/** "expand 32-byte k", the first row of the state (RFC 8439 section 2.3). */
const constants = new Uint32Array([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
const blockBytes = 64;
export const keyBytes = 32;

const blockWords = new Uint32Array(blockBytes / 4);
const block = new Uint8Array(blockWords.buffer);
/** Upper half of the counter, which stays 0 (a packet has a few hundred blocks), and the nonce. */
const nonce = new Uint32Array(3);

/** A key as the block function takes it: words, the least significant byte first. */
export type KeyWords = Uint32Array;

/** The words of a key of 32 bytes. */
export function keyWords(key: Buffer): KeyWords {
  if (key.length !== keyBytes) throw new RangeError(`a key of ${key.length} bytes`);
  return Uint32Array.from({ length: keyBytes / 4 }, (_, word) => key.readUInt32LE(4 * word));
}

/**
 * Encrypts or decrypts `length` bytes of `from` into `to`, which may be the same buffer, with the key stream of a
 * packet from block `counter` on. `sequence` is the packet's number, 32 bits.
 */
// oxlint-disable-next-line max-params -- every packet passes here: an object of these would be garbage of each
export function cryptBytes(
  key: KeyWords,
  sequence: number,
  counter: number,
  from: Uint8Array,
  fromStart: number,
  to: Uint8Array,
  toStart: number,
  length: number,
): void {
  for (let done = 0, next = counter; done < length; done += blockBytes, next += 1) {
    makeBlock(key, sequence, next);
    const size = Math.min(blockBytes, length - done);
    for (let index = 0; index < size; index += 1)
      to[toStart + done + index] = (from[fromStart + done + index] ?? 0) ^ (block[index] ?? 0);
  }
}

/** Writes the beginning of the key stream, at most 64 bytes, into `to`. */
export function keyStreamBytes(key: KeyWords, sequence: number, counter: number, to: Uint8Array): void {
  makeBlock(key, sequence, counter);
  for (let index = 0; index < to.length; index += 1) to[index] = block[index] ?? 0;
}

function makeBlock(key: KeyWords, sequence: number, counter: number): void {
  nonce[2] = swapped(sequence);
  chachaCore(constants, key, nonce, blockWords, counter);
}

/** The four bytes of a word in reverse order. */
function swapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

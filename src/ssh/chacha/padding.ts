/**
 * Random bytes for the padding of packets (RFC 4253 section 6), generated some thousands at a time: for a few, the call
 * costs more than the encryption.
 */
import { randomFillSync } from "node:crypto";

const pool = new Uint8Array(4096);
let used = pool.length;

/** Fills `length` bytes of `packet` from `start`. No random byte is used twice. */
export function fillPadding(packet: Uint8Array, start: number, length: number): void {
  for (let index = start; index < start + length; index += 1) {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    packet[index] = pool[used] ?? 0;
    used += 1;
  }
}

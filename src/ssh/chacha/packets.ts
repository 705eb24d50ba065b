/**
 * Packets of chacha20-poly1305@openssh.com (OpenSSH's PROTOCOL.chacha20poly1305): four bytes of length under a key of
 * their own, the rest under the main key from block 1, and a tag of 16 bytes over both as they are sent, whose key is
 * the beginning of block 0.
 */
import { authenticate, isAuthentic, tagBytes } from "./authenticator.ts";
import { cryptBytes, keyBytes, keyWords, keyStreamBytes, type KeyWords } from "./keystream.ts";

export const lengthBytes = 4;
/** Bytes of a packet beyond the number in its length. */
export const overheadBytes = lengthBytes + tagBytes;

/** The two keys of a key exchange: one for the lengths, one for everything else. */
export interface PacketKeys {
  readonly main: KeyWords;
  readonly length: KeyWords;
}

export function packetKeys(main: Buffer, length: Buffer): PacketKeys {
  return { main: keyWords(main), length: keyWords(length) };
}

const tagKey = new Uint8Array(keyBytes);
const clearLength = Buffer.alloc(lengthBytes);

/** Encrypts a packet in place and writes its tag into the last 16 bytes. */
export function sealPacket(keys: PacketKeys, sequence: number, packet: Uint8Array): void {
  const end = packet.length - tagBytes;
  cryptBytes(keys.length, sequence, 0, packet, 0, packet, 0, lengthBytes);
  cryptBytes(keys.main, sequence, 1, packet, lengthBytes, packet, lengthBytes, end - lengthBytes);
  keyStreamBytes(keys.main, sequence, 0, tagKey);
  authenticate(packet, end, packet, 0, end, tagKey);
}

/**
 * The length in the first four bytes of a packet. It is not authenticated yet: it says how much must be read before the
 * tag can be checked.
 */
export function openLength(keys: PacketKeys, sequence: number, head: Uint8Array): number {
  cryptBytes(keys.length, sequence, 0, head, 0, clearLength, 0, lengthBytes);
  return clearLength.readUInt32BE(0);
}

/**
 * Checks the tag of a packet in `bytes`, from `start`, then decrypts its `length` bytes into `to`. False when the
 * packet is forged; then `to` is unchanged.
 */
// oxlint-disable-next-line max-params -- every packet passes here: an object of these would be garbage of each
export function openPacket(
  keys: PacketKeys,
  sequence: number,
  bytes: Uint8Array,
  start: number,
  length: number,
  to: Uint8Array,
): boolean {
  const end = start + lengthBytes + length;
  keyStreamBytes(keys.main, sequence, 0, tagKey);
  if (!isAuthentic(bytes, end, bytes, start, lengthBytes + length, tagKey)) return false;
  cryptBytes(keys.main, sequence, 1, bytes, start + lengthBytes, to, 0, length);
  return true;
}

import type { ChachaCipherInternals } from "../ssh2-internals.ts";
import { tagBytes } from "./authenticator.ts";
import { fillPadding } from "./padding.ts";
import { lengthBytes, packetKeys, sealPacket, type PacketKeys } from "./packets.ts";

const nodeVersion = Number.parseInt(process.versions.node, 10);
/**
 * Size from which packets are left to ssh2: there node:crypto's speed is worth its three objects, each of which takes
 * Node.js 24 five times as long as earlier versions. docs/decisions.md has the figures.
 */
export const largePacketBytes = nodeVersion >= 24 ? 8192 : 1536;
/** A packet without its length is a multiple of this (RFC 4253 section 6). */
const alignment = 8;
const minPadding = 4;

/**
 * The sender's cipher of a connection, in place of the object that ssh2 makes at a key exchange, and with its keys and
 * sequence number. Packets are encrypted in place and passed on in one piece. The member names are ssh2's.
 */
export class ChachaCipher {
  /**
   * Sequence number of the next packet. ssh2 reads it at the next key exchange, and sets it to 0 after NEWKEYS for a
   * client that asks for that.
   */
  outSeqno: number;
  readonly #original: ChachaCipherInternals;
  readonly #keys: PacketKeys;
  #ended = false;

  constructor(original: ChachaCipherInternals) {
    this.#original = original;
    this.#keys = packetKeys(original._encKeyMain, original._encKeyPktLen);
    this.outSeqno = original.outSeqno;
  }

  free(): void {
    this.#ended = true;
    this.#original.free();
  }

  /** A packet with room for a payload, from the sixth byte, and for the tag at its end. */
  allocPacket(payloadLength: number): Buffer {
    const unpadded = 1 + payloadLength;
    let padding = alignment - (unpadded % alignment);
    if (padding < minPadding) padding += alignment;
    const packet = Buffer.allocUnsafe(lengthBytes + unpadded + padding + tagBytes);
    packet.writeUInt32BE(unpadded + padding, 0);
    packet[lengthBytes] = padding;
    fillPadding(packet, lengthBytes + unpadded, padding);
    return packet;
  }

  /** Sends a packet of `allocPacket`. */
  encrypt(packet: Buffer): void {
    if (this.#ended) return;
    if (packet.length !== lengthBytes + packet.readUInt32BE(0) + tagBytes)
      throw new RangeError("a packet without room for its tag");
    if (packet.length >= largePacketBytes) {
      this.#original.outSeqno = this.outSeqno;
      this.#original.encrypt(packet.subarray(0, -tagBytes));
    } else {
      sealPacket(this.#keys, this.outSeqno, packet);
      this.#original._onWrite(packet);
    }
    this.outSeqno = (this.outSeqno + 1) >>> 0;
  }
}

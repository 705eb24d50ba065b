import type { ChachaCipherInternals } from "../ssh2-internals.ts";
import { tagBytes } from "./authenticator.ts";
import { fillPadding } from "./padding.ts";
import { lengthBytes, packetKeys, sealPacket, type PacketKeys } from "./packets.ts";

const nodeVersion = Number.parseInt(process.versions.node, 10);
/**
 * Packets of so many bytes and more are left to ssh2: there node:crypto's speed is worth its three objects, each of which takes Node.js 24 five times as
 * long as those before it. docs/decisions.md has the figures.
 */
export const largePacketBytes = nodeVersion >= 24 ? 8192 : 1536;
/** The multiple that a packet without its length has (RFC 4253 section 6). */
const alignment = 8;
const minPadding = 4;

/**
 * What a connection sends, in place of the object that ssh2 has made at a key exchange, whose keys and number it takes over. Packets are encrypted
 * where they lie and handed on in one piece. The names are ssh2's.
 */
export class ChachaCipher {
  /** Of the next packet. ssh2 reads it at the next key exchange, and sets it to 0 after NEWKEYS with a client that asks for that. */
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

  /** A packet whose payload, from the sixth byte on, is still to be written; at its end is room for the tag. */
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

  /** Sends what `allocPacket` gave. */
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

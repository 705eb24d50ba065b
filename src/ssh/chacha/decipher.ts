import type { ChachaDecipherInternals } from "../ssh2-internals.ts";
import { largePacketBytes } from "./cipher.ts";
import { lengthBytes, openLength, openPacket, overheadBytes, packetKeys, type PacketKeys } from "./packets.ts";

/** Bounds of a packet's length, and the messages for others: all as in ssh2; connection.ts recognises one of them. */
const maxBytes = 35_000;
const minBytes = 8;
const alignment = 8;
const badLength = "Bad packet length";
const forged = "Invalid MAC";

/** Where small packets are decrypted; their payloads are copied before anybody sees them. */
const clear = Buffer.alloc(largePacketBytes);

/**
 * The receiver's cipher of a connection, in place of the object that ssh2 makes at a key exchange, and with its keys
 * and sequence number. Reads packets however they are cut; one that is whole in a chunk is not copied before it is
 * checked. The member names are ssh2's.
 */
export class ChachaDecipher {
  /**
   * Sequence number of the next packet. ssh2 reads it at the next key exchange, and sets it to 0 at NEWKEYS for a
   * client that asks for that.
   */
  inSeqno: number;
  /** Takes each payload; ssh2 and our guards replace it. A result other than undefined ends the reading of a chunk. */
  _onPayload: (payload: Buffer) => unknown;
  readonly #original: ChachaDecipherInternals;
  readonly #keys: PacketKeys;
  /** First bytes of a packet before its length is known. */
  readonly #head = new Uint8Array(lengthBytes);
  /** Bytes of the packet that have arrived. */
  #come = 0;
  /** Length given by the packet's first bytes; 0 until they have arrived. */
  #length = 0;
  /** A packet that is spread over several chunks. */
  #gathered: Buffer | undefined;
  /** Payload of a large packet. */
  #payload: Buffer | undefined;
  /** Set while a length or a packet is checked. It stays set when one was refused: nothing is read after that. */
  #doubtful = false;

  constructor(original: ChachaDecipherInternals) {
    this.#original = original;
    this.#keys = packetKeys(original._decKeyMain, original._decKeyPktLen);
    this.inSeqno = original.inSeqno;
    this._onPayload = original._onPayload;
    original._onPayload = (payload) => void (this.#payload = payload);
  }

  free(): void {
    this.#original.free();
  }

  /**
   * Reads the bytes of `data` from `start` to `end`. Returns what ssh2's parser expects: where to go on when the keys
   * have changed meanwhile, or the result of `_onPayload`; undefined when everything was read. Throws for an impossible
   * length and for a forged packet, and from then on always.
   */
  decrypt(data: Buffer, start: number, end: number): unknown {
    if (this.#doubtful) throw new Error(forged);
    let at = start;
    while (at < end) {
      const began = this.#come === 0 ? at : undefined;
      while (this.#come < lengthBytes && at < end) this.#head[this.#come++] = data[at++] ?? 0;
      if (this.#come < lengthBytes) return undefined;
      if (this.#length === 0) this.#length = this.#readLength();
      const size = this.#length + overheadBytes;
      let payload: Buffer;
      if (began !== undefined && began + size <= end) {
        at = began + size;
        payload = this.#open(data, began);
      } else {
        const packet = (this.#gathered ??= this.#begin(size));
        const stop = Math.min(end, at + size - this.#come);
        this.#come += data.copy(packet, this.#come, at, stop);
        at = stop;
        if (this.#come < size) return undefined;
        payload = this.#open(packet, 0);
      }
      this.inSeqno = (this.inSeqno + 1) >>> 0;
      this.#come = 0;
      this.#length = 0;
      this.#gathered = undefined;
      const answer = this._onPayload(payload);
      if (answer !== undefined) return answer === false ? at : answer;
    }
    return undefined;
  }

  #readLength(): number {
    this.#doubtful = true;
    const length = openLength(this.#keys, this.inSeqno, this.#head);
    if (length > maxBytes || length < minBytes || length % alignment !== 0) throw new Error(badLength);
    this.#doubtful = false;
    return length;
  }

  /** A buffer for a packet of `size` bytes, with its first bytes. */
  #begin(size: number): Buffer {
    const packet = Buffer.allocUnsafe(size);
    packet.set(this.#head);
    return packet;
  }

  /** The payload of a complete packet. */
  #open(bytes: Buffer, start: number): Buffer {
    this.#doubtful = true;
    const payload =
      this.#length + overheadBytes < largePacketBytes ? this.#openSmall(bytes, start) : this.#openLarge(bytes, start);
    this.#doubtful = false;
    return payload;
  }

  #openSmall(bytes: Buffer, start: number): Buffer {
    const length = this.#length;
    if (!openPacket(this.#keys, this.inSeqno, bytes, start, length, clear)) throw new Error(forged);
    const end = length - (clear[0] ?? 0);
    if (end < 1) throw new Error("Bad padding length");
    // A copy: whoever keeps part of a packet must not keep more memory than the packet.
    const payload = Buffer.alloc(end - 1);
    clear.copy(payload, 0, 1, end);
    return payload;
  }

  #openLarge(bytes: Buffer, start: number): Buffer {
    this.#original.inSeqno = this.inSeqno;
    this.#original.decrypt(bytes, start, start + this.#length + overheadBytes);
    const payload = this.#payload;
    this.#payload = undefined;
    if (!payload) throw new Error("ssh2 did not decrypt a packet");
    return payload;
  }
}

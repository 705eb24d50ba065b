import type { ChachaDecipherInternals } from "../ssh2-internals.ts";
import { largePacketBytes } from "./cipher.ts";
import { lengthBytes, openLength, openPacket, overheadBytes, packetKeys, type PacketKeys } from "./packets.ts";

/** Bounds of a packet's length, and what is said of others: all as ssh2 has it, whose words connection.ts knows. */
const maxBytes = 35_000;
const minBytes = 8;
const alignment = 8;
const badLength = "Bad packet length";
const forged = "Invalid MAC";

/** Where small packets are decrypted; their payloads are copied out of it before anybody sees them. */
const clear = Buffer.alloc(largePacketBytes);

/**
 * What a connection receives, in place of the object that ssh2 has made at a key exchange, whose keys and number it takes over. Reads packets
 * however they are cut; one that lies whole in what came is not copied before it is checked. The names are ssh2's.
 */
export class ChachaDecipher {
  /** Of the next packet. ssh2 reads it at the next key exchange, and sets it to 0 at NEWKEYS with a client that asks for that. */
  inSeqno: number;
  /** Takes each payload; ssh2 and our guards put others in its place. Something other than undefined ends the reading of a chunk. */
  _onPayload: (payload: Buffer) => unknown;
  readonly #original: ChachaDecipherInternals;
  readonly #keys: PacketKeys;
  /** The first bytes of a packet whose length is not known yet. */
  readonly #head = new Uint8Array(lengthBytes);
  /** Bytes of the packet that have come. */
  #come = 0;
  /** As the packet's first bytes say; 0 as long as they have not come. */
  #length = 0;
  /** A packet that does not lie in one chunk. */
  #gathered: Buffer | undefined;
  /** Of a large packet. */
  #payload: Buffer | undefined;
  /** Set while a length or a packet is checked, so that it stays set when one was refused: nothing is read after that. */
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
   * Takes the bytes of `data` from `start` to `end`. Answers as ssh2's parser expects it: where to go on when the keys have changed meanwhile, or
   * whatever `_onPayload` gave; undefined when all is read. Throws at a length that can't be, and at a forged packet, and from then on always.
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

  /** Room for a packet of `size` bytes, which begins with those that said so. */
  #begin(size: number): Buffer {
    const packet = Buffer.allocUnsafe(size);
    packet.set(this.#head);
    return packet;
  }

  /** The payload of a whole packet. */
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
    // A copy of its own: what somebody keeps of a packet must not keep more memory than the packet.
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

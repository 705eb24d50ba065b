/**
 * The output of one channel, both streams, in order. ssh2's own writing is not used: it loops for ever on a packet size
 * of 0, ignores the state of the socket, and after a full window sends an old piece again when the other stream
 * continues.
 */
import type { ServerChannel } from "ssh2";
import { channelInternals, type ChannelInternals } from "./ssh2-internals.ts";
import type { Wire } from "./wire.ts";

interface Piece {
  readonly stream: "output" | "error";
  readonly bytes: Buffer;
  readonly sent: () => void;
}

/** Options of an output. */
export interface ChannelOutputOptions {
  /** Size of the largest packet, bytes. */
  readonly packetSize: number;
  /** Called with the size of each packet that was sent. */
  onPacket?(bytes: number): void;
}

/** RFC 4253 section 6.1: what every implementation can take. */
export const maxPacket = 32 << 10;

/** The output of a channel. */
export class ChannelOutput {
  readonly #wire: Wire;
  readonly #internals: ChannelInternals;
  readonly #options: ChannelOutputOptions;
  readonly #waiting: Piece[] = [];
  /** Bytes of the first piece that were sent. */
  #offset = 0;
  #queued = 0;
  #pumping = false;
  #closed = false;
  #whenEmpty: (() => void)[] = [];

  constructor(wire: Wire, channel: ServerChannel, options: ChannelOutputOptions) {
    this.#wire = wire;
    this.#internals = channelInternals(channel);
    this.#options = options;
  }

  /**
   * Bytes that wait for the client's window or the socket. Writers keep this bounded: see TerminalChannel and
   * ExecStreams.
   */
  get queued(): number {
    return this.#queued;
  }

  /** Sends `bytes` as soon as the client takes them; `sent` is called when the last of them went to the socket. */
  send(stream: Piece["stream"], bytes: Buffer, sent: () => void = () => {}): void {
    if (this.#closed || bytes.length === 0) return sent();
    this.#waiting.push({ stream, bytes, sent });
    this.#queued += bytes.length;
    this.pump();
  }

  /** Calls `callback` when nothing waits any more. */
  whenEmpty(callback: () => void): void {
    if (this.#waiting.length === 0) callback();
    else this.#whenEmpty.push(callback);
  }

  /** Sends what may be sent now. */
  pump(): void {
    if (this.#pumping || this.#closed || this.#waiting.length === 0) return;
    this.#pumping = true;
    try {
      this.#wire.batch(() => {
        while (this.#mayWrite()) this.#sendPacket();
      });
    } finally {
      this.#pumping = false;
    }
    if (this.#waiting.length > 0) return;
    for (const callback of this.#whenEmpty.splice(0)) callback();
  }

  /** Discards what waits, and calls its `sent`. */
  close(): void {
    this.#closed = true;
    this.#queued = 0;
    this.#whenEmpty = [];
    for (const piece of this.#waiting.splice(0)) piece.sent();
  }

  #mayWrite(): boolean {
    const { state, window } = this.#internals.outgoing;
    return this.#waiting.length > 0 && state === "open" && window > 0 && this.#wire.writable;
  }

  #sendPacket(): void {
    const piece = this.#waiting[0];
    if (!piece) return;
    const { outgoing } = this.#internals;
    const size = Math.min(
      piece.bytes.length - this.#offset,
      outgoing.window,
      outgoing.packetSize,
      this.#options.packetSize,
    );
    const packet = piece.bytes.subarray(this.#offset, this.#offset + size);
    if (piece.stream === "output") this.#wire.sendData(outgoing.id, packet);
    else this.#wire.sendErrorData(outgoing.id, packet);
    outgoing.window -= size;
    this.#queued -= size;
    this.#offset += size;
    if (this.#offset === piece.bytes.length) {
      this.#waiting.shift();
      this.#offset = 0;
      piece.sent();
    }
    this.#options.onPacket?.(size);
  }
}

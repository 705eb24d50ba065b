/**
 * The outgoing side of one connection. ssh2 ignores what `socket.write` returns, so the channels of a connection write
 * through here: they stop while the socket holds too much or keys are being exchanged, and go on afterwards. Also
 * counts pings, whose replies (in order, by RFC 4254 section 4) say how far the client has read.
 */
import type { Socket } from "node:net";
import type { Connection as Ssh2Connection } from "ssh2";
import { Emitter, type Event } from "../base/events.ts";
import { messageNumber, protocolOf, sendDisconnect, sendPacket, type Ssh2Protocol } from "./ssh2-internals.ts";
import { wireString } from "./wire-format.ts";

/** Bytes in our socket above which channels wait; what the kernel holds comes on top. */
const socketBacklogBytes = 128 << 10;

/** Explanations on one connection: a client that asks for the same thing again has read it. */
const maxExplanations = 20;

/** The outgoing side of a connection. */
export class Wire {
  readonly #socket: Socket;
  readonly #protocol: Ssh2Protocol;
  readonly #writable = new Emitter<void>();
  readonly #traffic = new Emitter<number>();
  readonly #replies: (() => void)[] = [];
  #closed = false;
  #explanations = 0;

  constructor(client: Ssh2Connection, socket: Socket) {
    this.#socket = socket;
    this.#protocol = protocolOf(client);
    socket.on("drain", () => this.#announce());
    client.on("handshake", () => this.#announce());
    // ssh2 sends keepalive pings of its own: their replies must not be taken for ours.
    const ping = this.#protocol.ping.bind(this.#protocol);
    this.#protocol.ping = () => {
      this.#replies.push(() => {});
      ping();
    };
  }

  /** Fires when `writable` may have become true. */
  get onWritable(): Event<void> {
    return this.#writable.on;
  }

  /** Fires with the size of each packet that carries data, in either direction. */
  get onTraffic(): Event<number> {
    return this.#traffic.on;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether data should be sent now. */
  get writable(): boolean {
    return !this.#closed && this.#protocol._kexinit === undefined && this.#socket.writableLength < socketBacklogBytes;
  }

  /** Pings that the client has not answered yet. */
  get unansweredPings(): number {
    return this.#replies.length;
  }

  /** Runs `send`, and passes all its packets to the socket at once: ssh2 writes each packet in three pieces. */
  batch(send: () => void): void {
    this.#socket.cork();
    try {
      send();
    } finally {
      this.#socket.uncork();
    }
  }

  sendData(channel: number, bytes: Buffer): void {
    this.#protocol.channelData(channel, bytes);
    this.countTraffic(bytes.length);
  }

  sendErrorData(channel: number, bytes: Buffer): void {
    this.#protocol.channelExtData(channel, bytes, 1);
    this.countTraffic(bytes.length);
  }

  countTraffic(bytes: number): void {
    this.#traffic.emit(bytes);
  }

  /** Sends a ping; `answered` is called when the client has read everything that was sent before. */
  ping(answered: () => void): void {
    if (this.#closed) return;
    this.#protocol.ping();
    this.#replies[this.#replies.length - 1] = answered;
  }

  /** To be called for each reply to a global request. */
  pingAnswered(): void {
    this.#replies.shift()?.();
  }

  /** Says goodbye with a text that clients show; the caller ends the socket. */
  disconnect(reason: number, text: string): void {
    if (this.#closed || this.#protocol._destruct === undefined) return;
    sendDisconnect(this.#protocol, reason, text);
  }

  /**
   * Sends a text for a refusal that has none of its own (SSH_MSG_DEBUG): OpenSSH shows it with -v, PuTTY in its event
   * log.
   */
  explain(text: string): void {
    if (this.#closed || this.#protocol._kexinit !== undefined || this.#explanations >= maxExplanations) return;
    this.#explanations += 1;
    sendPacket(
      this.#protocol,
      Buffer.concat([Buffer.from([messageNumber.debug, 1]), wireString(text), wireString("")]),
    );
  }

  /** Stops all writing: ssh2 throws when asked to write after the end. */
  close(): void {
    this.#closed = true;
    this.#replies.length = 0;
  }

  #announce(): void {
    if (this.writable) this.#writable.emit();
  }
}

import type { ServerChannel } from "ssh2";
import { channelInternals } from "./ssh2-internals.ts";

/** Bytes of one channel that wait for a reader; the client may have a window of 2 MiB more on its way. */
const unreadLimit = 256 << 10;

/**
 * What comes in on one channel. Nothing is read before `start`: a channel that nobody reads from holds its client back.
 * Errors of `receive` are the caller's to catch: thrown here they would end the whole connection.
 */
export class ChannelInput {
  readonly #channel: ServerChannel;
  #started = false;

  constructor(channel: ServerChannel) {
    this.#channel = channel;
    // ssh2 asks for more until 2 MiB are unread, for each channel.
    channelInternals(channel)._readableState.highWaterMark = unreadLimit;
  }

  get started(): boolean {
    return this.#started;
  }

  /** Hands each piece to `receive`, and calls `ended` after the last one. Only the first caller gets the input. */
  start(receive: (bytes: Buffer) => void, ended: () => void): void {
    if (this.#started) return;
    this.#started = true;
    this.#channel.on("data", receive);
    this.#channel.on("end", ended);
  }

  pause(): void {
    if (this.#started) this.#channel.pause();
  }

  resume(): void {
    if (this.#started) this.#channel.resume();
  }

  /** Lets go of what is unread: a paused channel never ends. */
  discard(): void {
    this.#channel.removeAllListeners("data");
    this.#started = true;
    this.#channel.resume();
  }
}

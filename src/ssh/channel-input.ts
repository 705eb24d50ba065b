import type { ServerChannel } from "ssh2";
import { channelInternals } from "./ssh2-internals.ts";

/** Bytes of one channel that wait for a reader; the client may have a window of 2 MiB more on its way. */
const maxUnreadBytes = 256 << 10;

/**
 * The input of one channel. Nothing is read before `start`: a channel that nobody reads holds its client back. The
 * caller must catch errors of `receive`: thrown here they would end the whole connection.
 */
export class ChannelInput {
  readonly #channel: ServerChannel;
  #started = false;

  constructor(channel: ServerChannel) {
    this.#channel = channel;
    // ssh2 asks for more until 2 MiB are unread on each channel.
    channelInternals(channel)._readableState.highWaterMark = maxUnreadBytes;
  }

  get started(): boolean {
    return this.#started;
  }

  /** Passes each piece to `receive`, and calls `ended` after the last one. Only the first caller gets the input. */
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

  /** Discards what is unread: a paused channel never ends. */
  discard(): void {
    this.#channel.removeAllListeners("data");
    this.#started = true;
    this.#channel.resume();
  }
}

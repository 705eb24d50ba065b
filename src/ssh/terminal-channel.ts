/**
 * The Terminal that screens draw on, over one channel. SSH's flow control says nothing about a person who does not see the
 * output: a stopped client takes 3 MB without one sign. So each 8 KiB are followed by a ping, and only its answer, which the
 * client gives after it has read everything before, counts as arrival.
 */
import type { Clock } from "../base/clock.ts";
import { ConnectedTerminal, maxQueuedBytes, type TerminalTraits } from "../base/connected-terminal.ts";
import type { Share } from "../base/shares.ts";
import type { TerminalSize } from "../base/terminal.ts";
import type { ChannelInput } from "./channel-input.ts";
import type { ChannelOutput } from "./channel-output.ts";
import type { Wire } from "./wire.ts";

/** Bytes between two pings; also the largest packet, so that a ping can follow each. */
export const pingInterval = 8 << 10;
/** Between two new sizes, milliseconds: a window that is drawn larger with the mouse still follows. */
const resizePause = 50;

export interface TerminalChannelOptions extends TerminalTraits {
  readonly wire: Wire;
  readonly share: Share;
  readonly clock: Clock;
  readonly input: ChannelInput;
  /** Runs what the screen's listeners do; reports what they throw. */
  protect(action: () => void): void;
  /** Ends the channel. */
  finish(status: number): void;
  /** The queue is over its limit. */
  overflow(): void;
}

export class TerminalChannel extends ConnectedTerminal {
  readonly #options: TerminalChannelOptions;
  #output: ChannelOutput | undefined;
  #sinceLastPing = 0;
  #wantedSize: TerminalSize | undefined;
  #resizePause: Disposable | undefined;

  constructor(options: TerminalChannelOptions) {
    super(options, () => this.#output?.queued ?? 0);
    this.#options = options;
  }

  /** The output is made after the terminal, which is to hear of its packets. */
  connect(output: ChannelOutput): void {
    this.#output = output;
  }

  pauseInput(): void {
    this.#options.input.pause();
  }

  resumeInput(): void {
    this.#options.input.resume();
  }

  /**
   * The client's window has a new size. The first change comes at once, of those that follow the newest, a few times a second: each has
   * everything drawn anew, and a client can send thousands.
   */
  resize(size: TerminalSize): void {
    this.#wantedSize = size;
    if (!this.#resizePause) this.#resizeInTurn();
  }

  /** A packet went to the socket. */
  packetSent(bytes: number): void {
    this.acknowledgements.sent(bytes);
    this.#sinceLastPing += bytes;
    if (this.#sinceLastPing < pingInterval) return;
    const covered = this.#sinceLastPing;
    this.#sinceLastPing = 0;
    this.#options.wire.ping(() => this.arrived(covered));
  }

  override disconnected(): void {
    this.#resizePause?.[Symbol.dispose]();
    super.disconnected();
  }

  protected startInput(): void {
    this.#options.input.start(
      (bytes) => this.type(bytes),
      () => {}, // the end of input is not the end of a terminal: the screen may still have something to show
    );
  }

  protected send(bytes: Buffer): void {
    if (!this.#output) return;
    this.#output.send("output", bytes);
    this.acknowledgements.update();
    if (this.#output.queued > maxQueuedBytes) this.#options.overflow();
  }

  protected end(status: number): void {
    this.#options.finish(status);
  }

  protected protect(action: () => void): void {
    this.#options.protect(action);
  }

  #resizeInTurn(): void {
    if (this.share.wait() === 0) this.#resizeNow();
    else this.#resizePause = this.share.whenFree(() => this.#resizeNow());
  }

  #resizeNow(): void {
    this.#resizePause = undefined;
    const size = this.#wantedSize;
    if (!size || this.closed || !this.share.use(() => this.setSize(size))) return;
    this.#resizePause = this.#options.clock.after(resizePause, () => this.#resizeInTurn());
  }
}

/**
 * The terminal that screens draw on, over one channel. SSH's flow control says nothing about what the person has seen:
 * a stopped client takes 3 MB without a sign. So after each 8 KiB a ping is sent, and only its answer, which the client
 * gives after it has read everything before, counts as arrival.
 */
import type { Clock } from "../base/clock.ts";
import { ConnectedTerminal, maxQueuedBytes, type TerminalTraits } from "../base/connected-terminal.ts";
import type { Share } from "../base/shares.ts";
import type { TerminalSize } from "../base/terminal.ts";
import type { ChannelInput } from "./channel-input.ts";
import type { ChannelOutput } from "./channel-output.ts";
import type { Wire } from "./wire.ts";

/** Bytes between two pings; also the largest packet, so that a ping can follow each. */
export const pingBytes = 8 << 10;
/** Time between two new sizes: a window that is being enlarged with the mouse is still followed. */
const resizePauseMs = 50;

/** What a terminal works with. */
export interface TerminalChannelOptions extends TerminalTraits {
  readonly wire: Wire;
  readonly share: Share;
  readonly clock: Clock;
  readonly input: ChannelInput;
  /** Runs the screen's listeners, and reports what they throw. */
  protect(action: () => void): void;
  /** Ends the channel. */
  finish(status: number): void;
  /** Called when the queue is over its limit. */
  overflow(): void;
}

/** A terminal on a channel. */
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

  /** Sets the output, which is made after the terminal since it reports its packets to it. */
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
   * Notes a new size of the client's window. The first change is passed on at once, then the newest, a few times a
   * second: each has everything drawn again, and a client can send thousands.
   */
  resize(size: TerminalSize): void {
    this.#wantedSize = size;
    if (!this.#resizePause) this.#resizeInTurn();
  }

  /** Counts a packet that went to the socket. */
  packetSent(bytes: number): void {
    this.acknowledgements.sent(bytes);
    this.#sinceLastPing += bytes;
    if (this.#sinceLastPing < pingBytes) return;
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
    this.#resizePause = this.#options.clock.after(resizePauseMs, () => this.#resizeInTurn());
  }
}

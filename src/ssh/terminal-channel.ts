/**
 * The Terminal that screens draw on, over one channel. SSH's flow control says nothing about a person who does not see the
 * output: a stopped client takes 3 MB without one sign. So each 8 KiB are followed by a ping, and only its answer, which the
 * client gives after it has read everything before, counts as arrival.
 */
import { Acknowledgements } from "../base/acknowledgements.ts";
import type { Clock } from "../base/clock.ts";
import { Emitter, type Event } from "../base/events.ts";
import type { Share } from "../base/shares.ts";
import type { Terminal, TerminalSize } from "../base/terminal.ts";
import type { ChannelInput } from "./channel-input.ts";
import type { ChannelOutput } from "./channel-output.ts";
import type { Wire } from "./wire.ts";

/** Bytes between two pings; also the largest packet, so that a ping can follow each. */
export const pingInterval = 8 << 10;
/** Between two new sizes, milliseconds: a window that is drawn larger with the mouse still follows. */
const resizePause = 50;
/** A screen that goes on writing to a client that does not read is a bug of ours; memory must survive it. */
const mostQueued = 8 << 20;

export interface TerminalChannelOptions {
  readonly wire: Wire;
  readonly share: Share;
  readonly clock: Clock;
  readonly input: ChannelInput;
  readonly term: string;
  readonly env: ReadonlyMap<string, string>;
  readonly size: TerminalSize;
  /** Runs what the screen's listeners do; reports what they throw. */
  protect(action: () => void): void;
  /** Ends the channel. */
  finish(status: number): void;
  /** The queue is over its limit. */
  overflow(): void;
}

export class TerminalChannel implements Terminal {
  readonly term: string;
  readonly env: ReadonlyMap<string, string>;
  readonly share: Share;
  readonly #options: TerminalChannelOptions;
  readonly #resized = new Emitter<TerminalSize>();
  readonly #typed = new Emitter<Buffer>();
  readonly #gone = new Emitter<void>();
  readonly #drained = new Emitter<void>();
  readonly #acknowledgements = new Acknowledgements(() => this.#output?.queued ?? 0);
  #output: ChannelOutput | undefined;
  #size: TerminalSize;
  #closed = false;
  #sinceLastPing = 0;
  #wantedSize: TerminalSize | undefined;
  #resizePause: Disposable | undefined;

  constructor(options: TerminalChannelOptions) {
    this.#options = options;
    this.term = options.term;
    this.env = options.env;
    this.share = options.share;
    this.#size = options.size;
  }

  /** The output is made after the terminal, which is to hear of its packets. */
  connect(output: ChannelOutput): void {
    this.#output = output;
  }

  get size(): TerminalSize {
    return this.#size;
  }

  get onResize(): Event<TerminalSize> {
    return this.#resized.on;
  }

  readonly onInput: Event<Buffer> = (listener) => {
    const registration = this.#typed.on(listener);
    this.#options.input.start(
      (bytes) => this.#options.protect(() => this.#typed.emit(bytes)),
      () => {}, // the end of input is not the end of a terminal: the screen may still have something to show
    );
    return registration;
  };

  get onClose(): Event<void> {
    return this.#gone.on;
  }

  get onDrain(): Event<void> {
    return this.#drained.on;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get unacknowledged(): number {
    return this.#acknowledgements.unacknowledged;
  }

  pauseInput(): void {
    this.#options.input.pause();
  }

  resumeInput(): void {
    this.#options.input.resume();
  }

  write(data: string | Buffer): void {
    if (this.#closed || !this.#output) return;
    this.#output.send("output", typeof data === "string" ? Buffer.from(data) : data);
    this.#acknowledgements.look();
    if (this.#output.queued > mostQueued) this.#options.overflow();
  }

  close(status: number): void {
    if (this.#closed) return;
    this.#options.finish(status);
    this.disconnected();
  }

  /**
   * The client's window has a new size. The first change comes at once, of those that follow the newest, a few times a second: each has
   * everything drawn anew, and a client can send thousands.
   */
  resize(size: TerminalSize): void {
    this.#wantedSize = size;
    if (!this.#resizePause) this.#resizeInTurn();
  }

  #resizeInTurn(): void {
    if (this.share.wait() === 0) this.#resizeNow();
    else this.#resizePause = this.share.whenFree(() => this.#resizeNow());
  }

  #resizeNow(): void {
    this.#resizePause = undefined;
    const size = this.#wantedSize;
    if (this.#closed || !size || (size.columns === this.#size.columns && size.rows === this.#size.rows)) return;
    this.#size = size;
    this.#options.protect(() => this.share.use(() => this.#resized.emit(size)));
    this.#resizePause = this.#options.clock.after(resizePause, () => this.#resizeInTurn());
  }

  /** A packet went to the socket. */
  packetSent(bytes: number): void {
    this.#acknowledgements.sent(bytes);
    this.#sinceLastPing += bytes;
    if (this.#sinceLastPing < pingInterval) return;
    const covered = this.#sinceLastPing;
    this.#sinceLastPing = 0;
    this.#options.wire.ping(() => this.#acknowledge(covered));
  }

  /** The channel is gone; fires `onClose` once. */
  disconnected(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#resizePause?.[Symbol.dispose]();
    this.#options.protect(() => this.#gone.emit());
  }

  #acknowledge(bytes: number): void {
    const caughtUp = this.#acknowledgements.arrived(bytes);
    if (caughtUp && !this.#closed) this.#options.protect(() => this.#drained.emit());
  }
}

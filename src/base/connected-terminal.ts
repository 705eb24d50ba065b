/**
 * What every terminal with a person at the other end of a connection has in common: its listeners, its size, what is on its way, and that it
 * ends once. How bytes get there and back is the connection's: an SSH channel (ssh/terminal-channel) or a stream of another node
 * (cluster/relayed-terminal).
 */
import { Acknowledgements } from "./acknowledgements.ts";
import { Emitter, type Event } from "./events.ts";
import type { Share } from "./shares.ts";
import type { Terminal, TerminalSize } from "./terminal.ts";

/** A screen that writes on to somebody who does not read is a bug of ours; memory must survive it. Bytes. */
export const maxQueued = 8 << 20;

/** What a client says of its terminal. */
export interface TerminalTraits {
  readonly term: string;
  readonly env: ReadonlyMap<string, string>;
  readonly size: TerminalSize;
}

export abstract class ConnectedTerminal implements Terminal {
  readonly term: string;
  readonly env: ReadonlyMap<string, string>;
  readonly share: Share;
  protected readonly acknowledgements: Acknowledgements;
  readonly #resized = new Emitter<TerminalSize>();
  readonly #typed = new Emitter<Buffer>();
  readonly #gone = new Emitter<void>();
  readonly #drained = new Emitter<void>();
  #size: TerminalSize;
  #closed = false;

  /** `queued`: bytes that wait to be sent; they are on their way, too. */
  constructor({ term, env, size, share }: TerminalTraits & { readonly share: Share }, queued?: () => number) {
    this.term = term;
    this.env = env;
    this.share = share;
    this.#size = size;
    this.acknowledgements = new Acknowledgements(queued);
  }

  get size(): TerminalSize {
    return this.#size;
  }

  get onResize(): Event<TerminalSize> {
    return this.#resized.on;
  }

  readonly onInput: Event<Buffer> = (listener) => {
    const registration = this.#typed.on(listener);
    this.startInput();
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
    return this.acknowledgements.unacknowledged;
  }

  abstract pauseInput(): void;
  abstract resumeInput(): void;

  write(data: string | Buffer): void {
    if (!this.#closed && data.length > 0) this.send(typeof data === "string" ? Buffer.from(data) : data);
  }

  close(status: number): void {
    if (this.#closed) return;
    this.end(status);
    this.disconnected();
  }

  /** The connection is gone; fires `onClose` once. */
  disconnected(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.protect(() => this.#gone.emit());
  }

  /** Somebody listens to what is typed: passes it to `type` from now on. Called with each listener. */
  protected abstract startInput(): void;

  /** Sends bytes, or queues them. */
  protected abstract send(bytes: Buffer): void;

  /** Tells the other side with which status the terminal ends. */
  protected abstract end(status: number): void;

  /** Runs what the screen's listeners do, and deals with what they throw. */
  protected abstract protect(action: () => void): void;

  protected type(bytes: Buffer): void {
    this.protect(() => this.#typed.emit(bytes));
  }

  /** Whether the size is another one now, and the screen has been told. */
  protected setSize(size: TerminalSize): boolean {
    if (this.#closed || (size.columns === this.#size.columns && size.rows === this.#size.rows)) return false;
    this.#size = size;
    this.protect(() => this.#resized.emit(size));
    return true;
  }

  /** The person's side confirms so many bytes. */
  protected arrived(bytes: number): void {
    if (this.acknowledgements.arrived(bytes) && !this.#closed) this.protect(() => this.#drained.emit());
  }
}

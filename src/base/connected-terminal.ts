/**
 * What every terminal at the other end of a connection has in common: listeners, size, unacknowledged bytes, and that
 * it ends once. How bytes travel is the connection's part: an SSH channel (ssh/terminal-channel) or a stream from
 * another node (cluster/relayed-terminal).
 */
import { Acknowledgements } from "./acknowledgements.ts";
import { Emitter, type Event } from "./events.ts";
import type { Share } from "./shares.ts";
import type { Terminal, TerminalSize } from "./terminal.ts";

/**
 * Queued bytes at which a terminal is closed. Only a bug of ours writes on to a client that does not read; memory must
 * survive it.
 */
export const maxQueuedBytes = 8 << 20;

/** What a client says about its terminal. */
export interface TerminalTraits {
  readonly term: string;
  readonly env: ReadonlyMap<string, string>;
  readonly size: TerminalSize;
  readonly erase?: number | undefined;
}

/** A terminal of a connection; subclasses move the bytes. */
export abstract class ConnectedTerminal implements Terminal {
  readonly term: string;
  readonly env: ReadonlyMap<string, string>;
  readonly erase: number | undefined;
  readonly share: Share;
  protected readonly acknowledgements: Acknowledgements;
  readonly #resized = new Emitter<TerminalSize>();
  readonly #typed = new Emitter<Buffer>();
  readonly #gone = new Emitter<void>();
  readonly #drained = new Emitter<void>();
  #size: TerminalSize;
  #closed = false;

  /** `queued`: bytes that wait to be sent; they count as unacknowledged. */
  constructor({ term, env, size, erase, share }: TerminalTraits & { readonly share: Share }, queued?: () => number) {
    this.term = term;
    this.env = env;
    this.erase = erase;
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

  /** Marks the connection as gone; `onClose` fires once. */
  disconnected(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.protect(() => this.#gone.emit());
  }

  /** Starts passing what is typed to `type`. Called whenever a listener registers. */
  protected abstract startInput(): void;

  /** Sends bytes, or queues them. */
  protected abstract send(bytes: Buffer): void;

  /** Tells the other side the exit status. */
  protected abstract end(status: number): void;

  /** Runs the screen's listeners, and handles what they throw. */
  protected abstract protect(action: () => void): void;

  /** Passes on bytes that the person typed. */
  protected type(bytes: Buffer): void {
    this.protect(() => this.#typed.emit(bytes));
  }

  /** Sets the size and tells the screen; false when it is the same size, or the terminal is closed. */
  protected setSize(size: TerminalSize): boolean {
    if (this.#closed || (size.columns === this.#size.columns && size.rows === this.#size.rows)) return false;
    this.#size = size;
    this.protect(() => this.#resized.emit(size));
    return true;
  }

  /** Counts bytes that the person's side confirmed. */
  protected arrived(bytes: number): void {
    if (this.acknowledgements.arrived(bytes) && !this.#closed) this.protect(() => this.#drained.emit());
  }
}

import type { Event } from "./events.ts";
import type { Share } from "./shares.ts";

/** Columns and rows of a terminal, already clamped to what we draw (20x5 to 500x200). */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * A person's terminal: bytes in, bytes out, a size. The SSH edge makes one from a channel, the cluster one from a
 * stream of another node; screens know nothing else about where the person sits.
 */
export interface Terminal {
  /** The client's TERM; never used as a path. "dumb" without a pty. */
  readonly term: string;
  /** The environment that the client sent (LANG, LC_*, COLORTERM, NO_COLOR ...). */
  readonly env: ReadonlyMap<string, string>;
  readonly size: TerminalSize;
  /** The byte that the Backspace key sends, as the client said (VERASE); undefined when it did not. */
  readonly erase?: number | undefined;
  /** The person's share of the thread, which work for this terminal is charged to; without one it is not counted. */
  readonly share?: Share | undefined;
  readonly onResize: Event<TerminalSize>;
  /** Bytes typed. Nothing is read from the client before the first listener. */
  readonly onInput: Event<Buffer>;
  /** The terminal is gone: the client closed, the connection broke, or `close` was called. Fires once. */
  readonly onClose: Event<void>;
  readonly closed: boolean;
  /** Stops reading what is typed. */
  pauseInput(): void;
  /** Continues reading what is typed. */
  resumeInput(): void;
  /** Queues bytes for the terminal; ignored after close. */
  write(data: string | Buffer): void;
  /**
   * Bytes written and not yet confirmed by the client. While it is high a screen skips frames; then it redraws in full.
   */
  readonly unacknowledged: number;
  /** Fires when `unacknowledged` falls below `drainLevel`. */
  readonly onDrain: Event<void>;
  /** Ends the connection of the terminal with an exit status; idempotent. */
  close(status: number): void;
}

import type { Event } from "./events.ts";
import type { Share } from "./shares.ts";

/** Columns and rows of a terminal, already clamped to what we draw (20x5 to 500x200). */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * A person's terminal: bytes in, bytes out, a size. The ssh edge makes one from a channel, the cluster from a stream of another node;
 * the screen code knows nothing else about where its person sits.
 */
export interface Terminal {
  /** The client's TERM; never used as a path. "dumb" when there is no pty. */
  readonly term: string;
  /** The environment that the client sent (LANG, LC_*, COLORTERM, NO_COLOR ...). */
  readonly env: ReadonlyMap<string, string>;
  readonly size: TerminalSize;
  /** The person's part of the thread, for whoever works for this terminal; without one nobody counts. */
  readonly share?: Share | undefined;
  readonly onResize: Event<TerminalSize>;
  /** Bytes typed. Nothing is read from the client before the first listener. */
  readonly onInput: Event<Buffer>;
  /** The terminal is gone: the client closed, the connection broke, or `close` was called. Fires once. */
  readonly onClose: Event<void>;
  readonly closed: boolean;
  /** Stops and continues reading what is typed. */
  pauseInput(): void;
  resumeInput(): void;
  /** Queues bytes for the terminal. After close this does nothing. */
  write(data: string | Buffer): void;
  /**
   * Bytes written but not yet known to have arrived at the client's side. A screen skips frames while this is high and
   * redraws in full afterwards.
   */
  readonly unacknowledged: number;
  /** Fires when `unacknowledged` falls back under the level where drawing makes sense. */
  readonly onDrain: Event<void>;
  /** Ends the terminal's connection with an exit status; idempotent. */
  close(status: number): void;
}

import type { Clock } from "../../base/clock.ts";
import { disposable } from "../../base/scope.ts";
import type { Terminal } from "../../base/terminal.ts";
import { InputDecoder } from "./decoder.ts";
import type { InputEvent } from "./event.ts";

export interface InputPumpOptions {
  readonly clock: Clock;
  /** An event's failure is reported where it is handled; should it throw all the same, the next events are handled. */
  readonly onEvent: (event: InputEvent) => void;
  readonly onReply?: (content: string) => void;
}

/** Milliseconds of one turn of the event loop that one person's input may take. */
const slice = 4;

/** Bytes that are decoded at once, about: a byte can be an event, which takes a hundred times its room and 1 us. */
const pieceBytes = 2048;

/**
 * Reads a terminal's keys and hands them on in slices, so that somebody's large paste does not hold up everybody else
 * (measured: other people's p99 675 ms without, 14 ms with). What there is no time for waits as bytes, and while any wait the
 * terminal is not read: what a channel holds unread, 256 KiB, is all that can come, and of that only a piece is events.
 */
export class InputPump implements Disposable {
  readonly #terminal: Terminal;
  readonly #options: InputPumpOptions;
  readonly #decoder: InputDecoder;
  readonly #listener: Disposable;
  #chunks: Buffer[] = [];
  #queue: InputEvent[] = [];
  /** How many of the queue are handled. */
  #handled = 0;
  #running = false;
  #turn: Disposable | undefined;
  #paused = false;
  #closed = false;

  constructor(terminal: Terminal, options: InputPumpOptions) {
    this.#terminal = terminal;
    this.#options = options;
    const { clock, onReply } = options;
    const emit = (event: InputEvent): void => this.#add(event);
    this.#decoder = new InputDecoder({ clock, term: terminal.term, emit, ...(onReply && { onReply }) });
    this.#listener = terminal.onInput((chunk) => this.#read(chunk));
  }

  /** For tests: how many events are decoded and not handled. */
  get waitingEvents(): number {
    return this.#queue.length - this.#handled;
  }

  /** Drops what waits and stops reading. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#chunks = [];
    this.#listener[Symbol.dispose]();
    this.#decoder[Symbol.dispose]();
    this.#turn?.[Symbol.dispose]();
    if (this.#paused) this.#terminal.resumeInput(); // the next screen on this terminal reads on
  }

  #read(chunk: Buffer): void {
    if (this.#closed) return;
    this.#chunks.push(chunk);
    this.#decoder.awaitMore();
    this.#startRun();
  }

  #add(event: InputEvent): void {
    if (this.#closed) return;
    // A mouse can report faster than anything can follow: of a run of drags only the newest place matters.
    if (this.#handled < this.#queue.length && isSameDrag(this.#queue.at(-1), event))
      this.#queue[this.#queue.length - 1] = event;
    else this.#queue.push(event);
    this.#startRun();
  }

  /** After the present event of the loop, yet before anything else happens; a heavy user's in turn. */
  #startRun(): void {
    if (this.#running) return;
    this.#running = true;
    if (this.#wait === 0) queueMicrotask(() => this.#run());
    else this.#goOn();
  }

  get #wait(): number {
    return this.#terminal.share?.wait() ?? 0;
  }

  #run(): void {
    const { clock, onEvent } = this.#options;
    const measured = this.#terminal.share?.measure();
    const deadline = clock.monotonic() + slice;
    try {
      for (let event = this.#next(); event && !this.#closed; event = this.#next()) {
        onEvent(event);
        if (clock.monotonic() > deadline) break;
      }
    } finally {
      measured?.();
      this.#goOn();
    }
  }

  /** The next event; undefined when nothing is left that is a whole one. */
  #next(): InputEvent | undefined {
    while (this.#handled === this.#queue.length) {
      this.#queue.length = 0;
      this.#handled = 0;
      const chunk = this.#chunks.shift();
      if (!chunk) return undefined;
      const end = endOfPiece(chunk);
      if (end < chunk.length) this.#chunks.unshift(chunk.subarray(end));
      this.#decoder.feed(chunk.subarray(0, end));
      if (this.#chunks.length > 0) this.#decoder.awaitMore();
    }
    return this.#queue[this.#handled++];
  }

  #goOn(): void {
    if (this.#closed) return;
    if (this.#handled < this.#queue.length || this.#chunks.length > 0) return this.#later();
    this.#running = false;
    if (this.#paused) this.#terminal.resumeInput();
    this.#paused = false;
  }

  /** The next turn of the event loop, or when the person may go on. */
  #later(): void {
    if (!this.#paused) this.#terminal.pauseInput();
    this.#paused = true;
    const { share } = this.#terminal;
    if (share && this.#wait > 0) {
      this.#turn = share.whenFree(() => this.#run());
      return;
    }
    const turn = setImmediate(() => (this.#wait === 0 ? this.#run() : this.#later()));
    this.#turn = disposable(() => clearImmediate(turn));
  }
}

/** Where a key or a run of text ends: text that came together stays together, and is a single event. */
function endOfPiece(chunk: Buffer): number {
  let end = Math.min(pieceBytes, chunk.length);
  for (let byte = chunk[end]; byte !== undefined && byte >= 0x20 && byte !== 0x7f; byte = chunk[end]) end++;
  return end;
}

function isSameDrag(last: InputEvent | undefined, event: InputEvent): boolean {
  return (
    last?.kind === "mouse" &&
    event.kind === "mouse" &&
    last.action === "drag" &&
    event.action === "drag" &&
    last.button === event.button
  );
}

import type { Clock } from "../../base/clock.ts";
import { disposable } from "../../base/scope.ts";
import type { Terminal } from "../../base/terminal.ts";
import { InputDecoder } from "./decoder.ts";
import type { InputEvent } from "./event.ts";

/** What a pump is made from. */
export interface InputPumpOptions {
  readonly clock: Clock;
  /**
   * Handles an event and reports its own failures. Should it throw all the same, the following events are still
   * handled.
   */
  readonly onEvent: (event: InputEvent) => void;
  /** Takes the terminal's answers to queries; see `InputDecoderOptions`. */
  readonly onReply?: (content: string) => void;
}

/** Milliseconds that one person's input may take in one turn of the event loop. */
const slice = 4;

/**
 * Bytes decoded at once, approximately: a byte can become an event, which takes a hundred times its memory and 1 us.
 */
const pieceBytes = 2048;

/**
 * Reads a terminal's input and passes the events on in slices, so that one person's large paste does not hold up
 * everybody else (measured: other people's p99 was 675 ms without slices and is 14 ms with them). What does not fit in
 * a slice waits as bytes, and meanwhile the terminal is not read: a channel holds at most 256 KiB unread, and only one
 * piece of that is decoded at a time.
 */
export class InputPump implements Disposable {
  readonly #terminal: Terminal;
  readonly #options: InputPumpOptions;
  readonly #decoder: InputDecoder;
  readonly #listener: Disposable;
  #chunks: Buffer[] = [];
  #queue: InputEvent[] = [];
  /** How many events of the queue have been handled. */
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
    const { term, erase } = terminal;
    this.#decoder = new InputDecoder({ clock, term, erase, emit, ...(onReply && { onReply }) });
    this.#listener = terminal.onInput((chunk) => this.#read(chunk));
  }

  /** The number of decoded events that have not been handled; for tests. */
  get waitingEvents(): number {
    return this.#queue.length - this.#handled;
  }

  /** Drops the waiting input and stops reading. */
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
    // A mouse can report faster than a screen can be drawn: in a run of drags only the newest position matters.
    if (this.#handled < this.#queue.length && isSameDrag(this.#queue.at(-1), event))
      this.#queue[this.#queue.length - 1] = event;
    else this.#queue.push(event);
    this.#startRun();
  }

  /**
   * Starts handling right after the present event of the loop, or, for somebody who has used up their share, in turn.
   */
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

  /** The next event; undefined when no complete one is left. */
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

  /** Continues in the next turn of the event loop, or when the person's share allows it. */
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

/** The end of the next piece: text that arrived together stays together, as a single event. */
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

/**
 * Lines on their way to a reader who may be slow, or never read. At most some of them wait; what comes meanwhile is
 * dropped and counted, and the count is told in its place as soon as there is room.
 */
export interface BoundedLinesOptions {
  /** Sends a line; `sent` is called when the reader's side has taken it. */
  readonly send: (line: string, sent: () => void) => void;
  /** The line that tells how many were dropped. */
  readonly dropped: (count: number) => string;
  /** Characters that may wait; 256 Ki by default. */
  readonly maxCharacters?: number;
}

/** A bounded way for lines. */
export class BoundedLines {
  readonly #options: BoundedLinesOptions;
  readonly #max: number;
  #waiting = 0;
  #dropped = 0;

  constructor(options: BoundedLinesOptions) {
    this.#options = options;
    this.#max = options.maxCharacters ?? 256 << 10;
  }

  /** Passes a line on, or drops and counts it. Never waits. */
  add(line: string): void {
    this.#tellDropped();
    if (this.#dropped > 0 || this.#waiting + line.length > this.#max) this.#dropped += 1;
    else this.#send(line);
  }

  #send(line: string): void {
    const size = line.length;
    this.#waiting += size;
    let sent = false;
    this.#options.send(line, () => {
      if (sent) return;
      sent = true;
      this.#waiting -= size;
      this.#tellDropped();
    });
  }

  /** Once there is room for many lines again, so that not every second line is such a count. */
  #tellDropped(): void {
    if (this.#dropped === 0 || this.#waiting > this.#max / 2) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.#send(this.#options.dropped(count));
  }
}

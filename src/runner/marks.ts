/**
 * runner.py talks to us in the program's output (OSC 777;classh;WORD;TEXT BEL), so that its messages are in order with
 * what is printed. This takes the marks out of a stream that arrives in chunks of any size.
 */

/** Text of the program, or the text of a mark. */
export type Piece = { readonly text: Buffer } | { readonly mark: string };

const end = 7; // BEL

/** Length beyond which a mark is none of ours: it is passed on as text. */
const maxMark = 4096;

/** A reader of marks in a stream. */
export class MarkReader {
  readonly #start: Buffer;
  #rest: Buffer = Buffer.alloc(0);

  /** `word` must be the one that runner.py was given. */
  constructor(word: string) {
    this.#start = Buffer.from(`\x1b]777;classh;${word};`);
  }

  /** The pieces that `chunk` completes. */
  read(chunk: Buffer): Piece[] {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const pieces: Piece[] = [];
    for (;;) {
      const start = data.indexOf(this.#start);
      if (start < 0) break;
      // Not beyond: a flood of beginnings would be searched to its end for each of them.
      const length = data.subarray(start, start + maxMark + 1).indexOf(end);
      const stop = length < 0 ? -1 : start + length;
      if (stop < 0 && data.length - start <= maxMark) {
        pushText(pieces, data.subarray(0, start));
        this.#rest = data.subarray(start);
        return pieces;
      }
      if (stop < 0) {
        const after = start + this.#start.length;
        pushText(pieces, data.subarray(0, after));
        data = data.subarray(after);
        continue;
      }
      pushText(pieces, data.subarray(0, start));
      pieces.push({ mark: data.toString("utf8", start + this.#start.length, stop) });
      data = data.subarray(stop + 1);
    }
    const kept = this.#beginning(data);
    pushText(pieces, data.subarray(0, data.length - kept));
    this.#rest = data.subarray(data.length - kept);
    return pieces;
  }

  /** What was kept back because it might become a mark; at the end of the stream it is text. */
  flush(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest;
  }

  /** Number of bytes at the end that may be the beginning of a mark. */
  #beginning(data: Buffer): number {
    for (let length = Math.min(this.#start.length - 1, data.length); length > 0; length--) {
      if (data.subarray(data.length - length).equals(this.#start.subarray(0, length))) return length;
    }
    return 0;
  }
}

function pushText(pieces: Piece[], text: Buffer): void {
  if (text.length > 0) pieces.push({ text });
}

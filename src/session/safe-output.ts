/**
 * Output of somebody else's program on a teacher's own terminal. A terminal obeys what a program prints: it may write
 * to the clipboard, change the title, leave modes behind. So the output goes through the console's filter, and the
 * terminal is reset at the end. Without a terminal here (`ssh` without -t) the output may still go to the teacher's
 * terminal, or into a file: then it is reduced to text.
 */
import { Transform, type TransformCallback, type Writable } from "node:stream";
import { setImmediate as nextRound } from "node:timers/promises";
import { finished } from "node:stream/promises";
import type { Event } from "../base/events.ts";
import type { TerminalSize } from "../base/terminal.ts";
import { OutputFilter } from "./output-filter.ts";
import { stepsOfSlice } from "./output-prices.ts";

/** Soft reset; ordinary screen and style; no reports of the mouse, pastes or focus; the cursor visible. */
const resetTerminal =
  "\x1b[!p\x1b[?1049l\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[m\x1b[?25h";
/** Most marks, which the terminal keeps: this bounds stacks of accents that nobody can read. */
const marksAllowed = 1000;

/** Complete sequences: the filter lets no others through. */
const sequences = /\x1b(?:\[[^@-~]*[@-~]|[ -/]*[0-~])/g;

/** The output stream of one program. */
export class SafeOutput extends Transform {
  readonly #filter: OutputFilter;
  readonly #size: Disposable | undefined;
  readonly #target: Writable;

  /** Writes to `target`, which stays open: what `terminal` shows, or only text without a terminal. */
  constructor(
    target: Writable,
    terminal: { readonly size: TerminalSize; readonly onResize: Event<TerminalSize> } | undefined,
  ) {
    super();
    this.#target = target;
    this.#filter = new OutputFilter({
      size: terminal?.size ?? { columns: 80, rows: 24 },
      scrollback: 0,
      roomForMarks: () => marksAllowed,
    });
    this.#size = terminal?.onResize((now) => this.#filter.resize(now, 0));
    this.pipe(target, { end: false });
    // When nobody reads any more, the program ends; the target's owner reports a broken target.
    target.once("close", () => this.destroy());
    target.on("error", () => this.destroy());
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#pass(chunk).then(() => done(), done);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#size?.[Symbol.dispose]();
    callback(error);
  }

  /** Passes on what is left after the program's end, and resets the terminal. */
  async close(): Promise<void> {
    if (this.destroyed) return;
    if (this.#size) this.push(resetTerminal);
    this.end();
    await finished(this, { writable: false }).catch(() => undefined); // the target went away: there is nobody to tell
    this.unpipe(this.#target);
    this.destroy();
  }

  async #pass(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length || this.#filter.unfinished;) {
      const { output, read } = this.#filter.read(chunk, at, stepsOfSlice);
      at += read;
      if (output.length > 0) this.push(this.#size ? Buffer.from(output) : withoutSequences(output));
      if (at < chunk.length) await nextRound();
    }
  }
}

function withoutSequences(output: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(output).toString("latin1").replaceAll(sequences, ""), "latin1");
}

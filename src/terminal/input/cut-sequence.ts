/**
 * Sequences that a slow line cut in two. After a time their beginning is given up: a lone ESC was the Escape key. When
 * the rest comes after all, it must not be taken for text: "[A" in somebody's file was the second half of a key, or of
 * an answer to a question of ours.
 */
import type { Clock } from "../../base/clock.ts";

/** Milliseconds within which the rest of what was given up is known as such. */
const restMs = 2000;
/** Longest sequence or answer that is put together again. */
const maxLength = 320;

/** One whole sequence or answer, with nothing behind it but another one. Other finals than these are text. */
const wholeSequence =
  /^\x1b(?:\[\[[A-E]|\[M[^]{3}|\[[0-?]*[ -/]*[A-DFHIMO-SZa-dmntuy~^$@]|O[0-9]?[A-DFHMP-Sa-d]|[\]P][0-9>!][^\x07\x1b]*(?:\x07|\x1b\\))(?=\x1b|$)/;
const pasteBegins = "\x1b[200~";

/** What one terminal sent last, and was given up. */
export class CutSequence {
  readonly #clock: Clock;
  #beginning = "";
  #givenUpMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes the beginning of a sequence that is given up. */
  giveUp(beginning: Buffer | string): void {
    this.#beginning = beginning.toString("latin1");
    this.#givenUpMs = this.#clock.monotonic();
  }

  /** The next bytes: with what was given up before them, if they are its rest. */
  complete(chunk: Buffer): Buffer {
    const beginning = this.#beginning;
    if (beginning === "") return chunk;
    this.#beginning = "";
    if (this.#clock.monotonic() - this.#givenUpMs > restMs) return chunk;
    const whole = beginning + chunk.toString("latin1", 0, maxLength);
    const isRest = whole.startsWith(pasteBegins) || wholeSequence.test(whole);
    return isRest ? Buffer.concat([Buffer.from(beginning, "latin1"), chunk]) : chunk;
  }
}

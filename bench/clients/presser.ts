/** One person who presses one key after the other, and looks at how much is sent back for each. */
import { setTimeout as delay } from "node:timers/promises";
import type { Target } from "../servers/target.ts";
import { PlainText } from "./plain-text.ts";
import { openShell, type Shell } from "./shell.ts";

/** A server that has not answered a key after so long has lost it, milliseconds. */
const patience = 240_000;
/** Between two looks at what has come, milliseconds. */
const lookMs = 5;

export class Presser implements Disposable {
  readonly #shell: Shell;
  readonly #quietMs: number;
  readonly #count: () => number;

  private constructor(shell: Shell, quietMs: number, count: () => number) {
    this.#shell = shell;
    this.#quietMs = quietMs;
    this.#count = count;
  }

  /** Logs in, and waits until the screen shows `word` and nothing more has come for `quietMs`, nor for `settleMs`. */
  static async start(
    target: Target,
    { word, quietMs, settleMs }: { readonly word: string; readonly quietMs: number; readonly settleMs: number },
  ): Promise<Presser> {
    const plain = new PlainText();
    let text = "";
    let bytes = 0;
    const shell = await openShell(target, ({ data }) => {
      bytes += data.length;
      if (!text.includes(word)) text = (text + plain.read(data)).slice(-10_000);
    });
    const presser = new Presser(shell, quietMs, () => bytes);
    const tooLate = performance.now() + patience;
    while (!text.includes(word)) {
      if (performance.now() > tooLate) throw new Error(`waited in vain for ${word} in: ${text}`);
      await delay(lookMs);
    }
    await presser.#quiet(settleMs);
    return presser;
  }

  /** Presses a key. Resolves with the bytes that came until nothing more did. Rejects when nothing came at all. */
  async press(key: string): Promise<number> {
    const before = this.#count();
    this.#shell.write(key);
    const tooLate = performance.now() + patience;
    while (this.#count() === before) {
      if (performance.now() > tooLate) throw new Error(`nothing came back for ${JSON.stringify(key)}`);
      await delay(lookMs);
    }
    await this.#quiet(this.#quietMs);
    return this.#count() - before;
  }

  [Symbol.dispose](): void {
    this.#shell[Symbol.dispose]();
  }

  async #quiet(ms: number): Promise<void> {
    let last = this.#count();
    let since = performance.now();
    while (performance.now() - since < ms) {
      await delay(lookMs);
      if (this.#count() === last) continue;
      last = this.#count();
      since = performance.now();
    }
  }
}

/** A teacher who watches somebody type: when the first screen is there, and how late each key of the person is seen. */
import type { Target } from "../servers/target.ts";
import { PlainText } from "./plain-text.ts";
import { openShell, type Shell } from "./shell.ts";

export class Watcher implements Disposable {
  /** From the connection, and from the request after the login, to the first screen, milliseconds. */
  firstPaint = 0;
  attachToPaint = 0;
  /** From a key to its letter on this screen, milliseconds. */
  readonly ms: number[] = [];
  readonly #waiting: { readonly letter: string; readonly at: number }[] = [];
  #shell: Shell | undefined;

  /** Attaches and waits until the screen shows `word`. */
  async start(target: Target, person: string, word: string): Promise<this> {
    const plain = new PlainText();
    let text = "";
    let requested = 0;
    const begin = performance.now();
    await new Promise<void>((resolve, reject) => {
      openShell(
        target,
        ({ data, at }) => {
          const seen = plain.read(data);
          this.#look(seen, at);
          if (this.firstPaint > 0) return;
          text = (text + seen).slice(-20_000);
          if (!text.includes(word) || !text.includes("Watching")) return;
          this.firstPaint = at - begin;
          this.attachToPaint = at - requested;
          resolve();
        },
        { command: `attach ${person}`, loggedIn: (at) => (requested = at) },
      ).then((shell) => {
        this.#shell = shell;
        void shell.closed.then(() => reject(new Error(`the view of ${person} was closed: ${text}`)));
      }, reject);
    });
    return this;
  }

  /** The person has typed a letter. */
  expect(letter: string, at: number): void {
    this.#waiting.push({ letter, at });
  }

  /** Keys that were never seen. */
  get missed(): number {
    return this.#waiting.length;
  }

  [Symbol.dispose](): void {
    this.#shell?.[Symbol.dispose]();
  }

  #look(text: string, at: number): void {
    for (const character of text) {
      const [key] = this.#waiting;
      if (key?.letter !== character) continue;
      this.#waiting.shift();
      this.ms.push(at - key.at);
    }
  }
}

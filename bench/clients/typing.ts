/** One person who types into the first line of a file and looks at what comes back. */
import { randomFrom } from "../base/random.ts";
import { patienceMs } from "../base/worker.ts";
import type { Target } from "../servers/target.ts";
import { PlainText } from "./plain-text.ts";
import { Script } from "./script.ts";
import { openShell, type Received, type Shell } from "./shell.ts";

interface Key {
  readonly letter: string;
  readonly at: number;
}

export interface Echoes {
  /** From sending a key to receiving the chunk that shows it, milliseconds, of all keys that were answered. */
  readonly ms: readonly number[];
  /** From sending a key to receiving anything at all; part of the screen may still be on its way. */
  readonly firstBytes: readonly number[];
  /** Letters. */
  readonly keys: number;
  /** Enter, which begins a new line. */
  readonly enters: number;
  /** Keys whose letter never came. */
  readonly unanswered: number;
  /** Keys where the first chunk after the key was not the echo but something else, such as the status line. */
  readonly preceded: number;
  /** Bytes that were received while typing. */
  readonly bytes: number;
}

export class Typing implements Disposable {
  /** From the start of the TCP connection to the chunk that completes the file's text on the screen, milliseconds. */
  readonly firstPaint: number;
  readonly #shell: Shell;
  readonly #plain: PlainText;
  readonly #script: Script;
  readonly #waiting: Key[] = [];
  #ms: number[] = [];
  #firstBytes: number[] = [];
  #keys = 0;
  #enters = 0;
  /** When echoes were taken last, and the keys until then: what comes back late of those is not counted. */
  #since = 0;
  #keysBefore = 0;
  #preceded = 0;
  #chunksSinceKey = 0;
  #bytes = 0;

  private constructor(shell: Shell, plain: PlainText, firstPaint: number, seed: number) {
    this.#shell = shell;
    this.#plain = plain;
    this.firstPaint = firstPaint;
    this.#script = new Script(randomFrom(seed));
  }

  /** Logs in and waits until the screen shows `word`. People with different seeds type at different times. */
  static async start(target: Target, word: string, seed = 0): Promise<Typing> {
    const plain = new PlainText();
    let text = "";
    let painted!: (at: number) => void;
    const end = new Promise<number>((resolve) => {
      painted = resolve;
    });
    let receive = ({ data, at }: Received): void => {
      text = (text + plain.read(data)).slice(-10_000);
      if (text.includes(word)) painted(at);
    };
    const begin = performance.now();
    const shell = await openShell(target, (received) => receive(received));
    const closed = shell.closed.then(() => {
      throw new Error(`the server closed the shell of ${target.username} after: ${text}`);
    });
    // It closes in the end, when nobody is interested any more.
    closed.catch(() => undefined);
    const firstPaint =
      (await inTime(Promise.race([end, closed]), () => `${target.username} waited in vain for ${word} in: ${text}`)) -
      begin;
    const typing = new Typing(shell, plain, firstPaint, seed);
    receive = (received) => typing.#look(received);
    return typing;
  }

  /** Types one key; the letter, unless it began a new line. */
  type(): Pick<Key, "letter"> | undefined {
    const key = this.#script.next();
    if (key === "\r") {
      this.#shell.write(key);
      this.#enters++;
      return undefined;
    }
    this.#keys++;
    this.#chunksSinceKey = 0;
    this.#waiting.push({ letter: key, at: performance.now() });
    this.#shell.write(key);
    return { letter: key };
  }

  /** The person's own pause before the next key, about `mean`. */
  pause(mean: number): number {
    return this.#script.pause(mean);
  }

  /** Keys whose echo has not come yet. */
  get unanswered(): number {
    return this.#waiting.length;
  }

  /** Ends the session; to close the connection would only leave it, since sessions outlive connections. */
  async quit(): Promise<void> {
    this.#shell.write("\x11");
    await inTime(this.#shell.closed, () => "Ctrl-Q did not end the session");
    this.#shell[Symbol.dispose]();
  }

  /** What happened since the last call. */
  takeEchoes(): Echoes {
    const echoes = {
      ms: this.#ms,
      firstBytes: this.#firstBytes,
      keys: this.#keys - this.#keysBefore,
      enters: this.#enters,
      unanswered: this.#waiting.length,
      preceded: this.#preceded,
      bytes: this.#bytes,
    };
    this.#ms = [];
    this.#firstBytes = [];
    this.#since = performance.now();
    this.#keysBefore = this.#keys;
    this.#enters = 0;
    this.#preceded = 0;
    this.#bytes = 0;
    return echoes;
  }

  [Symbol.dispose](): void {
    this.#shell[Symbol.dispose]();
  }

  #look({ data, at }: Received): void {
    this.#bytes += data.length;
    this.#chunksSinceKey++;
    const newest = this.#waiting.at(-1);
    if (newest && this.#chunksSinceKey === 1) this.#firstBytes.push(at - newest.at);
    for (const character of this.#plain.read(data)) {
      const [key] = this.#waiting;
      if (key?.letter !== character) continue;
      this.#waiting.shift();
      if (key.at < this.#since) continue;
      this.#ms.push(at - key.at);
      if (this.#chunksSinceKey > 1) this.#preceded++;
    }
  }
}

async function inTime<T>(work: Promise<T>, failure: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(failure())), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

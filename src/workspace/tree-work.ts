/** Has homes copied and copies removed, each by a thread, and a few at a time: the processors are for those who type. */
import { systemClock } from "../base/clock.ts";
import { programFile } from "../base/program-file.ts";
import { WorkThread, type Work } from "../base/work-thread.ts";
import type { CopiedFile, CopyQuestion, TellCopied } from "./copy-home.ts";
import type { TreeQuestion } from "./tree-thread.ts";

/** Threads at once. The others wait in line: as many as there may be copies. */
const maxThreads = 3;

/** A thread needs the names on one way down and a batch of what was copied. */
const memoryMebibytes = 64;

/** One thread without work is kept for so long, in milliseconds: a teacher tries one program after the other. */
const idleMs = 60_000;

export class TreeWork implements AsyncDisposable {
  readonly #waiting: (() => void)[] = [];
  #working = 0;
  #idle: WorkThread | undefined;
  #idleEnd: Disposable | undefined;

  /** Copies a home; settles when nothing of it is under way any more. Throws what `copyHome` throws, and the signal's reason. */
  async copy(
    question: CopyQuestion,
    { signal, onCopied }: { readonly signal?: AbortSignal | undefined; readonly onCopied: TellCopied },
  ): Promise<void> {
    await this.#ask({ copy: question }, { signal, onNews: (files) => onCopied(files as readonly CopiedFile[]) });
  }

  /** Removes a directory of copies, or one copy; it may be missing. */
  async remove(directory: string): Promise<void> {
    await this.#ask({ remove: directory });
  }

  /** Ends the thread that waits for work. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#takeIdle()?.[Symbol.asyncDispose]();
  }

  async #ask(question: TreeQuestion, work: Work = {}): Promise<void> {
    using _place = await this.#location(work.signal);
    const thread = this.#takeIdle() ?? new WorkThread(programFile("workspace/tree-thread").file, memoryMebibytes);
    try {
      await thread.do(question, work);
    } finally {
      this.#keep(thread);
    }
  }

  #takeIdle(): WorkThread | undefined {
    const idle = this.#idle;
    this.#idle = undefined;
    this.#idleEnd?.[Symbol.dispose]();
    return idle?.ended ? undefined : idle; // it may have died meanwhile
  }

  #keep(thread: WorkThread): void {
    if (thread.ended) return;
    void this.#takeIdle()?.[Symbol.asyncDispose]();
    this.#idle = thread;
    this.#idleEnd = systemClock.after(idleMs, () => void this[Symbol.asyncDispose]());
  }

  /** A place among those that work, in the order in which they asked for it. Rejects with the signal's reason. */
  async #location(signal: AbortSignal | undefined): Promise<Disposable> {
    signal?.throwIfAborted();
    if (this.#working < maxThreads) this.#working++;
    else await this.#turn(signal);
    return { [Symbol.dispose]: () => this.#free() };
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal?.reason as Error);
      };
      this.#waiting.push(begin);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** The next one takes over the place. */
  #free(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#working--;
  }
}

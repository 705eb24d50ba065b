/** Copies homes and removes copies in threads, a few at a time: the processors are for those who type. */
import { systemClock } from "../base/clock.ts";
import { programFile } from "../base/program-file.ts";
import { WorkThread, type Work } from "../base/work-thread.ts";
import type { CopiedFile, CopyQuestion, TellCopied } from "./copy-home.ts";
import type { TreeQuestion } from "./tree-thread.ts";

/** Threads at once; others wait in line, which the number of copies bounds. */
const maxThreads = 3;

/** Heap of a thread: the names on one path down and a batch of copied files. */
const memoryMebibytes = 64;

/** How long one idle thread is kept: a teacher tries one program after the other. */
const idleMs = 60_000;

/** The threads of this process that copy and remove. */
export class TreeWork implements AsyncDisposable {
  readonly #waiting: (() => void)[] = [];
  #working = 0;
  #idle: WorkThread | undefined;
  #idleEnd: Disposable | undefined;

  /**
   * Copies a home; settles only when nothing of it is under way. Rejects with what `copyHome` throws, and with the
   * signal's reason.
   */
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

  /** Ends the idle thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#takeIdle()?.[Symbol.asyncDispose]();
  }

  async #ask(question: TreeQuestion, work: Work = {}): Promise<void> {
    using _place = await this.#slot(work.signal);
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

  /** A slot among those that work, first come first served. Rejects with the signal's reason. */
  async #slot(signal: AbortSignal | undefined): Promise<Disposable> {
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

  /** Passes the slot to the next. */
  #free(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#working--;
  }
}

/**
 * Theory of operation: work that makes very many short system calls (copying a home of 45,000 files) is done with
 * synchronous calls in a thread. Through the thread pool every call costs a round trip, and everybody's files and
 * passwords wait in the same queue. A thread does one piece of work at a time, so it can be ended at any moment, which
 * closes the descriptors that it opened, and nobody else loses anything. Starting one takes a tenth of a second on a
 * busy machine, so it can be given more work afterwards.
 */
import { parentPort, type Worker } from "node:worker_threads";
import { UserError, type ErrorCode } from "./errors.ts";
import { runBehind, startThread } from "./thread.ts";

type FromThread = { readonly news: unknown } | { readonly refused: Refusal } | { readonly done: true };

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Options of one piece of work. */
export interface Work {
  /** Ends the thread; what it has done by then stays. */
  readonly signal?: AbortSignal | undefined;
  /** Called with what the thread tells, in order. */
  readonly onNews?: (news: unknown) => void;
}

interface UnderWay extends Work {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that is given one piece of work after another. */
export class WorkThread implements AsyncDisposable {
  readonly #thread: Worker;
  #work: UnderWay | undefined;
  #failure: unknown;
  #ended = false;

  /** Starts the thread of a file that calls `beWorkThread`. `memoryMebibytes` bounds its heap. */
  constructor(file: URL, memoryMebibytes: number) {
    this.#thread = startThread(file, {
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: memoryMebibytes },
    });
    this.#thread.on("message", (message: FromThread) => this.#hear(message));
    this.#thread.on("error", (error: unknown) => (this.#failure = error));
    this.#thread.on("exit", (status) => {
      this.#ended = true;
      this.#settle((work) =>
        work.reject(this.#failure ?? new Error(`a thread ended before its work was done, with status ${status}`)),
      );
    });
  }

  /** Whether it can't be given work any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Has one piece of work done; there must be no other at the time. Settles only when nothing of it is under way, so
   * that what the thread was given can be released. Rejects with the signal's reason, with the UserError that the work
   * threw, or with a bug, also when the thread died.
   */
  async do(question: unknown, { signal, onNews }: Work = {}): Promise<void> {
    if (this.#ended || this.#work) throw new Error("this thread can't be given work");
    signal?.throwIfAborted();
    const stop = (): void => void this.#thread.terminate();
    signal?.addEventListener("abort", stop, { once: true });
    this.#thread.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#work = { signal, ...(onNews && { onNews }), resolve, reject };
        this.#thread.postMessage(question); // eslint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#thread.unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }

  #hear(message: FromThread): void {
    if ("news" in message) this.#work?.onNews?.(message.news);
    // A thread that is being ended: its work is over when the thread is gone.
    else if (this.#work?.signal?.aborted) return;
    else if ("done" in message) this.#settle((work) => work.resolve());
    else
      this.#settle((work) =>
        work.reject(new UserError(message.refused.code, message.refused.message, message.refused.hint)),
      );
  }

  #settle(how: (work: UnderWay) => void): void {
    const work = this.#work;
    this.#work = undefined;
    if (work) how(work);
  }
}

/** Called in the thread: does each piece of work, and reports how it ended. */
export function beWorkThread(work: (question: unknown, tell: (news: unknown) => void) => void): void {
  runBehind();
  parentPort?.on("message", (question: unknown) => {
    try {
      work(question, (news) => send({ news }));
      send({ done: true });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { code, message, hint } = error;
      send({ refused: { code, message, hint } });
    }
  });
}

function send(message: FromThread): void {
  parentPort?.postMessage(message); // eslint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
}

/** The counting thread's client. One thread serves all jails of a broker, by turns. */
import type { Worker } from "node:worker_threads";
import type { FreeRoom } from "../../base/disk-room.ts";
import { programFile } from "../../base/program-file.ts";
import { startThread } from "../../base/thread.ts";
import type {
  CountAnswer,
  FromThread,
  MeasureAnswer,
  MeasureQuestion,
  CountQuestion,
  ToThread,
} from "./counting-thread.ts";
import type { TrimQuestion, Trimmed } from "./trim.ts";

interface Waiting {
  readonly resolve: (answer: CountAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Answers about disks, from a thread. */
export class DiskCounter {
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #nextId = 1;

  /** Counts what a jail keeps, with and without names. Rejects when the signal is aborted. */
  async measure(question: MeasureQuestion, signal: AbortSignal): Promise<MeasureAnswer> {
    const answer = await this.#ask({ measure: question }, signal);
    if (!("measure" in answer)) throw new Error("the counting thread answered something else");
    return answer.measure;
  }

  /** What is free on a directory's file system; undefined where that can't be told. */
  async free(directory: string): Promise<FreeRoom | undefined> {
    const answer = await this.#ask({ free: directory });
    return "free" in answer ? answer.free : undefined;
  }

  /** Removes what a run wrote beyond what may stay. */
  async trim(question: TrimQuestion): Promise<Trimmed> {
    const answer = await this.#ask({ trim: question });
    if (!("trim" in answer)) throw new Error("the counting thread answered something else");
    return answer.trim;
  }

  #ask(question: CountQuestion, signal?: AbortSignal): Promise<CountAnswer> {
    const id = this.#nextId++;
    const cancel = (): void => this.#cancel(id);
    const answer = new Promise<CountAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      signal?.addEventListener("abort", cancel, { once: true });
      this.#tell({ id, question });
    });
    // A jail uses one signal for as long as it lives.
    return answer.finally(() => signal?.removeEventListener("abort", cancel));
  }

  #cancel(id: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    this.#tell({ id, cancel: true });
    waiting.reject(new Error("the jail has ended"));
  }

  #tell(message: ToThread): void {
    this.#thread ??= this.#start();
    this.#thread.postMessage(message); // eslint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
  }

  #start(): Worker {
    const thread = startCountingThread();
    thread.on("message", (message: FromThread) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if ("answer" in message) waiting?.resolve(message.answer);
      else waiting?.reject(new Error(message.failure));
    });
    thread.on("error", (error: Error) => this.#lost(error));
    thread.on("exit", () => this.#lost(new Error("the counting thread has ended")));
    // It holds nothing that would have to be released.
    thread.unref();
    return thread;
  }

  /** Fails all questions; the next one starts another thread. */
  #lost(error: Error): void {
    this.#thread = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(error);
  }
}

function startCountingThread(): Worker {
  return startThread(programFile("runner/broker/counting-thread").file, {
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
  });
}

/**
 * The copy of a student's files for which a session waits before it runs one of them: one copy at a time, which the
 * person can stop.
 */
import type { Clock } from "../base/clock.ts";
import { CopyTeller } from "./copy-teller.ts";
import { studentOf, type StudentSandbox, type StudentSandboxes } from "./student-sandboxes.ts";
import type { Notice, SessionOwner } from "./workbench-options.ts";

/** What copies, and whom to tell. */
export interface StudentCopyingOptions {
  readonly sandboxes: StudentSandboxes;
  readonly person: SessionOwner;
  readonly notify: (kind: Notice["kind"], text: string) => void;
  readonly clock: Clock;
}

/** The copying of one session. */
export class StudentCopying implements AsyncDisposable {
  readonly #options: StudentCopyingOptions;
  #stopping = new AbortController();
  #ended: Promise<unknown> = Promise.resolve();

  constructor(options: StudentCopyingOptions) {
    this.#options = options;
  }

  /**
   * Copies the student's files, in place of any copy in progress, and tells the person when that takes long. Resolves
   * with undefined when it was stopped. Rejects with the signal's reason, and with what `StudentSandboxes.open` throws.
   */
  async open(path: string, signal?: AbortSignal): Promise<StudentSandbox | undefined> {
    this.stop();
    const stopped = this.#stopping.signal;
    const copied = this.#copy(path, signal ? AbortSignal.any([stopped, signal]) : stopped);
    this.#ended = Promise.allSettled([this.#ended, copied]);
    try {
      return await copied;
    } catch (error) {
      if (!stopped.aborted) throw error;
      return undefined;
    }
  }

  /** Stops the copying, if any. */
  stop(): void {
    this.#stopping.abort();
    this.#stopping = new AbortController();
  }

  /** Stops the copying and waits until nothing is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #copy(path: string, signal: AbortSignal): Promise<StudentSandbox> {
    const { sandboxes, person, notify, clock } = this.#options;
    const student = studentOf(path) ?? "";
    using teller = new CopyTeller({
      clock,
      student,
      every: 1000,
      tell: (words) => notify("info", `${words}… Ctrl-C stops it.`),
    });
    const sandbox = await sandboxes.open(person, path, { signal, onProgress: teller.progress });
    if (teller.told) notify("success", `Copied the files of ${student}.`);
    return sandbox;
  }
}

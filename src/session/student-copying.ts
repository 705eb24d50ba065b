/** The copy of a student's files that a session waits for before it runs one of them: one at a time, and the person can stop it. */
import type { Clock } from "../base/clock.ts";
import { CopyTeller } from "./copy-teller.ts";
import { studentOf, type StudentSandbox, type StudentSandboxes } from "./student-sandboxes.ts";
import type { Notice, SessionOwner } from "./workbench-options.ts";

export interface StudentCopyingOptions {
  readonly sandboxes: StudentSandboxes;
  readonly person: SessionOwner;
  readonly notify: (kind: Notice["kind"], text: string) => void;
  readonly clock: Clock;
}

export class StudentCopying implements AsyncDisposable {
  readonly #options: StudentCopyingOptions;
  #stopping = new AbortController();
  #ended: Promise<unknown> = Promise.resolve();

  constructor(options: StudentCopyingOptions) {
    this.#options = options;
  }

  /**
   * Copies the files of the student whose program it is, instead of what is being copied, and tells where that takes long. Undefined when
   * it was stopped. Rejects with the signal's reason, and with what StudentSandboxes.open throws.
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

  /** Ends what is being copied, if anything is. */
  stop(): void {
    this.#stopping.abort();
    this.#stopping = new AbortController();
  }

  /** Nothing is left of what was being copied. */
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

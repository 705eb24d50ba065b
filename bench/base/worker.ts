/**
 * Client processes: forked, so that what they do does not disturb the clock of another or the server. Parent and child speak
 * by calls: the parent sends {call, argument}, the child answers {answer} or {failure}, one call at a time.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";

/** What a child can be asked to do: a name leads to a function. */
export type Calls = Readonly<Record<string, (argument: never) => Promise<unknown>>>;

interface Question {
  readonly call: string;
  readonly argument: unknown;
}

type Answer = { readonly answer: unknown } | { readonly failure: string };

/** Of a process and, where the kernel groups by session (sched(7), autogroup), of its session. */
function setNiceness(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // Not root, or a kernel that does not group.
  }
}

/** What ends a bench that hangs, milliseconds: no figure, and far more than a busy machine needs. */
export const patienceMs = 300_000;

/** The parent's side of a child that serves the calls `C`. */
export class Worker<C extends Calls> implements AsyncDisposable {
  readonly #child: ChildProcess;

  /**
   * Clients have machines of their own, but here they share ours with the server and its programs. `niceness` says how much of it: -20 what
   * they want, 19 what is left. Only root can give less than 0; for others it is 0 then, and what is measured includes that a client waited.
   */
  constructor(file: URL, niceness?: number) {
    // IPC keeps NaN and Infinity, and Float64Arrays, with this serialization.
    this.#child = fork(fileURLToPath(file), {
      serialization: "advanced",
      detached: niceness !== undefined,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    if (niceness !== undefined && this.#child.pid !== undefined) setNiceness(this.#child.pid, niceness);
  }

  /** Rejects with what the child threw, or when it ended or the time was over. */
  async call<N extends keyof C & string>(
    name: N,
    argument: Parameters<C[N]>[0],
    timeLimit = patienceMs,
  ): Promise<Awaited<ReturnType<C[N]>>> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), timeLimit);
    try {
      const message = once(this.#child, "message", { signal: stop.signal });
      const ended = once(this.#child, "exit", { signal: stop.signal }).then(() => {
        throw new Error(`a client process ended while it worked on ${name}`);
      });
      this.#child.send({ call: name, argument } satisfies Question);
      const [answer] = (await Promise.race([message, ended])) as [Answer];
      if ("failure" in answer) throw new Error(answer.failure);
      return answer.answer as Awaited<ReturnType<C[N]>>;
    } catch (error) {
      throw stop.signal.aborted ? new Error(`clients took more than ${timeLimit / 1000} s for ${name}`) : error;
    } finally {
      clearTimeout(timer);
      // The listener that lost the race rejects now; nobody is to hear of it.
      stop.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

/** The child's side: serves calls until the parent is gone. */
export function serveCalls(calls: Calls): void {
  process.on("message", (question: Question) => {
    const work = calls[question.call] as ((argument: unknown) => Promise<unknown>) | undefined;
    void Promise.resolve()
      .then(async () => {
        if (!work) throw new Error(`there is no call ${question.call}`);
        return { answer: await work(question.argument) };
      })
      .catch((error: unknown) => ({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
      .then((answer) => process.send?.(answer satisfies Answer));
  });
  process.on("disconnect", () => process.exit(0));
  // Ctrl-C reaches the whole group; the parent decides.
  process.on("SIGINT", () => undefined);
}

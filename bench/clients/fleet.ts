/** People spread over a few client processes: one process would be busy itself before a server with 250 sessions is. */
import type { Scope } from "../../src/base/scope.ts";
import { patienceMs, Worker } from "../base/worker.ts";
import { benchWord, type Target } from "../servers/target.ts";
import type { TypistCalls } from "./typists.ts";
import type { Echoes } from "./typing.ts";

/** People in one process. */
const maxInProcess = 64;

export class Fleet implements AsyncDisposable {
  readonly #scope: Scope;
  readonly #workers: readonly {
    readonly worker: Worker<TypistCalls>;
    readonly targets: readonly Target[];
    readonly first: number;
  }[];

  private constructor(parent: Scope, targets: readonly Target[], niceness?: number) {
    this.#scope = parent.child("fleet");
    const count = Math.ceil(targets.length / maxInProcess);
    const size = Math.ceil(targets.length / count);
    this.#workers = Array.from({ length: count }, (_, index) => ({
      worker: this.#scope.own(new Worker<TypistCalls>(new URL("./typists.ts", import.meta.url), niceness)),
      targets: targets.slice(index * size, (index + 1) * size),
      first: index * size,
    }));
  }

  /** Starts the processes; nobody has connected yet. */
  static async start(parent: Scope, targets: readonly Target[], niceness?: number): Promise<Fleet> {
    const fleet = new Fleet(parent, targets, niceness);
    await Promise.all(fleet.#workers.map(({ worker }) => worker.call("ready", undefined)));
    return fleet;
  }

  /**
   * Logs everybody in, one each `pace` milliseconds. Resolves with the times to the first paint and, in `last`, from the first
   * connection to the moment when everybody had one, milliseconds.
   */
  async logIn(
    pace: number,
    timeLimit: number,
  ): Promise<{ readonly firstPaints: readonly number[]; readonly last: number }> {
    const answers = await Promise.all(
      this.#workers.map(({ worker, targets, first }) => {
        const startAfter = targets.map((_, index) => (first + index) * pace);
        return worker.call("logIn", { targets, startAfter, word: benchWord, seed: first }, timeLimit);
      }),
    );
    return {
      firstPaints: answers.flatMap(({ firstPaints }) => firstPaints),
      last: Math.max(...answers.map(({ last }) => last)),
    };
  }

  /** `share` of the people type, everybody by default; resolves when all are answered, or ten seconds after the last key. */
  async type(seconds: number, keysPerSecond: number, share = 1): Promise<readonly Echoes[]> {
    const timeLimit = seconds * 1000 + patienceMs;
    const answers = await Promise.all(
      this.#workers.map(({ worker, targets }) =>
        worker.call("type", { seconds, keysPerSecond, typists: Math.round(targets.length * share) }, timeLimit),
      ),
    );
    return answers.flat();
  }

  /** Everybody, having typed nothing, ends their session with Ctrl-Q. */
  async quit(): Promise<void> {
    await Promise.all(this.#workers.map(({ worker }) => worker.call("quit", undefined)));
  }

  /** Everybody closes the connection. */
  async leave(): Promise<void> {
    await Promise.all(this.#workers.map(({ worker }) => worker.call("leave", undefined)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

/**
 * What is measured on the paths that people wait on. Each place says when something began and ended, or that it happened; who wants to
 * know listens (`metrics/`). While nobody does, it costs a comparison. These are of the process, not of a server: what passes here is
 * timed wherever it was made.
 */
import type { ErrorCode } from "./errors.ts";
import { disposable } from "./scope.ts";

/** What `Timing.start` gives while nobody listens. */
const untimed = 0;

/** A kind of duration. */
export class Timing {
  readonly #listeners = new Set<(seconds: number) => void>();
  #began: WeakMap<object, number> | undefined;

  /** The beginning of one, for `end`. */
  start(): number {
    return this.#listeners.size === 0 ? untimed : performance.now();
  }

  /** The end of one that `start` began. */
  end(began: number): void {
    if (began === untimed) return;
    const seconds = (performance.now() - began) / 1000;
    for (const listener of this.#listeners) listener(seconds);
  }

  /** The beginning of one that ends elsewhere, where the same object is at hand. */
  startFor(subject: object, began = this.start()): void {
    if (began !== untimed) (this.#began ??= new WeakMap()).set(subject, began);
  }

  /** Gives up the one that began for this object. */
  forget(subject: object): void {
    this.#began?.delete(subject);
  }

  /** The end of the one that began for this object; nothing when none did, or it has ended. */
  endFor(subject: object): void {
    const began = this.#began?.get(subject);
    if (began === undefined) return;
    this.#began?.delete(subject);
    this.end(began);
  }

  /** Calls a listener with the seconds of each; it must not throw. */
  listen(listener: (seconds: number) => void): Disposable {
    this.#listeners.add(listener);
    return disposable(() => this.#listeners.delete(listener));
  }
}

/** A kind of event, counted by a word from a bounded set: never a name, an address or a path. */
export class Tally<Word extends string> {
  readonly #listeners = new Set<(word: Word) => void>();

  add(word: Word): void {
    for (const listener of this.#listeners) listener(word);
  }

  /** Calls a listener with the word of each; it must not throw. */
  listen(listener: (word: Word) => void): Disposable {
    this.#listeners.add(listener);
    return disposable(() => this.#listeners.delete(listener));
  }
}

/** The durations. */
export const timings = {
  /** From a password or a signature to the answer that it is right. */
  login: new Timing(),
  /** From the request for a shell to the first frame on the terminal. */
  firstPaint: new Timing(),
  /** From a key to the frame that follows it. */
  keyToFrame: new Timing(),
  /** From F5 to the first line of the program. */
  runStart: new Timing(),
  /** From the question for a lock until one has it. */
  lockWait: new Timing(),
  /** A statement of the database. */
  statement: new Timing(),
  /** From the start of a jail until its Python waits for a command. */
  jailStart: new Timing(),
};

/** Refusals that are no `UserError`. */
export const otherRefusals = [
  "wrong-login",
  "too-many-wrong-passwords",
  "too-many-connections",
  "too-many-connections-of-address",
  "too-many-connections-a-minute",
] as const;

/** The parts of a server that are started again when they end. */
export const restartedParts = ["worker", "broker", "database"] as const;

/** The events. */
export const tallies = {
  /** What somebody asked for and did not get: the code of the error, or one of `otherRefusals`. */
  refusal: new Tally<ErrorCode | (typeof otherRefusals)[number]>(),
  /** A bug was logged. */
  bug: new Tally<"bug">(),
  /** A part of the server ended unasked and was started again. */
  restart: new Tally<(typeof restartedParts)[number]>(),
};

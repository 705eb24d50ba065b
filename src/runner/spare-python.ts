/**
 * A Python that is started ahead, so that a run begins in milliseconds. One for all consoles of a session: who opens
 * several has no more of them.
 */
import type { Clock } from "../base/clock.ts";
import type { ConsoleSize } from "./console-state.ts";
import { Interpreter } from "./interpreter.ts";
import type { JailFactory } from "./jail-factory.ts";
import type { JailSpec } from "./jail-spec.ts";

/** Milliseconds without a use after which the spare ends, and a prompt at which nothing was done yet. */
export const idleMs = 600_000;

/** Delay of the next spare, so that it does not slow down the start of the run. */
const refillMs = 300;

/** What a spare is started with. */
export interface SparePythonOptions {
  readonly clock: Clock;
  /** False to start every Python when it is needed. */
  readonly enabled: boolean;
}

/** The spare of one session. */
export class SparePython implements AsyncDisposable {
  readonly #options: SparePythonOptions;
  readonly #exits = new Set<Promise<unknown>>();
  #spare: Interpreter | undefined;
  /** The size of its terminal. */
  #size: ConsoleSize | undefined;
  #refill: Disposable | undefined;
  #idle: Disposable | undefined;
  #usedAt = 0;
  #closed = false;

  constructor(options: SparePythonOptions) {
    this.#options = options;
  }

  /** Whether there is one. */
  get isReady(): boolean {
    return this.#spare?.fresh ?? false;
  }

  /** The spare, in a terminal of this size; undefined when there is none with these limits. */
  take(spec: JailSpec, size: ConsoleSize): Interpreter | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    if (!spare?.fresh || !hasSameLimits(spare.spec, spec)) {
      spare?.stop();
      return undefined;
    }
    if (size.columns !== this.#size?.columns || size.rows !== this.#size.rows) spare.resize(size);
    return spare;
  }

  /** Starts the next one soon. */
  refill(factory: JailFactory, spec: JailSpec, size: ConsoleSize): void {
    const { clock, enabled } = this.#options;
    if (!enabled || this.#closed) return;
    this.used();
    this.#refill?.[Symbol.dispose]();
    this.#refill = clock.after(refillMs, () => this.#start(factory, spec, size));
    if (!this.#idle) this.#watchIdle(idleMs);
  }

  /** The person does something: the spare may be needed soon. */
  used(): void {
    this.#usedAt = this.#options.clock.monotonic();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#end();
    this.#idle?.[Symbol.dispose]();
    await Promise.all(this.#exits);
  }

  #start(factory: JailFactory, spec: JailSpec, size: ConsoleSize): void {
    if (this.#closed || this.#spare?.fresh) return;
    const spare = new Interpreter(factory, spec, size, "spare");
    this.#spare = spare;
    this.#size = size;
    this.#exits.add(spare.exited);
    void spare.exited.then(() => this.#exits.delete(spare.exited));
  }

  #watchIdle(ms: number): void {
    const { clock } = this.#options;
    this.#idle = clock.after(ms, () => {
      const idle = clock.monotonic() - this.#usedAt;
      if (idle >= idleMs) this.#end();
      this.#watchIdle(idle >= idleMs ? idleMs : idleMs - idle);
    });
  }

  #end(): void {
    this.#refill?.[Symbol.dispose]();
    this.#spare?.stop();
    this.#spare = undefined;
  }
}

function hasSameLimits(one: JailSpec, other: JailSpec): boolean {
  return JSON.stringify(one.limits ?? {}) === JSON.stringify(other.limits ?? {});
}

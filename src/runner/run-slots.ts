import { counted } from "../base/counted.ts";
import { UserError } from "../base/errors.ts";

/**
 * Slots for each person's runs, counted in all processes of a class; `take` gives undefined when somebody has as many
 * as allowed.
 */
export interface SharedSlots {
  take(owner: string): Promise<AsyncDisposable | undefined>;
}

/** The error for somebody who has as many runs as allowed. */
export function tooManyRuns(count: number): UserError {
  return new UserError(
    "too-many-runs",
    `you have ${counted(count, "program")} running already`,
    "Wait for one to end or stop one with Ctrl-C, then try again.",
  );
}

/** Counts each person's runs in this process, so that nobody fills the machine with programs that wait. */
export class RunSlots {
  readonly #max: number;
  readonly #taken = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Runs of everybody together. */
  get total(): number {
    return [...this.#taken.values()].reduce((sum, taken) => sum + taken, 0);
  }

  /** A slot, until it is disposed of. Throws `too-many-runs` when the owner has as many as allowed. */
  take(owner: string): Disposable {
    const taken = this.#taken.get(owner) ?? 0;
    if (taken >= this.#max) throw tooManyRuns(taken);
    this.#taken.set(owner, taken + 1);
    let released = false;
    return {
      [Symbol.dispose]: () => {
        if (released) return;
        released = true;
        const left = (this.#taken.get(owner) ?? 1) - 1;
        if (left > 0) this.#taken.set(owner, left);
        else this.#taken.delete(owner);
      },
    };
  }
}

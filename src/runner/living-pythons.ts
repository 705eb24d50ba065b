/** The Pythons of one console that have not ended yet: the present one, and those that take their time to end. */
import type { ConsoleSize } from "./console-state.ts";
import type { Interpreter } from "./interpreter.ts";

/** All Pythons of a console. */
export class LivingPythons {
  readonly #living = new Set<Interpreter>();
  /** The last prompt that was asked to end. */
  #leaving: Interpreter | undefined;

  /** Follows one to its end. */
  add(interpreter: Interpreter): Interpreter {
    this.#living.add(interpreter);
    void interpreter.exited.then(() => {
      this.#living.delete(interpreter);
      if (this.#leaving === interpreter) this.#leaving = undefined;
    });
    return interpreter;
  }

  /** Asks one at its prompt to end. Nobody waits for that, so there is one at most that takes its time. */
  leave(interpreter: Interpreter): void {
    this.#leaving?.stop();
    this.#leaving = interpreter;
    interpreter.leave();
  }

  /** Tells all of them the size of their terminal. */
  resize(size: ConsoleSize): void {
    for (const interpreter of this.#living) interpreter.resize(size);
  }

  /** Resolves when the last has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#living].map((interpreter) => interpreter.exited));
  }
}

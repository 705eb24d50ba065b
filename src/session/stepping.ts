/** The program that a session steps through: where it is, for all who see the session. */
import { Emitter } from "../base/events.ts";
import type { PythonConsole } from "../runner/console-state.ts";
import type { StepCommand, StepState } from "../runner/steps.ts";

/** The stepping of one console. */
export class Stepping {
  readonly #changed = new Emitter<void>();
  #python: PythonConsole | undefined;
  #active = false;
  #state: StepState | undefined;
  #stopped = false;

  /** Fires when another step is shown, when the program goes on, and at the end. */
  get onChange() {
    return this.#changed.on;
  }

  /** Whether a program runs step by step, or has ended and its steps are still looked at. */
  get active(): boolean {
    return this.#active;
  }

  /** The step that is shown; the last one while the program goes on. */
  get state(): StepState | undefined {
    return this.#state;
  }

  /** The line of a file at which the program is; undefined when it is not in that file. */
  lineIn(path: string): number | undefined {
    return this.#state?.file === path ? this.#state.line : undefined;
  }

  /** Whether it waits to be told how it goes on. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Tells it how it goes on, or what to show. */
  go(command: StepCommand): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#python?.step(command);
    if (command.do === "quit") this.#set(false);
    else this.#changed.emit();
  }

  /** A program begins, step by step or not. */
  begin(steps: boolean): void {
    this.#state = undefined;
    this.#stopped = false;
    this.#set(steps);
  }

  /** The program is over, or there is a prompt. */
  end(): void {
    this.#stopped = false;
    this.#set(false);
  }

  /** Follows the console's Python; dispose the result when that is replaced. */
  follow(python: PythonConsole): Disposable {
    this.#python = python;
    this.end();
    const steps = python.onStep((state) => {
      // A program that nobody steps through has nothing to say here.
      if (!this.#active) return;
      this.#state = state;
      this.#stopped = true;
      this.#changed.emit();
    });
    return {
      [Symbol.dispose]: () => {
        steps[Symbol.dispose]();
        if (this.#python === python) this.#python = undefined;
      },
    };
  }

  #set(active: boolean): void {
    if (!active) this.#state = undefined;
    const changes = this.#active !== active || active;
    this.#active = active;
    if (changes) this.#changed.emit();
  }
}

import { disposable } from "./scope.ts";

/** A place to register listeners; disposing of the result removes the listener. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** One typed event. Listeners run in the order in which they registered; one that throws does not stop the others. */
export class Emitter<T> {
  #listeners = new Set<(value: T) => void>();

  /** Registers a listener. */
  readonly on: Event<T> = (listener) => {
    // A wrapper, so that the same function registered twice is called (and released) twice.
    const entry = (value: T): void => listener(value);
    this.#listeners.add(entry);
    return disposable(() => this.#listeners.delete(entry));
  };

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Calls every listener; throws what they threw, after all have run. */
  emit(value: T): void {
    const errors: unknown[] = [];
    const listeners = [...this.#listeners]; // a listener may register or release others
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "several listeners failed");
  }
}

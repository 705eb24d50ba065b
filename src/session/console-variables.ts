/** The variables of a session's console, as Python told them last, while somebody looks at them. */
import { Emitter } from "../base/events.ts";
import type { PythonConsole } from "../runner/console-state.ts";
import type { Variable, Variables, WholeValue } from "../runner/variables.ts";

/** The variables of one console. */
export class ConsoleVariables {
  readonly #changed = new Emitter<void>();
  readonly #value = new Emitter<WholeValue>();
  /** Who looks at them. */
  readonly #watchers = new Set<object>();
  #python: PythonConsole | undefined;
  #latest: Variables | undefined;
  #changedNames: ReadonlySet<string> = new Set();

  /** Fires when there is something to draw. */
  get onChange() {
    return this.#changed.on;
  }

  /** Fires with a value in full that somebody has asked for. */
  get onValue() {
    return this.#value.on;
  }

  /** The variables at the last prompt; undefined when there are none to show. */
  get latest(): Variables | undefined {
    return this.#latest;
  }

  /** The names of those that are new or have changed since the prompt before, in the same Python. */
  get changed(): ReadonlySet<string> {
    return this.#changedNames;
  }

  /** Notes whether `watcher` looks at the variables; Python tells them only while somebody does. */
  watch(watcher: object, looks: boolean): void {
    const before = this.#watchers.size > 0;
    if (looks) this.#watchers.add(watcher);
    else this.#watchers.delete(watcher);
    const after = this.#watchers.size > 0;
    if (before === after) return;
    if (!after) this.forget();
    this.#python?.showVariables(after);
  }

  /** Asks for one variable in full. */
  ask(name: string): void {
    this.#python?.askValue(name);
  }

  /** Another Python begins, or a program in it. */
  forget(): void {
    this.#changedNames = new Set();
    if (!this.#latest) return;
    this.#latest = undefined;
    this.#changed.emit();
  }

  /** Follows the console's Python; dispose the result when that is replaced. */
  follow(python: PythonConsole): Disposable {
    this.#python = python;
    this.forget();
    if (this.#watchers.size > 0) python.showVariables(true);
    const told = python.onVariables((variables) => this.#told(variables));
    const value = python.onValue((whole) => this.#value.emit(whole));
    return {
      [Symbol.dispose]: () => {
        told[Symbol.dispose]();
        value[Symbol.dispose]();
        if (this.#python === python) this.#python = undefined;
      },
    };
  }

  #told(variables: Variables): void {
    if (this.#watchers.size === 0) return;
    this.#changedNames = this.#latest ? changedSince(this.#latest, variables) : new Set();
    this.#latest = variables;
    this.#changed.emit();
  }
}

function changedSince(before: Variables, after: Variables): ReadonlySet<string> {
  const old = new Map(before.list.map((each) => [each.name, each]));
  return new Set(after.list.filter((each) => !isSame(old.get(each.name), each)).map(({ name }) => name));
}

function isSame(a: Variable | undefined, b: Variable): boolean {
  return a?.value === b.value && a.type === b.type && a.length === b.length;
}

/**
 * The table of keys. A context is where keys have a meaning: a pane, a dialog, the class view. Every key of the IDE is
 * a line of a context in this folder (actions' keys: a column of actions.ts), and views look up here what a key does. A
 * key with two meanings stops the start.
 */

import { UserError } from "../../base/errors.ts";

/** A line of the table. */
export interface KeyBinding<Command extends string = string> {
  /** The command that the view runs; kebab-case, stable within its context. */
  readonly command: Command;
  /**
   * Canonical names (terminal/input/event.ts); a typed character as itself, the space bar as "Space", a chord as
   * "Ctrl-K Ctrl-R". The first one is shown.
   */
  readonly keys: readonly string[];
  /** The command in words, for help screens and docs/keys.md. Neighbours with the same words make one entry there. */
  readonly does: string;
  /** A word or two for a line of hints; without it, the command can't be shown there. */
  readonly hint?: string;
  /** The heading in help screens, where a context has several. */
  readonly section?: string;
}

/** What a context is made from. */
export interface KeyContextOptions<Command extends string = string> {
  /** Completes "F5 is bound twice in ...": "the editor". */
  readonly name: string;
  readonly bindings: readonly KeyBinding<Command>[];
  /** Contexts with keys that work at the same time: none of their keys can be bound here as well. */
  readonly beside?: readonly KeyContext[];
}

/** The keys of one context. */
export class KeyContext<Command extends string = string> {
  readonly name: string;
  readonly bindings: readonly KeyBinding<Command>[];
  readonly beside: readonly KeyContext[];
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #chordStarts: ReadonlySet<string>;

  /** Throws a UserError for a key that would mean two things: then the server does not start, and no test passes. */
  constructor({ name, bindings, beside = [] }: KeyContextOptions<Command>) {
    this.name = name;
    this.bindings = bindings;
    this.beside = beside;
    const chords = this.everything.flatMap(({ keys }) => keys).filter((key) => key.includes(" "));
    this.#chordStarts = new Set(chords.map((chord) => chord.slice(0, chord.indexOf(" "))));
    this.#refuseDoubles();
    this.#commands = new Map(bindings.flatMap(({ command, keys }) => keys.map((key) => [key, command])));
  }

  /** The bindings here and in all contexts beside this one. */
  get everything(): readonly KeyBinding[] {
    const contexts = new Set<KeyContext>();
    const add = (context: KeyContext): void => {
      contexts.add(context);
      context.beside.forEach(add);
    };
    this.beside.forEach(add);
    return [...this.bindings, ...[...contexts].flatMap((context) => context.bindings)];
  }

  /**
   * The command of a key or a whole chord; undefined when it is not bound here, perhaps in a context beside this one.
   */
  commandFor(key: string | undefined): Command | undefined {
    return key === undefined ? undefined : this.#commands.get(key);
  }

  /** Whether a key begins a chord. */
  beginsChord(key: string): boolean {
    return this.#chordStarts.has(key);
  }

  /** The line of a command. Throws when there is none. */
  binding(command: Command): KeyBinding<Command> {
    const found = this.bindings.find((binding) => binding.command === command);
    if (!found) throw new Error(`${command} has no key in ${this.name}`);
    return found;
  }

  /** The key of a command that is shown to people. Throws when there is none. */
  keyFor(command: Command): string {
    const [key] = this.binding(command).keys;
    if (key === undefined) throw new Error(`${command} has no key in ${this.name}`);
    return key;
  }

  #refuseDoubles(): void {
    const owners = new Map<string, string>();
    for (const { command, keys } of this.everything) {
      for (const key of keys) {
        const other = owners.get(key);
        if (other !== undefined)
          throw wrongTable(`${key} is bound twice in ${this.name}: to ${other} and to ${command}`);
        if (this.#chordStarts.has(key))
          throw wrongTable(`${key} begins a chord in ${this.name}, and is bound to ${command}`);
        owners.set(key, command);
      }
    }
  }
}

/** Whoever starts the server has just changed the table: they are told in a sentence, without a stack. */
function wrongTable(problem: string): UserError {
  return new UserError("internal", problem, "Change one of the two in src/commands, then start again.");
}

/**
 * The newest error of each console: what is known of it, and the line that it marks in the editor while the console is
 * shown, until that text changes or something else is run there.
 */
import { Emitter } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import type { ErrorFacts } from "../runner/error-facts.ts";
import type { RunEnd } from "../runner/console-state.ts";
import type { Outcome } from "../runner/outcome.ts";
import type { Console } from "./console.ts";
import type { Consoles } from "./consoles.ts";
import type { Documents } from "./documents.ts";

/** An error that nobody has caught, or the end of a program that did not end by itself. */
export interface Failure {
  /** Undefined for an error at the prompt. */
  readonly outcome: Outcome | undefined;
  readonly facts: ErrorFacts | undefined;
  /** Where it happened; undefined outside the files that a person may open. */
  readonly place: ErrorPlace | undefined;
}

/** A place in a file. Columns count characters from 1; `endColumn` is the one after the last. */
export interface ErrorPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number | undefined;
  readonly endColumn: number | undefined;
}

/** What errors are learned from. */
export interface ProgramErrorsOptions {
  readonly consoles: Consoles;
  readonly documents: Pick<Documents, "onEdit">;
  readonly mayExplain: () => boolean;
}

/** What is known of one console. */
class ConsoleErrors {
  failure: Failure | undefined;
  mark: ErrorPlace | undefined;
  /** The documents that were changed since the program began: its line numbers are not theirs any more. */
  readonly edited = new Set<string>();
}

/** The errors of one session's consoles. Those of the console that is shown are told. */
export class ProgramErrors implements AsyncDisposable {
  readonly #consoles: Consoles;
  readonly #mayExplain: () => boolean;
  readonly #scope = new Scope("errors");
  readonly #failed = new Emitter<Failure>();
  readonly #marked = new Emitter<void>();
  readonly #errors = new WeakMap<Console, ConsoleErrors>();
  #shownMark: ErrorPlace | undefined;

  constructor({ consoles, documents, mayExplain }: ProgramErrorsOptions) {
    this.#consoles = consoles;
    this.#mayExplain = mayExplain;
    this.#scope.own(consoles.follow((console) => console.onStarted(() => this.#begin(console))));
    this.#scope.own(consoles.onFinished(({ console, end }) => this.#finished(console, end)));
    this.#scope.own(
      consoles.follow((console) => console.onError((facts) => this.#fail(console, { outcome: undefined, facts }))),
    );
    this.#scope.own(consoles.onShow(() => this.#markChanged()));
    this.#scope.own(documents.onEdit(({ document, textChanged }) => textChanged && this.#edit(document.path)));
  }

  /** Fires when a program or a statement has failed. */
  get onFailed() {
    return this.#failed.on;
  }

  /** Fires when another line is marked, or none any more. */
  get onMarked() {
    return this.#marked.on;
  }

  /** The failure of the last run, or of a later statement at the prompt; undefined when there is none. */
  get failure(): Failure | undefined {
    return this.#of(this.#consoles.shown).failure;
  }

  /** Whether errors may be explained now. */
  get mayExplain(): boolean {
    return this.#mayExplain();
  }

  /** The line to mark in a file; undefined when there is none. */
  markIn(path: string): ErrorPlace | undefined {
    const { mark } = this.#of(this.#consoles.shown);
    return mark?.path === path ? mark : undefined;
  }

  /** Whether a file's text is still the one that the program was started with. */
  isUnchanged(path: string): boolean {
    return !this.#of(this.#consoles.shown).edited.has(path);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #of(console: Console): ConsoleErrors {
    const known = this.#errors.get(console) ?? new ConsoleErrors();
    this.#errors.set(console, known);
    return known;
  }

  #begin(console: Console): void {
    this.#errors.set(console, new ConsoleErrors());
    this.#markChanged();
  }

  #finished(console: Console, { outcome, facts }: RunEnd): void {
    const wasRestarted = outcome.kind === "stopped" && !facts;
    const isWell = outcome.kind === "exited" && (outcome.status === 0 || !facts);
    if (!wasRestarted && !isWell) this.#fail(console, { outcome, facts });
  }

  #fail(console: Console, { outcome, facts }: Omit<Failure, "place">): void {
    const errors = this.#of(console);
    const place = placeOf(console, facts);
    const failure = { outcome, facts, place };
    errors.failure = failure;
    errors.mark = place && !errors.edited.has(place.path) ? place : undefined;
    this.#markChanged();
    if (console === this.#consoles.shown) this.#failed.emit(failure);
  }

  #edit(path: string): void {
    for (const console of this.#consoles.list) {
      const errors = this.#of(console);
      errors.edited.add(path);
      if (errors.mark?.path === path) errors.mark = undefined;
    }
    this.#markChanged();
  }

  #markChanged(): void {
    const { mark } = this.#of(this.#consoles.shown);
    if (mark === this.#shownMark) return;
    this.#shownMark = mark;
    this.#marked.emit();
  }
}

function placeOf(console: Console, facts: ErrorFacts | undefined): ErrorPlace | undefined {
  if (!facts?.file || !facts.line) return undefined;
  const path = console.seenPath(facts.file);
  if (!isOpenable(path)) return undefined;
  return { path, line: facts.line, column: facts.column || undefined, endColumn: facts.endColumn || undefined };
}

/** Whether a path is one of the path language's: a file that a person may perhaps open. */
export function isOpenable(path: string): boolean {
  return /^\/(home|course|students)\//.test(path);
}

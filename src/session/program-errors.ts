/**
 * The newest error of the console: what is known of it, and the line that it marks in the editor until that text
 * changes or something else is run.
 */
import { Emitter } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import type { ErrorFacts } from "../runner/error-facts.ts";
import type { RunEnd } from "../runner/console-state.ts";
import type { Outcome } from "../runner/outcome.ts";
import type { Console } from "./console.ts";
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
  readonly console: Console;
  readonly documents: Pick<Documents, "onEdit">;
  readonly mayExplain: () => boolean;
}

/** The errors of one session's console. */
export class ProgramErrors implements AsyncDisposable {
  readonly #console: Console;
  readonly #mayExplain: () => boolean;
  readonly #scope = new Scope("errors");
  readonly #failed = new Emitter<Failure>();
  readonly #marked = new Emitter<void>();
  #failure: Failure | undefined;
  #mark: ErrorPlace | undefined;
  /** The documents that were changed since the program began: its line numbers are not theirs any more. */
  readonly #edited = new Set<string>();

  constructor({ console, documents, mayExplain }: ProgramErrorsOptions) {
    this.#console = console;
    this.#mayExplain = mayExplain;
    this.#scope.own(console.onStarted(() => this.#begin()));
    this.#scope.own(console.onFinished((end) => this.#finished(end)));
    this.#scope.own(console.onError((facts) => this.#fail(undefined, facts)));
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
    return this.#failure;
  }

  /** Whether errors may be explained now. */
  get mayExplain(): boolean {
    return this.#mayExplain();
  }

  /** The line to mark in a file; undefined when there is none. */
  markIn(path: string): ErrorPlace | undefined {
    return this.#mark?.path === path ? this.#mark : undefined;
  }

  /** Whether a file's text is still the one that the program was started with. */
  isUnchanged(path: string): boolean {
    return !this.#edited.has(path);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #begin(): void {
    this.#failure = undefined;
    this.#edited.clear();
    this.#setMark(undefined);
  }

  #finished({ outcome, facts }: RunEnd): void {
    const wasRestarted = outcome.kind === "stopped" && !facts;
    const isWell = outcome.kind === "exited" && (outcome.status === 0 || !facts);
    if (!wasRestarted && !isWell) this.#fail(outcome, facts);
  }

  #fail(outcome: Outcome | undefined, facts: ErrorFacts | undefined): void {
    const place = this.#placeOf(facts);
    const failure = { outcome, facts, place };
    this.#failure = failure;
    this.#setMark(place && this.isUnchanged(place.path) ? place : undefined);
    this.#failed.emit(failure);
  }

  #placeOf(facts: ErrorFacts | undefined): ErrorPlace | undefined {
    if (!facts?.file || !facts.line) return undefined;
    const path = this.#console.seenPath(facts.file);
    if (!isOpenable(path)) return undefined;
    return { path, line: facts.line, column: facts.column || undefined, endColumn: facts.endColumn || undefined };
  }

  #edit(path: string): void {
    this.#edited.add(path);
    if (this.#mark?.path === path) this.#setMark(undefined);
  }

  #setMark(mark: ErrorPlace | undefined): void {
    if (mark === this.#mark) return;
    this.#mark = mark;
    this.#marked.emit();
  }
}

/** Whether a path is one of the path language's: a file that a person may perhaps open. */
export function isOpenable(path: string): boolean {
  return /^\/(home|course|students)\//.test(path);
}

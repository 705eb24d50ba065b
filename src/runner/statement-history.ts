/**
 * What a person has typed at Python's prompt, for the prompts to come. Whole statements, and nothing of what programs
 * ask for: a password that `input()` was given is not among them.
 */
import { Emitter } from "../base/events.ts";

const maxStatements = 100;
const maxBytes = 32 * 1024;

/** A bounded list of statements, the newest last. */
export class StatementHistory {
  readonly #statements: string[] = [];
  readonly #added = new Emitter<void>();
  /** Fires after each `add` of a new statement. */
  readonly onAdd = this.#added.on;

  get statements(): readonly string[] {
    return this.#statements;
  }

  /** Adds a statement, unless it is the newest already. */
  add(statement: string): void {
    if (statement === "" || statement === this.#statements.at(-1)) return;
    this.#statements.push(statement);
    this.#shorten();
    this.#added.emit();
  }

  /** Puts the statements of an earlier session before those of this one. */
  begin(earlier: readonly string[]): void {
    this.#statements.unshift(...earlier);
    this.#shorten();
  }

  #shorten(): void {
    let bytes = this.#statements.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
    while (this.#statements.length > maxStatements || bytes > maxBytes)
      bytes -= Buffer.byteLength(this.#statements.shift() ?? "");
  }
}

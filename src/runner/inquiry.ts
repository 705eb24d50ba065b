/** Asks a Python at its prompt for its variables, as long as somebody looks at them; see inquiry.py. */
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import { parseVariables, parseWholeValue, ReportReader, type Variables, type WholeValue } from "./variables.ts";

/** Whom to ask. */
export interface Respondent {
  /** Tells it that there is something to hear. */
  call(): void;
}

/** Python may not hear a call that comes just before it begins to wait for its person, so it is called again. */
const againMs = 300;
const maxCalls = 10;

/** The questions of one console. */
export class Inquiry implements Disposable {
  readonly #clock: Clock;
  readonly #variables = new Emitter<Variables>();
  readonly #value = new Emitter<WholeValue>();
  readonly onVariables = this.#variables.on;
  readonly onValue = this.#value.on;
  readonly #reports = { variables: new ReportReader(), value: new ReportReader() };
  #shown = false;
  /** What the Python of now knows of `shown`, and the variable that it shall tell in full. */
  #told = false;
  #wanted: string | undefined;
  #at: Respondent | undefined;
  #again: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether somebody looks at the variables. */
  get shown(): boolean {
    return this.#shown;
  }

  /** Sets it. */
  show(shown: boolean): void {
    this.#shown = shown;
    this.#call();
  }

  /** Asks for one variable in full, in place of the one that was asked for before. */
  ask(name: string): void {
    this.#wanted = name;
    this.#call();
  }

  /** Follows Python: the one at its prompt, or undefined while none is. A new one was told `shown` when it began. */
  follow(at: Respondent | undefined): void {
    this.#at = at;
    if (at) this.#call();
    else this.#wanted = undefined;
  }

  /** A Python begins, and is told `shown`. */
  begins(): void {
    this.#told = this.#shown;
    this.#wanted = undefined;
  }

  /** The message to a Python that listens. */
  message(): object {
    const value = this.#wanted;
    this.#wanted = undefined;
    this.#told = this.#shown;
    this.#rest();
    return { variables: this.#shown, ...(value !== undefined && { value }) };
  }

  /** Takes a mark with a part of an answer. */
  answered(kind: "variables" | "value", body: string): void {
    const text = this.#reports[kind].read(body);
    if (text === undefined) return;
    if (kind === "variables") {
      const variables = parseVariables(text);
      if (variables) this.#variables.emit(variables);
    } else {
      const value = parseWholeValue(text);
      if (value) this.#value.emit(value);
    }
  }

  [Symbol.dispose](): void {
    this.#at = undefined;
    this.#rest();
  }

  /** Calls Python until it listens, if there is something to say. */
  #call(calls = 1): void {
    this.#rest();
    if (!this.#at || (this.#wanted === undefined && this.#told === this.#shown) || calls > maxCalls) return;
    this.#at.call();
    this.#again = this.#clock.after(againMs, () => this.#call(calls + 1));
  }

  #rest(): void {
    this.#again?.[Symbol.dispose]();
    this.#again = undefined;
  }
}

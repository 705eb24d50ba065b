/**
 * What a program that runs step by step says of itself (stepper.py), and what it is told. The program could have written it: for display
 * only, and so it is read with bounds, and nothing in it can move a cursor or look like something else.
 */
import { replaceUnseen, spellOut } from "../base/invisible.ts";

/** How it goes on: into calls, over them, out of one, to a line; back; or what a name stands for. */
export type StepCommand =
  | { readonly do: "in" | "over" | "out" | "back" | "latest" | "quit" | "interrupt" }
  | { readonly do: "run"; readonly file: string; readonly line: number }
  | { readonly do: "value"; readonly text: string }
  /** To look at one of the calls, counted from the innermost, 0. */
  | { readonly do: "frame"; readonly index: number };

/** A variable at a step. */
export interface StepVariable {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly length: string;
  /** Whether it is new or has changed since the step before. */
  readonly changed: boolean;
  /** The function that it is local to; empty for one of the whole program. */
  readonly scope: string;
}

/** A call: the function, and where it is. */
export interface StepCall {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** One step of a program. */
export interface StepState {
  /** Its number from 1, and those of the first and the last that are kept. */
  readonly step: number;
  readonly first: number;
  readonly last: number;
  /** Whether the program has ended, so that there is only the way back. */
  readonly ended: boolean;
  readonly file: string;
  readonly line: number;
  /** The error that was raised here, in one line; empty otherwise. */
  readonly error: string;
  /** The calls, the innermost first. */
  readonly stack: readonly StepCall[];
  /** The index of the call whose variables these are. */
  readonly frame: number;
  readonly variables: readonly StepVariable[];
  /** How many there are beyond these. */
  readonly more: number;
  /** What was asked for; `value` is empty where it can't be told, and `why` may say why. */
  readonly answer: { readonly text: string; readonly value: string; readonly why: string } | undefined;
}

const maxVariables = 130;
const maxFrames = 50;
const maxPath = 4096;
const maxWords = 320;

/** The step in a report; undefined for anything that stepper.py does not write. */
export function parseStep(text: string): StepState | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined; // a forged mark
  }
  if (!isRecord(found)) return undefined;
  const { step, first, last, ended, file, line, event, message, stack, variables, frame, more, answer } = found;
  if (![step, first, last, line].every(isCount) || typeof file !== "string") return undefined;
  const calls = records(stack, maxFrames).map((each) => ({
    name: words(each["name"]),
    file: typeof each["file"] === "string" ? each["file"].slice(0, maxPath) : "",
    line: Number(each["line"]) || 0,
  }));
  return {
    step: Number(step),
    first: Number(first),
    last: Number(last),
    ended: ended === true,
    file: file.slice(0, maxPath),
    line: Number(line),
    error: event === "exception" ? words(message) : "",
    stack: calls,
    frame: isCount(frame) && Number(frame) < calls.length ? Number(frame) : 0,
    more: isCount(more) ? Number(more) : 0,
    variables: records(variables, maxVariables).map((each) => ({
      name: words(each["name"]),
      type: words(each["type"]),
      value: words(each["value"]),
      length: words(each["length"]),
      changed: each["changed"] === true,
      scope: words(each["scope"]),
    })),
    answer: isRecord(answer)
      ? { text: words(answer["text"]), value: words(answer["value"]), why: words(answer["why"]) }
      : undefined,
  };
}

function records(value: unknown, max: number): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.slice(0, max).filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}

function words(value: unknown): string {
  return typeof value === "string" ? replaceUnseen(value.slice(0, maxWords), spellOut) : "";
}

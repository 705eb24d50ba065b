/**
 * The thread that reads disks: synchronous calls that wait for a disk must not hold up the consoles' output. counter.ts
 * is the other side.
 */
import { statfsSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { roomIn, type FreeRoom } from "../../base/disk-room.ts";
import { findHidden, type Hidden, type HiddenQuestion } from "./hidden.ts";
import { trim, type TrimQuestion, type Trimmed } from "./trim.ts";
import { countUsage, type TreeUsage, type UsageQuestion } from "./tree-usage.ts";

/** Counts what a jail keeps. */
export interface MeasureQuestion {
  readonly usage: UsageQuestion;
  /** Undefined when the jail is gone, and nothing can be hidden any more. */
  readonly hidden: HiddenQuestion | undefined;
}

/** What a jail keeps. */
export interface MeasureAnswer {
  readonly usage: TreeUsage;
  readonly hidden: Hidden | undefined;
  /** What was free on the file system of the first directory when the measurement began; undefined where it does not tell. */
  readonly free: FreeRoom | undefined;
}

export type CountQuestion =
  | { readonly measure: MeasureQuestion }
  | { readonly free: string }
  | { readonly trim: TrimQuestion };
export type CountAnswer =
  | { readonly measure: MeasureAnswer }
  | { readonly free: FreeRoom | undefined }
  | { readonly trim: Trimmed };

/** To the thread. */
export type ToThread =
  | { readonly id: number; readonly question: CountQuestion }
  | { readonly id: number; readonly cancel: true };
/** From the thread. */
export type FromThread =
  | { readonly id: number; readonly answer: CountAnswer }
  | { readonly id: number; readonly failure: string };

/** How long one question is worked on before the next has its turn. */
const turnMs = 5;

const works = new Map<number, Generator<void, CountAnswer>>();
let going = false;

parentPort?.on("message", (message: ToThread) => {
  if ("cancel" in message) {
    works.get(message.id)?.return({ free: undefined }); // closes what it holds open
    works.delete(message.id);
    return;
  }
  works.set(message.id, begin(message.question));
  if (!going) goOn();
});

/** One turn for each question; then messages that came meanwhile are received. */
function goOn(): void {
  for (const [id, work] of works) turn(id, work);
  going = works.size > 0;
  if (going) setImmediate(goOn);
}

function turn(id: number, work: Generator<void, CountAnswer>): void {
  try {
    for (const end = performance.now() + turnMs; performance.now() < end;) {
      const step = work.next();
      if (!step.done) continue;
      works.delete(id);
      tell({ id, answer: step.value });
      return;
    }
  } catch (error) {
    works.delete(id);
    tell({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function tell(message: FromThread): void {
  parentPort?.postMessage(message); // eslint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
}

function* begin(question: CountQuestion): Generator<void, CountAnswer> {
  if ("free" in question) return { free: freeRoom(question.free) };
  if ("trim" in question) return { trim: yield* trim(question.trim) };
  const { usage, hidden } = question.measure;
  const free = freeRoom(usage.directories[0]);
  // What is nameless first: a file that loses its name during the walk is then counted twice rather than never.
  const held = hidden && (yield* findHidden(hidden));
  return { measure: { usage: yield* countUsage(usage), hidden: held, free } };
}

function freeRoom(directory: string | undefined): FreeRoom | undefined {
  if (directory === undefined) return undefined;
  try {
    return roomIn(statfsSync(directory));
  } catch {
    return undefined; // a directory that is gone
  }
}

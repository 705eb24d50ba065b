/** Who needs help, and in which order: pure. */
import type { Activity, LastRun } from "./work.ts";

/** "offline": has no session. */
export type StudentState = Activity | "offline";

export interface Student {
  readonly username: string;
  /** The full name; may be empty. */
  readonly name: string;
  readonly section: string | undefined;
  readonly state: StudentState;
  /** Milliseconds since the epoch, like all times here; undefined for who has no session. */
  readonly since: number | undefined;
  /** The open file as a path. */
  readonly file: string | undefined;
  /** What the last failed run said, and how many runs in a row said the same. */
  readonly error: { readonly text: string; readonly times: number } | undefined;
  readonly run: LastRun | undefined;
  readonly hand: RaisedHand | undefined;
}

export interface RaisedHand {
  readonly note: string;
  readonly raisedAt: number;
  /** Who comes. */
  readonly claimedBy: { readonly username: string; readonly name: string } | undefined;
}

/** The same error so often in a row means: stuck. */
const stuckTimes = 3;
/** Nothing typed for so long after an error. */
const lostMilliseconds = 60_000;
/** A program that runs so long waits for input, or will never end. */
const longRunMilliseconds = 20_000;

/** Why somebody may need help; the most urgent first. */
export type Need = "hand" | "same-error" | "idle-after-error" | "long-run" | "none";

const order: readonly Need[] = ["hand", "same-error", "idle-after-error", "long-run", "none"];

export function needOf(student: Student, now: number): Need {
  if (student.hand) return "hand";
  if (student.state === "offline") return "none";
  if (student.run?.ok === false && (student.error?.times ?? 0) >= stuckTimes) return "same-error";
  const lasts = now - (student.since ?? now);
  if (student.state === "error" && lasts >= lostMilliseconds) return "idle-after-error";
  return student.state === "running" && lasts >= longRunMilliseconds ? "long-run" : "none";
}

/** Sorted for a teacher: raised hands by waiting time, then stuck on one error, then silent after one, then long runs, then by name; who is not here at the end. */
export function byNeed(students: readonly Student[], now: number): readonly Student[] {
  const ranked = students.map((student) => {
    const need = needOf(student, now);
    return { student, rank: student.state === "offline" && need === "none" ? order.length : order.indexOf(need), weight: weightOf(student, need) };
  });
  return ranked.toSorted((a, b) => a.rank - b.rank || a.weight - b.weight || compare(a.student.username, b.student.username)).map(({ student }) => student);
}

/** Within one need the smallest comes first. */
function weightOf({ hand, error, since }: Student, need: Need): number {
  switch (need) {
    case "hand":
      return hand?.raisedAt ?? 0;
    case "same-error":
      return -(error?.times ?? 0);
    case "idle-after-error":
    case "long-run":
      return since ?? 0;
    case "none":
      return 0;
    default:
      return need satisfies never;
  }
}

/** Whether every word of `query` is part of the name, the section or the state, whatever the capitals. */
export function matches(student: Student, query: string): boolean {
  const text = [student.username, student.name, student.section ?? "", student.state, student.hand ? "hand" : ""].join(" ").toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

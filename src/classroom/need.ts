/** Who needs help, and in which order. Pure. */
import { folded } from "../base/fold.ts";
import type { Activity, LastRun } from "./work.ts";

/** What a student does. "offline": has no session. */
export type StudentState = Activity | "offline";

/** A student as the class view knows them. */
export interface StudentStatus {
  readonly username: string;
  /** The full name; may be empty. */
  readonly name: string;
  readonly section: string | undefined;
  readonly state: StudentState;
  /** Since when, in milliseconds since the epoch like all times here; undefined without a session. */
  readonly since: number | undefined;
  /** The path of the open file. */
  readonly file: string | undefined;
  /** The error of the last failed run, and how many runs in a row ended with it. */
  readonly error: { readonly text: string; readonly times: number } | undefined;
  readonly run: LastRun | undefined;
  readonly hand: RaisedHand | undefined;
}

/** A raised hand as the class view knows it. */
export interface RaisedHand {
  readonly note: string;
  readonly raisedAt: number;
  /** The teacher who is coming; undefined while nobody is. */
  readonly claimedBy: { readonly username: string; readonly name: string } | undefined;
}

/** Equal errors in a row that mean: stuck. */
const stuckTimes = 3;
/** Milliseconds without a key after an error that mean: lost. */
const lostMs = 60_000;
/** Milliseconds after which a program waits for input, or will never end. */
const longRunMs = 20_000;

/** Why somebody may need help, the most urgent reason first. */
export type Need = "hand" | "same-error" | "idle-after-error" | "long-run" | "none";

const order: readonly Need[] = ["hand", "same-error", "idle-after-error", "long-run", "none"];

/** The most urgent reason; `now` in milliseconds since the epoch. */
export function needOf(student: StudentStatus, now: number): Need {
  if (student.hand) return "hand";
  if (student.state === "offline") return "none";
  if (student.run?.ok === false && (student.error?.times ?? 0) >= stuckTimes) return "same-error";
  const lasts = now - (student.since ?? now);
  if (student.state === "error" && lasts >= lostMs) return "idle-after-error";
  return student.state === "running" && lasts >= longRunMs ? "long-run" : "none";
}

/**
 * The students in the order for a teacher: raised hands by waiting time, claimed ones after the others; then stuck on
 * one error, silent after an error, long runs, and the rest by name; students who are not here at the end.
 */
export function byNeed(students: readonly StudentStatus[], now: number): readonly StudentStatus[] {
  const ranked = students.map((student) => {
    const need = needOf(student, now);
    const rank = student.state === "offline" && need === "none" ? order.length : order.indexOf(need);
    return { student, rank, claimed: student.hand?.claimedBy ? 1 : 0, weight: weightOf(student, need) };
  });
  return ranked
    .toSorted(
      (a, b) =>
        a.rank - b.rank ||
        a.claimed - b.claimed ||
        a.weight - b.weight ||
        compare(a.student.username, b.student.username),
    )
    .map(({ student }) => student);
}

/** The weight within one need; the smallest comes first. */
function weightOf({ hand, error, since }: StudentStatus, need: Need): number {
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

/**
 * The error of the last run, without its line number: students with the same key have the same error. Undefined when it
 * did not fail.
 */
export function errorKey({ run, error }: StudentStatus): string | undefined {
  return run?.ok === false && error ? error.text.replace(/ \(line \d+\)$/, "") : undefined;
}

/** The number of students with each error, by `errorKey`. */
export function countErrors(students: readonly StudentStatus[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const student of students) {
    const key = errorKey(student);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/**
 * The students with those who share an error together, the most frequent error first, each group by need; then all
 * others by need.
 */
export function bySameError(
  students: readonly StudentStatus[],
  now: number,
  counts: ReadonlyMap<string, number> = countErrors(students),
): readonly StudentStatus[] {
  const size = (key: string | undefined): number =>
    key === undefined || (counts.get(key) ?? 0) < 2 ? 0 : (counts.get(key) ?? 0);
  const keyed = byNeed(students, now).map((student) => ({ student, key: errorKey(student) }));
  // Of groups of equal size, the one with the most urgent member comes first.
  const first = new Map<string, number>();
  for (const [index, { key }] of keyed.entries()) if (key !== undefined && !first.has(key)) first.set(key, index);
  const firstIndex = (key: string | undefined): number => (size(key) === 0 ? 0 : (first.get(key ?? "") ?? 0));
  return keyed
    .toSorted((a, b) => size(b.key) - size(a.key) || firstIndex(a.key) - firstIndex(b.key))
    .map(({ student }) => student);
}

/**
 * A filter for students by words: parts of the name, or beginnings of words of the section and the state, regardless of
 * capitals and accents. The whole name of a section (`sections` has all of them) means that section only: "A" finds
 * section A, and not everybody with an "a".
 */
export function finder(query: string, sections: Iterable<string>): (student: StudentStatus) => boolean {
  const words = folded(query)
    .split(/\s+/)
    .filter((word) => word !== "");
  const known = new Set([...sections].map((name) => folded(name).split(/\s+/).join(" ")));
  const wanted = new Set<string>();
  const others: string[] = [];
  for (let at = 0; at < words.length;) {
    const { length, name } = sectionAt(words, at, known);
    if (name !== undefined) wanted.add(name);
    else others.push(words[at] ?? "");
    at += length;
  }
  return (student) => {
    const section = folded(student.section ?? "")
      .split(/\s+/)
      .join(" ");
    return (wanted.size === 0 || wanted.has(section)) && others.every((word) => hasWord(student, section, word));
  };
}

/**
 * The section with the longest name that begins at this word, and the number of words it takes; "section A" and
 * "section:A" are A.
 */
function sectionAt(
  words: readonly string[],
  at: number,
  known: ReadonlySet<string>,
): { readonly length: number; readonly name: string | undefined } {
  for (let length = words.length - at; length > 0; length--) {
    const name = words.slice(at, at + length).join(" ");
    const bare = name.replace(/^section[ :]/, "");
    if (known.has(name)) return { length, name };
    if (known.has(bare)) return { length, name: bare };
  }
  return { length: 1, name: undefined };
}

function hasWord({ username, name, state, hand }: StudentStatus, section: string, word: string): boolean {
  const beginnings = [...section.split(" "), state, ...(hand ? ["hand"] : []), ...(hand?.claimedBy ? ["claimed"] : [])];
  if (beginnings.some((text) => text.startsWith(word))) return true;
  const names = folded(`${username} ${name}`);
  // One letter is in nearly every name, so it has to begin a word.
  return word.length === 1
    ? names.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))
    : names.includes(word);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

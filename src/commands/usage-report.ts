/** What students did in some days, for the command `usage` and its screen: sums by student, by day, and of all. */
import type { Account } from "../auth/account.ts";
import { may } from "../auth/roles.ts";
import { UserError } from "../base/errors.ts";
import { dayText } from "../base/time-text.ts";
import { limitOutcomes, outcomeNames, type OutcomeName } from "../classroom/usage-names.ts";
import { usageByDay, usageByStudent, type UsageRange, type UsageSums } from "../classroom/usage-table.ts";
import type { Services } from "./services.ts";

/** Numbers of a student, a day, or all. */
export interface Use {
  readonly logins: number;
  /** Time in the IDE. */
  readonly seconds: number;
  readonly runs: number;
  /** Runs by how they ended; only those that there were. */
  readonly outcomes: Readonly<Partial<Record<OutcomeName, number>>>;
  /** Errors by Python's type, the most frequent first. */
  readonly errors: Readonly<Record<string, number>>;
}

/** A student's numbers; `username` is null for all removed accounts together. */
export interface StudentUse extends Use {
  readonly username: string | null;
  readonly name: string;
  readonly section: string | null;
}

/** A day's numbers, of `students` people. */
export interface DayUse extends Use {
  readonly day: string;
  readonly students: number;
}

/** The numbers of some days. */
export interface UsageReport {
  /** The first and the last day. */
  readonly from: string;
  readonly to: string;
  /** Undefined for everybody. */
  readonly sections: readonly string[] | undefined;
  readonly students: readonly StudentUse[];
  /** Every day from the first to the last, also those on which nothing was done. */
  readonly days: readonly DayUse[];
  readonly all: Use;
}

/** Days that a report may have. */
const maxDays = 400;
const dayMs = 86_400_000;

/** The sections whose students somebody may see here: undefined for everybody. Throws `not-permitted` for others'. */
export function usageSections({ role, sections }: Account, section: string | undefined): readonly string[] | undefined {
  const all = may(role, "usage.read");
  if (section === undefined) return all ? undefined : sections;
  if (all || sections.includes(section)) return [section];
  throw new UserError(
    "not-permitted",
    `you don't teach section ${JSON.stringify(section.slice(0, 50))}`,
    `You teach: ${sections.join(", ") || "no section"}.`,
  );
}

/** The days from one moment to now, at most `maxDays`. Throws `usage` for one that is further away, or still to come. */
export function usageRange(since: Date, now: number, sections: readonly string[] | undefined): UsageRange {
  if (since.getTime() > now) throw new UserError("usage", "that time is still to come", "Give one that has passed.");
  if (now - since.getTime() > maxDays * dayMs)
    throw new UserError("usage", `a report covers at most ${maxDays} days`, "Give a later day with --since.");
  return { from: dayText(since), to: dayText(new Date(now)), sections };
}

/** Reads a report; what this process has counted so far is in it. */
export async function readUsage({ usage, database }: Services, range: UsageRange): Promise<UsageReport> {
  await usage.flush();
  const [students, days] = await Promise.all([usageByStudent(database, range), usageByDay(database, range)]);
  const known = new Map(days.map((day) => [day.day, day]));
  return {
    ...range,
    sections: range.sections,
    students: students.map(({ username, name, section, sums }) => ({
      username,
      name: name ?? "",
      section,
      ...useOf([sums]),
    })),
    days: daysOf(range).map((day) => ({
      day,
      students: known.get(day)?.students ?? 0,
      ...useOf([known.get(day)?.sums ?? {}]),
    })),
    all: useOf(days.map(({ sums }) => sums)),
  };
}

/** The days of a range, the first one first. */
export function daysOf({ from, to }: UsageRange): readonly string[] {
  const days: string[] = [];
  // At noon, so that no change of the clock skips a day or gives one twice.
  for (const at = new Date(`${from}T12:00`); dayText(at) <= to; at.setDate(at.getDate() + 1)) days.push(dayText(at));
  return days;
}

/** Numbers from sums by "kind:name". */
export function useOf(all: readonly UsageSums[]): Use {
  const sums = new Map<string, number>();
  for (const each of all)
    for (const [name, amount] of Object.entries(each)) sums.set(name, (sums.get(name) ?? 0) + amount);
  const outcomes: Partial<Record<OutcomeName, number>> = {};
  let runs = 0;
  for (const name of outcomeNames) {
    const amount = sums.get(`outcome:${name}`);
    if (amount === undefined) continue;
    outcomes[name] = amount;
    runs += amount;
  }
  const errors = [...sums]
    .filter(([name]) => name.startsWith("error:"))
    .map(([name, amount]) => [name.slice("error:".length), amount] as const)
    .toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return {
    logins: sums.get("login:") ?? 0,
    seconds: Math.round((sums.get("milliseconds:") ?? 0) / 1000),
    runs,
    outcomes,
    errors: Object.fromEntries(errors),
  };
}

/** Seconds as hours: "1.5". */
export function hoursText(seconds: number): string {
  return (seconds / 3600).toFixed(1);
}

/** Runs that ended at a limit. */
export function limitedRuns({ outcomes }: Use): number {
  return limitOutcomes.reduce((sum, name) => sum + (outcomes[name] ?? 0), 0);
}

/** Runs that ended with an error or another status than 0. */
export function failedRuns({ outcomes }: Use): number {
  return (outcomes.error ?? 0) + (outcomes.exit ?? 0);
}

/**
 * Counts what students do. Counting adds to a number in memory; once in a while, and at the end of the process, all
 * numbers go to the database in one statement. A process that is killed loses what it counted since (`flushMs`). While
 * the database is away numbers wait, so many of them at most.
 */
import type { Role } from "../auth/roles.ts";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { dayText } from "../base/time-text.ts";
import type { Database } from "../db/database.ts";
import { errorName, type OutcomeName } from "./usage-names.ts";
import { addUsage, type UsageCount } from "./usage-table.ts";

/** What a counter works with. */
export interface UsageCounterOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whose use it is; only that of students is counted. */
export interface UsagePerson {
  readonly id: number;
  readonly role: Role;
}

/** Milliseconds between two statements. */
export const flushMs = 20_000;
/** Numbers that may wait: those of a thousand students who do ten different things. */
const maxWaiting = 10_000;

/** The counts of this process that are not in the database yet. */
export class UsageCounter implements AsyncDisposable {
  readonly #options: UsageCounterOptions;
  readonly #timer: Disposable;
  #waiting = new Map<string, UsageCount>();
  #left = 0;
  #flushing: Promise<void> | undefined;

  constructor(options: UsageCounterOptions) {
    this.#options = options;
    this.#timer = options.clock.every(flushMs, () => void this.flush());
  }

  login(person: UsagePerson): void {
    this.#count(person, "login", "", 1);
  }

  /** Time in the IDE, in whole milliseconds. */
  active(person: UsagePerson, ms: number): void {
    this.#count(person, "milliseconds", "", Math.round(ms));
  }

  /** A run that has ended. */
  run(person: UsagePerson, outcome: OutcomeName): void {
    this.#count(person, "outcome", outcome, 1);
  }

  /** An error, by the type that the program says. */
  error(person: UsagePerson, type: string): void {
    this.#count(person, "error", errorName(type), 1);
  }

  /** Brings what was counted to the database. Never rejects: what can't be stored waits for the next time. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    await this.#flushing;
    await this.flush();
    if (this.#waiting.size > 0)
      this.#options.log.warn("counts of use are lost with this process", { counts: this.#waiting.size });
  }

  #count({ id, role }: UsagePerson, kind: UsageCount["kind"], name: string, amount: number): void {
    if (role !== "student") return;
    this.#add({ day: dayText(new Date(this.#options.clock.now())), user: id, kind, name, amount });
  }

  #add(count: UsageCount): void {
    const key = `${count.day} ${count.user} ${count.kind} ${count.name}`;
    const known = this.#waiting.get(key);
    if (!known && this.#waiting.size >= maxWaiting) {
      this.#left += 1;
      return;
    }
    this.#waiting.set(key, known ? { ...known, amount: known.amount + count.amount } : count);
  }

  async #flush(): Promise<void> {
    const { database, log } = this.#options;
    const counts = [...this.#waiting.values()];
    if (counts.length === 0) return;
    this.#waiting = new Map();
    try {
      await addUsage(database, counts);
    } catch (error) {
      // The statement may have arrived although its connection broke: then these are counted twice.
      for (const count of counts) this.#add(count);
      if (!(error instanceof UserError)) logBug(error, log);
    }
    if (this.#left > 0) log.warn("there was no room for counts of use", { left: this.#left });
    this.#left = 0;
  }
}

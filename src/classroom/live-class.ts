/**
 * Theory of operation: the state of the whole class, for all class views. One statement reads it for all views of a
 * process together, twice a second; sessions write changes after 0.3 s at most (cluster/session-directory), so a change
 * is seen within a second. Nothing is read while there is no view. While the database is down the last state stays,
 * with its age.
 */
import { teaches, type Observer } from "../auth/teaching.ts";
import { people } from "../auth/users-table.ts";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { disposable } from "../base/scope.ts";
import type { Database } from "../db/database.ts";
import { handsUp } from "./hands.ts";
import { byNeed, type StudentStatus } from "./need.ts";
import { presence } from "./presence.ts";
import { parseWork, type StudentWork } from "./work.ts";

/** Where the state comes from. */
export interface LiveClassOptions {
  readonly database: Database;
  /** Hours for which a raised hand counts. */
  readonly handHours: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The state of the class. */
export interface LiveClassState {
  readonly students: readonly StudentStatus[];
  /** When it was read, in milliseconds since the epoch. */
  readonly at: number;
  /** Whether it is up to date; false while the database does not answer. */
  readonly fresh: boolean;
}

/** A subscription to the state. Disposing ends it. */
export interface ClassSubscription extends Disposable {
  /** Whether students without a session are included; false at first. */
  offline: boolean;
}

const pollMs = 500;
const maxStudents = 2000;

interface Row {
  readonly username: string;
  readonly name: string;
  readonly section: string | null;
  readonly state: string | null;
  readonly since: Date | null;
  readonly file: string | null;
  readonly work: unknown;
  readonly note: string | null;
  readonly raised_at: Date | null;
  readonly claimed_by: string | null;
  readonly claimer: string | null;
}

/** The state of the class, for this process. */
export class LiveClass implements Disposable {
  readonly #options: LiveClassOptions;
  readonly #subscriptions = new Set<ClassSubscription>();
  readonly #changed = new Emitter<LiveClassState>();
  #timer: Disposable | undefined;
  #reading = false;
  #last: LiveClassState | undefined;

  constructor(options: LiveClassOptions) {
    this.#options = options;
  }

  /** The last state; undefined while nobody subscribes. */
  get last(): LiveClassState | undefined {
    return this.#last;
  }

  /** Subscribes: `changed` is called with every new state, and soon with the first. */
  subscribe(changed: (state: LiveClassState) => void): ClassSubscription {
    const listening = this.#changed.on(changed);
    const end = disposable(() => {
      listening[Symbol.dispose]();
      this.#subscriptions.delete(subscription);
      if (this.#subscriptions.size === 0) this[Symbol.dispose]();
    });
    const subscription: ClassSubscription = { offline: false, [Symbol.dispose]: () => end[Symbol.dispose]() };
    this.#subscriptions.add(subscription);
    this.#timer ??= this.#options.clock.every(pollMs, () => void this.#poll());
    void this.#poll();
    return subscription;
  }

  /** Reads at once, for somebody who has just changed something. */
  refresh(): void {
    void this.#poll();
  }

  /**
   * Everybody whom the viewer teaches, sorted by need; only one section if that is given. Throws
   * `database-unavailable`.
   */
  async list(
    viewer: Observer,
    options: { readonly section?: string | undefined; readonly offline: boolean },
  ): Promise<readonly StudentStatus[]> {
    const students = await this.#read(options.offline);
    const seen = visibleTo(viewer, students).filter(
      ({ section }) => options.section === undefined || section === options.section,
    );
    return byNeed(seen, this.#options.clock.now());
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#last = undefined;
  }

  /** Reads the state and tells the subscribers. Never throws. */
  async #poll(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    const { clock, log } = this.#options;
    try {
      const students = await this.#read([...this.#subscriptions].some(({ offline }) => offline));
      this.#tell({ students, at: clock.now(), fresh: true });
    } catch (error) {
      logBug(error, log);
      this.#tell({ students: this.#last?.students ?? [], at: this.#last?.at ?? clock.now(), fresh: false });
    } finally {
      this.#reading = false;
    }
  }

  #tell(state: LiveClassState): void {
    if (this.#subscriptions.size === 0) return;
    this.#last = state;
    this.#changed.emit(state);
  }

  async #read(offline: boolean): Promise<readonly StudentStatus[]> {
    const { database, handHours } = this.#options;
    const rows = await database.queryRepeatable<Row>(
      `SELECT u.username, u.name, u.section, s.state, s.since, s.file, s.work,
         h.note, h.raised_at, h.claimed_by, c.name AS claimer
       FROM ${people} u LEFT JOIN ${presence} s ON s.username = u.username
         LEFT JOIN ${handsUp} h ON h.username = u.username AND h.raised_at > clock_timestamp() - $1 * interval '1 hour'
         LEFT JOIN ${people} c ON c.username = h.claimed_by
       WHERE u.role = 'student' AND u.state = 'active' AND ($2 OR s.session IS NOT NULL OR h.username IS NOT NULL)
       ORDER BY u.username LIMIT ${maxStudents}`,
      [handHours, offline],
    );
    return rows.map(studentOf);
  }
}

/** The students whom the viewer teaches. */
export function visibleTo(viewer: Observer, students: readonly StudentStatus[]): readonly StudentStatus[] {
  return students.filter(({ username, section }) => teaches(viewer, { username, section, role: "student" }));
}

function studentOf(row: Row): StudentStatus {
  const work = parseWork(row.work);
  return {
    username: row.username,
    name: row.name,
    section: row.section ?? undefined,
    ...presenceOf(row, work),
    file: row.file ?? undefined,
    error: work?.error ?? undefined,
    run: work?.run ?? undefined,
    hand: handOf(row),
  };
}

/** The state of a student's session, and since when. */
function presenceOf({ state, since }: Row, work: StudentWork | undefined): Pick<StudentStatus, "state" | "since"> {
  if (state === null) return { state: "offline", since: undefined };
  return { state: state === "away" ? "away" : (work?.activity ?? "idle"), since: work?.since ?? since?.getTime() };
}

function handOf({ raised_at: raisedAt, note, claimed_by: username, claimer }: Row): StudentStatus["hand"] {
  if (!raisedAt) return undefined;
  return {
    note: note ?? "",
    raisedAt: raisedAt.getTime(),
    claimedBy: username === null ? undefined : { username, name: claimer ?? "" },
  };
}

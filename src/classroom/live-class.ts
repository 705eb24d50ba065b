/**
 * Theory of operation: the state of the whole class, for everybody who looks at it. One statement reads it for all views of a process
 * together, twice a second, so that what sessions write at the latest after 0.3 s (cluster/session-directory) is seen within a second.
 * While nobody looks nothing is read. A database that is down leaves what was known, with its age.
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

export interface LiveClassOptions {
  readonly database: Database;
  /** Raised hands count for so many hours. */
  readonly handHours: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a view shows. */
export interface LiveClassState {
  readonly students: readonly StudentStatus[];
  /** When that was true, in milliseconds since the epoch. */
  readonly at: number;
  /** The database answers. */
  readonly fresh: boolean;
}

/** Somebody who looks at the class. */
export interface ClassSubscription extends Disposable {
  /** Whether students without a session are wanted as well. */
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

  /** What was read last, while somebody looks. */
  get last(): LiveClassState | undefined {
    return this.#last;
  }

  /** Reads again and again from now on, and tells `changed`; disposing ends that. */
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

  /** Asks at once, for somebody who has just changed something. */
  refresh(): void {
    void this.#poll();
  }

  /** Everybody whom the viewer teaches, sorted by need; of one section if that is given. Throws `database-unavailable`. */
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

  /** Never throws. */
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

/** Those whom the viewer teaches. */
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

/** What a student's session does, and since when. */
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

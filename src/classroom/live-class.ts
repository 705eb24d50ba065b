/**
 * Theory of operation: the state of the whole class, for everybody who looks at it. One statement reads it for all views of a process
 * together, twice a second, so that what sessions write at the latest after 0.3 s (cluster/session-directory) is seen within a second.
 * While nobody looks nothing is read. A database that is down leaves what was known, with its age.
 */
import { teaches, type Viewer } from "../auth/teaching.ts";
import { people } from "../auth/users-table.ts";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { disposable } from "../base/scope.ts";
import type { Database } from "../db/database.ts";
import { handsUp } from "./hands.ts";
import { byNeed, type Student } from "./need.ts";
import { presence } from "./presence.ts";
import { parseWork, type StudentWork } from "./work.ts";

export interface RollOptions {
  readonly database: Database;
  /** Raised hands count for so many hours. */
  readonly handHours: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a view shows. */
export interface RollState {
  readonly students: readonly Student[];
  /** When that was true, in milliseconds since the epoch. */
  readonly at: number;
  /** The database answers. */
  readonly fresh: boolean;
}

/** Somebody who looks at the class. */
export interface Look extends Disposable {
  /** Whether students without a session are wanted as well. */
  offline: boolean;
}

const pollMilliseconds = 500;
const mostStudents = 2000;

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

export class Roll implements Disposable {
  readonly #options: RollOptions;
  readonly #looks = new Set<Look>();
  readonly #changed = new Emitter<RollState>();
  #timer: Disposable | undefined;
  #reading = false;
  #last: RollState | undefined;

  constructor(options: RollOptions) {
    this.#options = options;
  }

  /** What was read last, while somebody looks. */
  get last(): RollState | undefined {
    return this.#last;
  }

  /** Reads again and again from now on, and tells `changed`; disposing ends that. */
  look(changed: (state: RollState) => void): Look {
    const listening = this.#changed.on(changed);
    const end = disposable(() => {
      listening[Symbol.dispose]();
      this.#looks.delete(look);
      if (this.#looks.size === 0) this[Symbol.dispose]();
    });
    const look: Look = { offline: false, [Symbol.dispose]: () => end[Symbol.dispose]() };
    this.#looks.add(look);
    this.#timer ??= this.#options.clock.every(pollMilliseconds, () => void this.#poll());
    void this.#poll();
    return look;
  }

  /** Asks at once, for somebody who has just changed something. */
  refresh(): void {
    void this.#poll();
  }

  /** Everybody whom the viewer teaches, sorted by need; of one section if that is given. Throws `database-unavailable`. */
  async list(viewer: Viewer, options: { readonly section?: string | undefined; readonly offline: boolean }): Promise<readonly Student[]> {
    const students = await this.#read(options.offline);
    const seen = visibleTo(viewer, students).filter(({ section }) => options.section === undefined || section === options.section);
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
      const students = await this.#read([...this.#looks].some(({ offline }) => offline));
      this.#tell({ students, at: clock.now(), fresh: true });
    } catch (error) {
      logBug(error, log);
      this.#tell({ students: this.#last?.students ?? [], at: this.#last?.at ?? clock.now(), fresh: false });
    } finally {
      this.#reading = false;
    }
  }

  #tell(state: RollState): void {
    if (this.#looks.size === 0) return;
    this.#last = state;
    this.#changed.emit(state);
  }

  async #read(offline: boolean): Promise<readonly Student[]> {
    const { database, handHours } = this.#options;
    const rows = await database.read<Row>(
      `SELECT u.username, u.name, u.section, s.state, s.since, s.file, s.work,
         h.note, h.raised_at, h.claimed_by, c.name AS claimer
       FROM ${people} u LEFT JOIN ${presence} s ON s.username = u.username
         LEFT JOIN ${handsUp} h ON h.username = u.username AND h.raised_at > clock_timestamp() - $1 * interval '1 hour'
         LEFT JOIN ${people} c ON c.username = h.claimed_by
       WHERE u.role = 'student' AND u.state = 'active' AND ($2 OR s.session IS NOT NULL OR h.username IS NOT NULL)
       ORDER BY u.username LIMIT ${mostStudents}`,
      [handHours, offline],
    );
    return rows.map(studentOf);
  }
}

/** Those whom the viewer teaches. */
export function visibleTo(viewer: Viewer, students: readonly Student[]): readonly Student[] {
  return students.filter(({ username, section }) => teaches(viewer, { username, section, role: "student" }));
}

function studentOf(row: Row): Student {
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
function presenceOf({ state, since }: Row, work: StudentWork | undefined): Pick<Student, "state" | "since"> {
  if (state === null) return { state: "offline", since: undefined };
  return { state: state === "away" ? "away" : (work?.activity ?? "idle"), since: work?.since ?? since?.getTime() };
}

function handOf({ raised_at: raisedAt, note, claimed_by: username, claimer }: Row): Student["hand"] {
  if (!raisedAt) return undefined;
  return { note: note ?? "", raisedAt: raisedAt.getTime(), claimedBy: username === null ? undefined : { username, name: claimer ?? "" } };
}

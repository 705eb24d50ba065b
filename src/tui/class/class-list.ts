/**
 * The rows of the class view and the selected student: the model behind the screen. The rows are sorted again all the
 * time; the selection belongs to the student, not to the row. The list outlives the screen, so that a teacher who comes
 * back from a student finds it unchanged.
 */
import type { Observer } from "../../auth/teaching.ts";
import {
  byNeed,
  bySameError,
  countErrors,
  errorKey,
  finder,
  needOf,
  type StudentStatus,
} from "../../classroom/need.ts";
import { visibleTo, type LiveClassState } from "../../classroom/live-class.ts";

/** The students of one teacher's class view, sorted, with a selection. */
export class ClassList {
  #rows: readonly StudentStatus[] = [];
  #all: readonly StudentStatus[] = [];
  #filter = "";
  #selected: string | undefined;
  #viewer = "";
  /** The index of the selected row: when the student disappears, whoever is there now is selected. */
  #index = 0;
  /** Whether students who are not logged in are listed too. */
  offline = false;
  /** Whether students with the same error are listed together. */
  #grouped = false;
  #errors: ReadonlyMap<string, number> = new Map();
  /** Whether the rows are up to date; false while the database can't be reached. */
  fresh = true;
  /** When the rows were read, in milliseconds since the epoch; undefined before the first time. */
  at: number | undefined;

  /** The rows as shown: filtered and sorted. */
  get rows(): readonly StudentStatus[] {
    return this.#rows;
  }

  /** All students of this teacher who are listed, whatever the filter. */
  get all(): readonly StudentStatus[] {
    return this.#all;
  }

  /** The text by which the students are filtered; empty for everybody. */
  get filter(): string {
    return this.#filter;
  }

  /** Whether students with the same error are listed together. */
  get grouped(): boolean {
    return this.#grouped;
  }

  /** How many of the shown students have this student's error; 0 for a student without one. */
  alike(student: StudentStatus | undefined): number {
    const key = student && errorKey(student);
    return key === undefined ? 0 : (this.#errors.get(key) ?? 0);
  }

  /** Lists students with the same error together, or sorts by need again. */
  toggleGroups(): void {
    this.#grouped = !this.#grouped;
    this.#arrange();
  }

  /** The index of the selected row. */
  get index(): number {
    return this.#index;
  }

  /** The selected student; undefined when no row is shown. */
  get selected(): StudentStatus | undefined {
    return this.#rows[this.#index];
  }

  /** Takes what was read about the class. */
  update(state: LiveClassState, viewer: Observer): void {
    this.#viewer = viewer.username;
    this.fresh = state.fresh;
    this.at = state.at;
    // Offline students may still arrive once after they were switched off.
    this.#all = visibleTo(viewer, state.students).filter(
      ({ state: doing, hand }) => this.offline || doing !== "offline" || hand !== undefined,
    );
    this.#arrange();
  }

  /** Shows only the students that `filter` matches. */
  setFilter(filter: string): void {
    this.#filter = filter.trim();
    this.#arrange();
  }

  /** The selected student, for an action. From now on the selection stays with this student, wherever the row moves. */
  choose(): StudentStatus | undefined {
    this.#selected = this.selected?.username;
    return this.selected;
  }

  /** Selects the row at an index; beyond the ends, the first or last one. */
  select(index: number): void {
    this.#index = Math.max(0, Math.min(index, this.#rows.length - 1));
    this.#selected = this.#rows[this.#index]?.username;
  }

  /**
   * Selects the next (1) or previous (-1) student who needs help, continuing at the other end; false when nobody does.
   */
  step(direction: 1 | -1, now: number): boolean {
    const count = this.#rows.length;
    for (let distance = 1; distance <= count; distance++) {
      const index = (((this.#index + direction * distance) % count) + count) % count;
      const student = this.#rows[index];
      if (!student || needOf(student, now) === "none" || this.#isAnothers(student)) continue;
      this.select(index);
      return true;
    }
    return false;
  }

  /** Whether another teacher is going there already. */
  #isAnothers({ hand }: StudentStatus): boolean {
    return hand?.claimedBy !== undefined && hand.claimedBy.username !== this.#viewer;
  }

  /** Sorts by need, as of now: waiting makes a student more urgent. */
  #arrange(): void {
    const sections = new Set(this.#all.flatMap(({ section }) => (section === undefined ? [] : [section])));
    const seen = this.#filter === "" ? this.#all : this.#all.filter(finder(this.#filter, sections));
    this.#errors = countErrors(seen);
    this.#rows = this.#grouped ? bySameError(seen, this.at ?? 0, this.#errors) : byNeed(seen, this.at ?? 0);
    const found = this.#rows.findIndex(({ username }) => username === this.#selected);
    this.#index = found >= 0 ? found : Math.max(0, Math.min(this.#index, this.#rows.length - 1));
    // A row that nobody has chosen does not keep the selection: the top row stays selected until somebody chooses.
    if (found < 0 && this.#selected !== undefined) this.#selected = this.#rows[this.#index]?.username;
  }
}

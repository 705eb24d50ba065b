/**
 * What the class view shows and which student is selected: the model behind the screen. Rows sort themselves anew all the time; the
 * selection belongs to the person, not to the row. It outlives the screen, so that whoever comes back from a student finds it again.
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

export class ClassList {
  #rows: readonly StudentStatus[] = [];
  #all: readonly StudentStatus[] = [];
  #filter = "";
  #selected: string | undefined;
  #viewer = "";
  /** Where the selected row was: when the person is gone, whoever is there now is next. */
  #index = 0;
  offline = false;
  /** Students with the same error stand together. */
  #grouped = false;
  #errors: ReadonlyMap<string, number> = new Map();
  fresh = true;
  /** When the rows were true, in milliseconds since the epoch; undefined before anything was read. */
  at: number | undefined;

  get rows(): readonly StudentStatus[] {
    return this.#rows;
  }

  /** Everybody whom the viewer teaches and who is here, whatever the filter. */
  get all(): readonly StudentStatus[] {
    return this.#all;
  }

  get filter(): string {
    return this.#filter;
  }

  get grouped(): boolean {
    return this.#grouped;
  }

  /** How many of those who are shown have this student's error; 0 for who has none. */
  alike(student: StudentStatus | undefined): number {
    const key = student && errorKey(student);
    return key === undefined ? 0 : (this.#errors.get(key) ?? 0);
  }

  toggleGroups(): void {
    this.#grouped = !this.#grouped;
    this.#arrange();
  }

  get index(): number {
    return this.#index;
  }

  get selected(): StudentStatus | undefined {
    return this.#rows[this.#index];
  }

  /** New facts about the class. */
  update(state: LiveClassState, viewer: Observer): void {
    this.#viewer = viewer.username;
    this.fresh = state.fresh;
    this.at = state.at;
    // While the offline rows were just switched off they may still come once.
    this.#all = visibleTo(viewer, state.students).filter(
      ({ state: doing, hand }) => this.offline || doing !== "offline" || hand !== undefined,
    );
    this.#arrange();
  }

  setFilter(filter: string): void {
    this.#filter = filter.trim();
    this.#arrange();
  }

  /** The selected one, about whom something is done now: that person stays selected, wherever they are sorted to. */
  choose(): StudentStatus | undefined {
    this.#selected = this.selected?.username;
    return this.selected;
  }

  select(index: number): void {
    this.#index = Math.max(0, Math.min(index, this.#rows.length - 1));
    this.#selected = this.#rows[this.#index]?.username;
  }

  /** Goes to the next (1) or previous (-1) one who needs help, around the end; false when nobody does. */
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

  /** Somebody else goes there already. */
  #isAnothers({ hand }: StudentStatus): boolean {
    return hand?.claimedBy !== undefined && hand.claimedBy.username !== this.#viewer;
  }

  /** Sorts by need, as of now: waiting makes more urgent. */
  #arrange(): void {
    const sections = new Set(this.#all.flatMap(({ section }) => (section === undefined ? [] : [section])));
    const seen = this.#filter === "" ? this.#all : this.#all.filter(finder(this.#filter, sections));
    this.#errors = countErrors(seen);
    this.#rows = this.#grouped ? bySameError(seen, this.at ?? 0, this.#errors) : byNeed(seen, this.at ?? 0);
    const found = this.#rows.findIndex(({ username }) => username === this.#selected);
    this.#index = found >= 0 ? found : Math.max(0, Math.min(this.#index, this.#rows.length - 1));
    // The first one who appears is not anybody's choice: the top stays selected until somebody chooses.
    if (found < 0 && this.#selected !== undefined) this.#selected = this.#rows[this.#index]?.username;
  }
}

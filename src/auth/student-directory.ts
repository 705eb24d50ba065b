/**
 * Who is whose student, for parts that ask at every file operation: kept for a second, so that such an operation costs
 * no query, and no longer, so that a change of section takes effect at once. While the database is away the last known
 * answer holds.
 */
import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import type { Account } from "./account.ts";
import type { Accounts } from "./accounts.ts";
import { teaches } from "./teaching.ts";

/** How long an answer is used. */
const freshMs = 1000;
/**
 * How long a query is waited for; then the last known answer holds, so that a slow database keeps nobody from their
 * files.
 */
const patienceMs = 500;

/** The students of everybody, cached. */
export class StudentDirectory {
  readonly #accounts: Pick<Accounts, "list">;
  readonly #clock: Clock;
  #known: ReadonlyMap<string, Account> | undefined;
  #at = 0;
  #asking: Promise<void> | undefined;

  constructor({ accounts, clock }: { readonly accounts: Pick<Accounts, "list">; readonly clock: Clock }) {
    this.#accounts = accounts;
    this.#clock = clock;
  }

  /**
   * Reads the students again, once for all who ask meanwhile. Rejects with `database-unavailable` only if nothing is
   * known yet.
   */
  async refresh(): Promise<void> {
    if (this.#known && this.#clock.monotonic() - this.#at < freshMs) return;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    if (!this.#known) return await this.#asking;
    let stop: Disposable | undefined;
    const late = new Promise<void>((resolve) => (stop = this.#clock.after(patienceMs, resolve)));
    await Promise.race([this.#asking, late]);
    stop?.[Symbol.dispose]();
  }

  /** The student of this name, if the person teaches them. */
  find(person: Pick<Account, "username" | "role">, username: string): Account | undefined {
    const student = this.#known?.get(username);
    return student && this.#isStudentOf(person, student) ? student : undefined;
  }

  /** All students whom the person teaches. */
  list(person: Pick<Account, "username" | "role">): readonly Account[] {
    return [...(this.#known?.values() ?? [])].filter((student) => this.#isStudentOf(person, student));
  }

  /**
   * Whether the person teaches a student. For assistants `teaches` is true of more roles than students, whose files
   * alone are open.
   */
  #isStudentOf({ username, role }: Pick<Account, "username" | "role">, student: Account): boolean {
    if (student.role !== "student") return false;
    return teaches({ username, role, sections: this.#known?.get(username)?.sections ?? [] }, student);
  }

  async #ask(): Promise<void> {
    const at = this.#clock.monotonic();
    try {
      this.#known = new Map((await this.#accounts.list()).map((account) => [account.username, account]));
      this.#at = at;
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "database-unavailable" || !this.#known) throw error;
    }
  }
}

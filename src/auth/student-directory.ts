/**
 * Who is whose student, for those parts that ask at every file: kept for a moment, so that a file operation costs no query of its own,
 * and no longer, so that a change of section holds at once. While the database is away what was known last goes on.
 */
import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import type { Account } from "./account.ts";
import type { Accounts } from "./accounts.ts";
import { teaches } from "./teaching.ts";

/** Milliseconds for which an answer is good. */
const freshMs = 1000;
/** A database that answers later than this, in milliseconds, keeps nobody from the files: what was known last holds. */
const patience = 500;

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

  /** One query for all who ask meanwhile. Rejects with `database-unavailable` only where nothing is known yet. */
  async refresh(): Promise<void> {
    if (this.#known && this.#clock.monotonic() - this.#at < freshMs) return;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    if (!this.#known) return await this.#asking;
    let stop: Disposable | undefined;
    const late = new Promise<void>((resolve) => (stop = this.#clock.after(patience, resolve)));
    await Promise.race([this.#asking, late]);
    stop?.[Symbol.dispose]();
  }

  /** The student of this name, if the person teaches one. */
  find(person: Pick<Account, "username" | "role">, username: string): Account | undefined {
    const student = this.#known?.get(username);
    return student && this.#isStudentOf(person, student) ? student : undefined;
  }

  /** All students whom the person teaches. */
  list(person: Pick<Account, "username" | "role">): readonly Account[] {
    return [...(this.#known?.values() ?? [])].filter((student) => this.#isStudentOf(person, student));
  }

  /** Assistants have more roles below them than students; whose files lie open are students only. */
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

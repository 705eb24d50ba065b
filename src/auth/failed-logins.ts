/**
 * Failed logins for the audit trail. Strangers decide how many there are, and every entry stays for a year: a flood of them is
 * counted, so that nobody fills the database by guessing.
 */
import type { Clock } from "../base/clock.ts";
import type { Audit, AuditEntry } from "./audit.ts";

/** Entries a minute of one process: more than a class that all mistype their passwords makes. */
const maxAMinute = 120;
const minute = 60_000;

export class FailedLogins implements Disposable {
  readonly #audit: Pick<Audit, "record">;
  readonly #clock: Clock;
  #written = 0;
  #counted = 0;
  /** Runs while the minute does. */
  #timer: Disposable | undefined;

  constructor(audit: Pick<Audit, "record">, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
  }

  record(entry: AuditEntry): void {
    this.#timer ??= this.#clock.after(minute, () => this.#end());
    if (this.#written >= maxAMinute) {
      this.#counted += 1;
      return;
    }
    this.#written += 1;
    void this.#audit.record(entry);
  }

  /** Those that were only counted are written at once. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#end();
  }

  #end(): void {
    const counted = this.#counted;
    this.#timer = undefined;
    this.#written = 0;
    this.#counted = 0;
    if (counted > 0)
      void this.#audit.record({ actor: "system", action: "login.flood", result: "failed", detail: { more: counted } });
  }
}

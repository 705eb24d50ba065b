/**
 * Failed logins in the audit trail. Strangers decide how many there are, and every entry stays for a year: beyond a
 * rate they are only counted, so that nobody fills the database by guessing.
 */
import type { Clock } from "../base/clock.ts";
import type { Audit, AuditEntry } from "./audit.ts";

/** Entries a minute of one process: more than a whole class that mistypes its passwords. */
const maxAMinute = 120;
const minuteMs = 60_000;

/** Failed logins of this process. */
export class FailedLogins implements Disposable {
  readonly #audit: Pick<Audit, "record">;
  readonly #clock: Clock;
  #written = 0;
  #counted = 0;
  /** Runs until the minute is over. */
  #timer: Disposable | undefined;

  constructor(audit: Pick<Audit, "record">, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Records a failure, or counts it when there were many in this minute. */
  record(entry: AuditEntry): void {
    this.#timer ??= this.#clock.after(minuteMs, () => this.#end());
    if (this.#written >= maxAMinute) {
      this.#counted += 1;
      return;
    }
    this.#written += 1;
    void this.#audit.record(entry);
  }

  /** Writes the count of those that were only counted. */
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

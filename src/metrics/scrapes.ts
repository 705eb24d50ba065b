/** Scrapes by any number of readers, at the price of one a second: whoever asks meanwhile gets the same answer. */
import type { Clock } from "../base/clock.ts";
import type { ProcessReport } from "./process-report.ts";

/** For how long reports are good. */
const freshMs = 1000;

/** The reports of all processes, collected when somebody asks. */
export class Scrapes {
  readonly #collect: () => Promise<readonly ProcessReport[]>;
  readonly #clock: Clock;
  #collecting: Promise<readonly ProcessReport[]> | undefined;
  #last: { readonly reports: readonly ProcessReport[]; readonly at: number } | undefined;

  constructor(collect: () => Promise<readonly ProcessReport[]>, clock: Clock) {
    this.#collect = collect;
    this.#clock = clock;
  }

  /** The reports, at most a second old. */
  async reports(): Promise<readonly ProcessReport[]> {
    if (this.#last && this.#clock.monotonic() - this.#last.at < freshMs) return this.#last.reports;
    this.#collecting ??= this.#renew().finally(() => (this.#collecting = undefined));
    return await this.#collecting;
  }

  async #renew(): Promise<readonly ProcessReport[]> {
    const reports = await this.#collect();
    this.#last = { reports, at: this.#clock.monotonic() };
    return reports;
  }
}

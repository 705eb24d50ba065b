/** Random early drop of connections that have not logged in, like OpenSSH's MaxStartups `start:rate:full`. */

export interface StartupLimits {
  /** Up to this many are all accepted. */
  readonly start: number;
  /** From then on this many per cent are refused, rising evenly to all of them at `full`. */
  readonly ratePercent: number;
  readonly full: number;
}

/** Whether one more connection is refused when `waiting` others have not logged in. `chance` is in [0, 1). */
export function refuseStartup(limits: StartupLimits, waiting: number, chance: number): boolean {
  if (waiting < limits.start) return false;
  if (waiting >= limits.full) return true;
  const rise = (waiting - limits.start) / (limits.full - limits.start);
  const percent = limits.ratePercent + (100 - limits.ratePercent) * rise;
  return chance * 100 < percent;
}

/** Where a program of the corpus ends otherwise than under a bare python3, and why that is so. */
import type { End, Way } from "./corpus-runs.ts";

export interface KnownDifference {
  /** KIND/NAME. */
  readonly program: string;
  /** Both ways by default. */
  readonly way?: Way;
  readonly why: string;
  /** What is there instead of python3's. */
  readonly instead: (theirs: End) => Partial<End>;
}

export const differences: readonly KnownDifference[] = [];

/** When a torture is over. */

export interface Length {
  /** It lasts at least so long, */
  readonly seconds: number;
  /** and longer on a slow machine, until enough has happened to mean something, but never longer than this. Default: `seconds`. */
  readonly maxSeconds?: number;
}

/** Gives a function that says whether it is over, from now on. */
export function longEnough({ seconds, maxSeconds = seconds }: Length, enough: () => boolean): () => boolean {
  const began = performance.now();
  return () => {
    const passed = (performance.now() - began) / 1000;
    return passed >= maxSeconds || (passed >= seconds && enough());
  };
}

/** The few statistics that the tables need. All take numbers in any order and leave them as they are. */

/** The nearest-rank percentile: the smallest value that at least `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new Error("no values were measured");
  return value;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}


/** Fuzzy search in short labels: the letters of the query in order, anywhere. Capitals and accents don't matter. */
import { folded } from "../../base/fold.ts";

/**
 * How well `query` matches a label; higher is better, undefined means no match. An empty query matches everything
 * equally.
 */
export function fuzzyScore(query: string, label: string): number | undefined {
  const wanted = folded(query).replace(/\s+/g, "");
  const letters = folded(label);
  if (wanted === "") return 0;
  const direct = letters.indexOf(folded(query.trim()));
  if (direct >= 0) return 1000 - direct - letters.length / 100 + (startsWord(letters, direct) ? 500 : 0);
  let score = 0;
  let from = 0;
  let previous = -2;
  for (const letter of wanted) {
    const at = letters.indexOf(letter, from);
    if (at < 0) return undefined;
    score += at === previous + 1 ? 6 : startsWord(letters, at) ? 8 : 0;
    score -= Math.min(at - from, 10) / 10;
    previous = at;
    from = at + letter.length;
  }
  return score - letters.length / 100;
}

function startsWord(text: string, index: number): boolean {
  return index === 0 || !/[\p{L}\p{N}]/u.test(text[index - 1] ?? "");
}

/** The matching items, best first; equal ones keep their order. */
export function fuzzyFilter<T>(query: string, items: readonly T[], label: (item: T) => string): T[] {
  const scored = items.flatMap((item) => {
    const score = fuzzyScore(query, label(item));
    return score === undefined ? [] : [{ item, score }];
  });
  return scored.sort((a, b) => b.score - a.score).map(({ item }) => item);
}

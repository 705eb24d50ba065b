/** A number with its noun. */

/**
 * "1 second", "3 seconds"; `plural` for nouns that take no s: `counted(2, "person", "people")`. Thousands have a comma:
 * "50,000 files".
 */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;
}

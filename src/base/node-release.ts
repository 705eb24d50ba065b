/** Which releases of Node.js still get security fixes. bin/common.bash names the ones that classh looks for. */

/** The day on which fixes end, by major version: https://github.com/nodejs/release#release-schedule */
const endOfLife: Readonly<Record<number, string>> = { 20: "2026-04-30", 22: "2027-04-30", 24: "2028-04-30" };

/** Version to suggest instead. */
const recommended = 24;

/**
 * One sentence when this release of Node.js no longer gets security fixes at `now`, in milliseconds since 1970;
 * otherwise undefined. Says nothing about releases newer than those that classh is tested with.
 */
export function outOfSupport(version: string, now: number): string | undefined {
  const major = Number.parseInt(version, 10);
  const end = endOfLife[major];
  const isShortLived = major % 2 === 1;
  if (end !== undefined && now <= Date.parse(`${end}T23:59:59Z`)) return undefined;
  if (end === undefined && major > recommended && !isShortLived) return undefined;
  const since = end === undefined ? "" : ` (support ended on ${end})`;
  return `Node.js ${version} no longer gets security fixes${since}: install Node.js ${recommended}, and bin/start will use it`;
}

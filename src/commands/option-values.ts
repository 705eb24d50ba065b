/** Values of options: numbers, and times such as "2h" ago. */
import { UserError } from "../base/errors.ts";
import type { Input } from "./command.ts";

/** A whole number within bounds; `otherwise` when the option is not given. Throws `usage`. */
export function wholeNumber(
  input: Input,
  option: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  const text = input.text(option);
  if (text === undefined) return otherwise;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UserError(
    "usage",
    `--${option} ${shown(text)} is not a whole number from ${least} to ${most}`,
    `For example --${option} ${otherwise}.`,
  );
}

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const ago = /^(\d{1,6})([smhdw])$/;
/** A day or a time; without a time zone it is in the server's, as tables show it. */
const moment = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * The time in an option: "2h" or "7d" before `now` (milliseconds since the epoch), or ISO 8601; undefined when it is
 * not given. Throws `usage`.
 */
export function momentOf(input: Input, option: string, now: number): Date | undefined {
  const text = input.text(option);
  if (text === undefined) return undefined;
  const [, count, unit] = ago.exec(text) ?? [];
  if (count !== undefined) return new Date(now - Number(count) * units[unit as keyof typeof units]);
  // Of a day alone, ECMAScript would take the beginning in UTC.
  const full = text.length <= 10 ? `${text}T00:00` : text.replace(" ", "T");
  const at = moment.test(text) ? new Date(full) : new Date(Number.NaN);
  if (!Number.isNaN(at.getTime())) return at;
  throw new UserError(
    "usage",
    `--${option} ${shown(text)} is not a time`,
    "Write how long ago, as 30m, 2h, 7d or 4w, or a date: 2026-09-01, 2026-09-01T10:00.",
  );
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}

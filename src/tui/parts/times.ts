/** Times of day in text. */
import type { Clock } from "../../base/clock.ts";

/** A time in milliseconds since the epoch as "10:41", in the server's time zone. */
export function timeOfDay(ms: number): string {
  const date = new Date(ms);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/** The time now as "10:41", in the server's time zone. */
export function clockText(clock: Clock): string {
  return timeOfDay(clock.now());
}

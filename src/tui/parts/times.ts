/** Times of day in text. */
import type { Clock } from "../../base/clock.ts";
import { timeOfDay } from "../../base/time-text.ts";

/** The time now as "10:41", in the server's time zone. */
export function clockText(clock: Clock): string {
  return timeOfDay(clock.now());
}

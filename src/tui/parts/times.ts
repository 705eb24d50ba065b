/** Times of day as people read them. */
import type { Clock } from "../../base/clock.ts";

/** "10:41" in the server's time zone. */
export function timeOfDay(ms: number): string {
  const date = new Date(ms);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

export function clockText(clock: Clock): string {
  return timeOfDay(clock.now());
}

/**
 * Times of assignments as teachers write them: "2026-09-08 23:59" on the clocks of a time zone, or with an offset of its own. A time that the
 * clocks leave out in spring is refused; one that they show twice in autumn is the later one for a deadline, the earlier for a beginning.
 */
import { Temporal } from "temporal-polyfill";

/** Which of two moments is meant where the clocks show a time twice. */
export type Twice = "earlier" | "later";

const written = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?(Z|[+-]\d\d:?\d\d)?$/;

/** The moment of a time; a text that says what is wrong with it otherwise. A day alone ends at its last minute for `later`. */
export function momentOfText(text: string, timeZone: string, twice: Twice): Date | string {
  const [, day, time = twice === "later" ? "23:59" : "00:00", offset] = written.exec(text.trim()) ?? [];
  if (day === undefined) return "write it as 2026-09-08 23:59";
  try {
    if (offset !== undefined) return new Date(Temporal.Instant.from(`${day}T${time}${offset}`).epochMilliseconds);
    const clock = Temporal.PlainDateTime.from(`${day}T${time}`, { overflow: "reject" });
    const moment = clock.toZonedDateTime(timeZone, { disambiguation: twice });
    if (!moment.toPlainDateTime().equals(clock))
      return `there is no ${time} on that day in ${timeZone}: the clocks go forward`;
    return new Date(moment.epochMilliseconds);
  } catch (error) {
    if (error instanceof RangeError) return "there is no such time";
    throw error;
  }
}

/** A moment on the clocks of a time zone: "Tue 2026-09-08 23:59 (Europe/Berlin)". */
export function momentText(at: Date, timeZone: string): string {
  const moment = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
  const day = weekdays[moment.dayOfWeek - 1] ?? "";
  const time = moment.toPlainDateTime().toString({ smallestUnit: "minute" }).replace("T", " ");
  return `${day} ${time} (${timeZone})`;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** The time zone of a course: the setting, or the machine's. */
export function courseTimeZone(setting: string): string {
  return setting === "" ? Temporal.Now.timeZoneId() : setting;
}

/** Whether a text names a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return /^[A-Za-z]/.test(name);
  } catch {
    return false; // RangeError
  }
}

/** Times in text, in the server's time zone (the setting `timeZone`). What machines read is ISO 8601 in UTC instead. */

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

/** A time, a number in milliseconds since the epoch, as "10:41". */
export function timeOfDay(time: Date | number): string {
  const at = new Date(time);
  return `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
}

/** A time as "2026-11-30". */
export function dayText(at: Date): string {
  return `${String(at.getFullYear()).padStart(4, "0")}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;
}

/** A time as "2026-11-30 10:41". */
export function minuteText(at: Date): string {
  return `${dayText(at)} ${timeOfDay(at)}`;
}

/** A time as "2026-11-30T10:41:07+01:00", with Z where that is UTC (ISO 8601). */
export function timeText(at: Date): string {
  // In minutes, and positive west of Greenwich.
  const offset = -at.getTimezoneOffset();
  const ahead = Math.abs(offset);
  const zone =
    offset === 0 ? "Z" : `${offset < 0 ? "-" : "+"}${twoDigits(Math.floor(ahead / 60))}:${twoDigits(ahead % 60)}`;
  return `${dayText(at)}T${timeOfDay(at)}:${twoDigits(at.getSeconds())}${zone}`;
}

import assert from "node:assert/strict";
import { dayText, minuteText, timeOfDay, timeText } from "../../src/base/time-text.ts";

describe("a time in text", () => {
  const machine = process.env.TZ;
  afterEach(() => {
    if (machine === undefined) delete process.env.TZ;
    else process.env.TZ = machine;
  });

  const newYear = new Date("2026-12-31T23:30:05.900Z");
  const summer = new Date("2026-07-01T12:00:00Z");
  for (const [zone, inWinter, inSummer] of [
    ["UTC", "2026-12-31T23:30:05Z", "2026-07-01T12:00:00Z"],
    ["Europe/Berlin", "2027-01-01T00:30:05+01:00", "2026-07-01T14:00:00+02:00"],
    ["Asia/Kathmandu", "2027-01-01T05:15:05+05:45", "2026-07-01T17:45:00+05:45"],
    ["America/St_Johns", "2026-12-31T20:00:05-03:30", "2026-07-01T09:30:00-02:30"],
  ] as const) {
    it(`is that of the time zone ${zone}`, () => {
      process.env.TZ = zone;
      assert.deepEqual([timeText(newYear), timeText(summer)], [inWinter, inSummer]);
      assert.equal(new Date(timeText(newYear)).getTime(), Math.floor(newYear.getTime() / 1000) * 1000);
      assert.equal(minuteText(newYear), `${dayText(newYear)} ${timeOfDay(newYear.getTime())}`);
      assert.equal(`${dayText(newYear)}T${timeOfDay(newYear)}`, inWinter.slice(0, 16));
    });
  }
});

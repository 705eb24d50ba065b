import assert from "node:assert/strict";
import { momentOf } from "../../src/commands/option-values.ts";
import type { Input } from "../../src/commands/command.ts";

describe("a time in an option", () => {
  const machine = process.env.TZ;
  afterEach(() => {
    if (machine === undefined) delete process.env.TZ;
    else process.env.TZ = machine;
  });

  const now = Date.parse("2026-11-30T12:00:00Z");
  const read = (text: string): string | undefined =>
    momentOf({ text: () => text } as unknown as Input, "since", now)?.toISOString();

  it("without a time zone is in the server's, as tables show it", () => {
    for (const [zone, day, minute] of [
      ["UTC", "2026-07-01T00:00:00.000Z", "2026-07-01T10:41:00.000Z"],
      ["Europe/Berlin", "2026-06-30T22:00:00.000Z", "2026-07-01T08:41:00.000Z"],
      ["America/St_Johns", "2026-07-01T02:30:00.000Z", "2026-07-01T13:11:00.000Z"],
    ] as const) {
      process.env.TZ = zone;
      assert.equal(read("2026-07-01"), day);
      assert.equal(read("2026-07-01 10:41"), minute);
      assert.equal(read("2026-07-01T10:41:00"), minute);
      assert.equal(read("2026-07-01T10:41Z"), "2026-07-01T10:41:00.000Z");
      assert.equal(read("2026-07-01T10:41+02:00"), "2026-07-01T08:41:00.000Z");
      assert.equal(read("2h"), "2026-11-30T10:00:00.000Z");
    }
  });

  it("is refused where it is none", () => {
    for (const text of ["yesterday", "2026-13-01", "10:41", "-2h", ""])
      assert.throws(() => read(text), /is not a time/);
  });
});

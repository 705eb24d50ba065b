/** The time zone that programs see is the setting's, as python3 sees the one in TZ. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Lab } from "./support.ts";

const program = `
import datetime, subprocess, time, zoneinfo
for month in (1, 7):
    then = datetime.datetime(2026, month, 1, 12, tzinfo=datetime.timezone.utc)
    print(then.astimezone().isoformat(), then.astimezone().tzname(), time.localtime(then.timestamp()).tm_gmtoff)
    print(subprocess.run(["date", "-d", f"@{then.timestamp():.0f}", "+%c %z"], capture_output=True, text=True).stdout, end="")
print(time.tzname, time.timezone, time.daylight)
with open("/etc/localtime", "rb") as file:
    print(zoneinfo.ZoneInfo.from_file(file).utcoffset(datetime.datetime(2026, 7, 1)))
`;

describe("the time zone of programs", () => {
  for (const zone of ["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "UTC"]) {
    it(`is ${zone} where that is set`, async () => {
      await using lab = await Lab.open({ timeZone: zone });
      await writeFile(join(lab.place.workspaceDirectory, "zone.py"), program);
      const file = join("/usr/share/zoneinfo", zone);
      const { stdout } = await promisify(execFile)(
        "/usr/bin/python3",
        ["-c", program.replace("/etc/localtime", file)],
        {
          env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8", TZ: zone },
        },
      );
      assert.equal((await lab.run("zone.py")).stdout, stdout);
    });
  }

  it("is the machine's where none is set", async () => {
    await using lab = await Lab.open();
    await writeFile(join(lab.place.workspaceDirectory, "zone.py"), program);
    const { stdout } = await promisify(execFile)("/usr/bin/python3", ["-c", program], {
      env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" },
    });
    assert.equal((await lab.run("zone.py")).stdout, stdout);
  });

  it("is the machine's, and the probe says why, where the machine does not have the one that is set", async () => {
    await using lab = await Lab.open({ timeZone: "Nowhere/Land" });
    assert.match(lab.runner.jail.notes.join(" "), /not Nowhere\/Land: .*tzdata/);
  });
});

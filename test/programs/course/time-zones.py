import datetime
import time
import zoneinfo

then = datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.timezone.utc)
for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"):
    there = then.astimezone(zoneinfo.ZoneInfo(name))
    print(name, there, there.tzname(), there.utcoffset(), there.dst())
print(then.astimezone(), time.timezone, time.daylight, len(zoneinfo.available_timezones()) > 100)
zoneinfo.ZoneInfo("Nowhere/Land")

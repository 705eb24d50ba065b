import calendar
import datetime
import time

day = datetime.date(2026, 2, 28)
print(day + datetime.timedelta(days=1), day.strftime("%A %d %B %Y, week %W"), day.isocalendar()[:3], day.weekday())
print(datetime.datetime.strptime("3.4.2025 17:05", "%d.%m.%Y %H:%M"), datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc).isoformat())
print((datetime.date(2026, 12, 24) - day).days, datetime.time(9, 5).isoformat(), datetime.timedelta(hours=49.5))
print(calendar.month(2026, 11), calendar.isleap(2100), time.strftime("%Y-%m-%d", time.gmtime(0)), time.tzname, time.localtime(0).tm_hour)
print(datetime.datetime.fromtimestamp(1_800_000_000), datetime.datetime.fromtimestamp(1_800_000_000).astimezone().tzinfo, repr(time.strptime("2026", "%Y")))
datetime.date(2026, 2, 30)

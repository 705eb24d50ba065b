import time

begin = time.monotonic()
time.sleep(0.02)
print(0.01 < time.monotonic() - begin < 60, time.perf_counter_ns() > 0, time.process_time() >= 0, time.thread_time() >= 0, time.time() > 1.6e9)
print(time.get_clock_info("monotonic").monotonic, time.strftime("%z %Z", time.localtime(0)), time.ctime(0), time.asctime(time.gmtime(86400)))
time.clock_settime(time.CLOCK_REALTIME, 0)

import os
import platform
import sys
import sysconfig

print(platform.system(), platform.machine(), platform.python_implementation(), platform.python_version(), platform.release() == os.uname().release)
print(sysconfig.get_paths()["stdlib"], sys.implementation.name, os.name, os.sep, os.linesep.encode(), os.cpu_count() == len(os.sched_getaffinity(0)))

import os

print(os.system("echo from the shell; exit 4") >> 8, os.popen("echo popen").read(), end="")
print(os.spawnlp(os.P_WAIT, "sh", "sh", "-c", "exit 5"), os.getpid() != os.getppid())
print(os.waitstatus_to_exitcode(os.system("kill -9 $$")) if hasattr(os, "waitstatus_to_exitcode") else -9)

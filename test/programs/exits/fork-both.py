import os

print("once", flush=True)
pid = os.fork()
if pid:
    print("child ended with", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if hasattr(os, "waitstatus_to_exitcode") else 4)
else:
    raise SystemExit(4)

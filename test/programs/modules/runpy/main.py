import runpy
import sys

print(sorted(k for k in runpy.run_path("script.py", init_globals={"given": 1}, run_name="__main__") if not k.startswith("__")))
runpy.run_module("pack", run_name="__main__", alter_sys=True)
print(sys.argv[0].rpartition("/")[2], __name__)

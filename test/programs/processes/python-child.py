import os
import subprocess
import sys

code = "import sys, os; print(sys.argv, sys.flags.no_site, sys.path[0] == '', os.getcwd() == os.environ['PWD'], sys.stdin.isatty(), sys.stdout.isatty()); raise ValueError('in the child')"
done = subprocess.run([sys.executable, "-c", code, "one"])
print(done.returncode, sys.executable, subprocess.run([sys.executable, "-m", "json.tool"], input='{"a":1}', text=True, capture_output=True).stdout)
print(sorted(name for name in os.environ if name not in ("_", "TZ", "OLDPWD", "SHLVL")))

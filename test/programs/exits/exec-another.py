import os
import sys

print("before", flush=True)
os.execv(sys.executable, ["python3", "-c", "import sys; print('another', sys.argv); sys.exit(6)"])

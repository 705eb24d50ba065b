import subprocess
import sys

done = subprocess.run([sys.executable, "-m", "venv", "--without-pip", "env"])
print(done.returncode, subprocess.run(["env/bin/python", "-c", "import sys; print(sys.prefix != sys.base_prefix)"], capture_output=True, text=True).stdout)
import shutil

shutil.rmtree("env")

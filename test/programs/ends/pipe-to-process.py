import subprocess
p = subprocess.Popen(["sh", "-c", "read a; echo $a > out"], stdin=subprocess.PIPE, text=True)
p.stdin.write("x\n")
import atexit, time

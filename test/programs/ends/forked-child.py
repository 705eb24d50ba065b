import os
f = open("out", "w")
if os.fork() == 0:
    f.write("child")
else:
    os.wait()
    f.write("parent")

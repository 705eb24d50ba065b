import os
f = os.fdopen(os.open("out", os.O_CREAT | os.O_WRONLY), "w")
f.write("x")

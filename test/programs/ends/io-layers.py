import io
f = io.TextIOWrapper(io.BufferedWriter(io.FileIO("out", "w")), newline="\r\n")
f.write("x\n")

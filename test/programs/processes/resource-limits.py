import resource

print(resource.getrlimit(resource.RLIMIT_CORE)[0] <= 0 or "cores", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0)
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
try:
    files = [open("main.py") for _ in range(30)]
except OSError as error:
    print(error.strerror)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
with open("too-big", "w") as file:
    file.write("x" * 1000)

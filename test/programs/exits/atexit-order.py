import atexit


@atexit.register
def goodbye():
    print("goodbye")


atexit.register(print, "registered later, called first")
atexit.unregister(goodbye)
atexit.register(goodbye)
print("main")
raise SystemExit(2)

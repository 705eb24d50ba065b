# Prints what a program sees of accounts: its own, its files', and whether it can reopen its terminal and end the jail's first process.
import errno, json, os, signal


def attempt(action):
    try:
        action()
        return "done"
    except OSError as error:
        return errno.errorcode[error.errno]


with open("/home/ada/made-here.txt", "w") as file:
    file.write("x")
os.makedirs("/home/ada/made/folder", exist_ok=True)
os.chmod("/home/ada/made-here.txt", 0o600)
print(json.dumps({
    "ids": [os.getuid(), os.geteuid(), os.getgid(), os.getgroups()],
    "home": os.stat("/home/ada").st_uid,
    "old file": os.stat("/home/ada/hello.py").st_uid,
    "new file": os.stat("/home/ada/made-here.txt").st_uid,
    "open terminal": attempt(lambda: open("/dev/stdin").close()) if os.isatty(0) else "done",
    "own descriptors": attempt(lambda: os.listdir("/proc/self/fd")),
    "become the server's account": attempt(lambda: os.setuid(0)),
    "end process 1": attempt(lambda: os.kill(1, signal.SIGKILL)),
    "give a file away": attempt(lambda: os.chown("/home/ada/made-here.txt", 0, -1)),
}))

# Tries system calls that a jail must not have. Prints NAME: RESULT in JSON; for each number of the first argument also its error.
import ctypes, errno, fcntl, json, os, platform, resource, signal, socket, struct, sys

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
arm = platform.machine() == "aarch64"
results = {}


def attack(name):
    def run(function):
        try:
            results[name] = f"done: {function()!r}"
        except OSError as error:
            results[name] = f"refused: {errno.errorcode.get(error.errno, error.errno)}"
        except Exception as error:
            results[name] = f"broken: {error!r}"
    return run


def syscall(x86, arm64, *arguments):
    value = libc.syscall(ctypes.c_long(arm64 if arm else x86), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if value < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return value


hidden = os.open("/home/ada/hidden.bin", os.O_RDWR | os.O_CREAT)
other = os.open("/home/ada/other.bin", os.O_RDWR | os.O_CREAT)
os.write(other, b"x" * 65536)
space = struct.pack("hhxxxxqqiI4i", 0, 0, 0, 1 << 20, 0, 0, 0, 0, 0, 0)  # struct space_resv of linux/falloc.h

for name, request in {"RESVSP": 0x40305828, "UNRESVSP": 0x40305829, "RESVSP64": 0x4030582A, "UNRESVSP64": 0x4030582B, "ZERO_RANGE": 0x40305839}.items():
    @attack(f"ioctl {name}")
    def _():
        fcntl.ioctl(hidden, request, space)

    @attack(f"ioctl {name}, high bits set")
    def _():
        syscall(16, 29, hidden, (1 << 32) | request, space)

@attack("blocks")
def _():
    return os.fstat(hidden).st_blocks

for name, request, argument in [
    ("FICLONE", 0x40049409, other), ("FICLONERANGE", 0x4020940D, struct.pack("qQQQ", other, 0, 4096, 0)),
    ("FIDEDUPERANGE", 0xC0189436, bytes(64)), ("FS_IOC_SETFLAGS", 0x40086602, struct.pack("l", 0x40)),
    ("FS_IOC_FSSETXATTR", 0x401C5820, bytes(28)), ("FS_IOC_FIEMAP", 0xC020660B, bytes(64)), ("FIFREEZE", 0xC0045877, bytes(4)),
    ("FIOASYNC", 0x5452, struct.pack("i", 1)), ("FS_IOC_ENABLE_VERITY", 0x40806685, bytes(128)),
]:
    @attack(f"ioctl {name}")
    def _():
        fcntl.ioctl(hidden, request, argument)

for name, command, argument in [
    ("F_SETLEASE", 1024, fcntl.F_RDLCK), ("F_NOTIFY", 1026, 1), ("F_SETOWN", 8, os.getpid()), ("F_SETSIG", 10, 12), ("F_SETOWN_EX", 15, bytes(8)),
    ("F_SETPIPE_SZ", 1031, 1 << 20), ("F_ADD_SEALS", 1033, 1), ("F_SET_RW_HINT", 1036, bytes(8)),
]:
    @attack(f"fcntl {name}")
    def _():
        target = os.open("/home/ada", os.O_RDONLY) if command == 1026 else os.pipe()[0] if command == 1031 else os.open("/home/ada/other.bin", os.O_RDONLY)
        fcntl.fcntl(target, command, argument)

@attack("inotify")
def _():
    return syscall(294, 26, 0)

@attack("inotify, the old call")
def _():
    if arm:
        raise PermissionError(errno.ENOSYS, "no such call")
    return syscall(253, -1)

@attack("fanotify")
def _():
    return syscall(300, 262, 0x200, 0)

@attack("nameless file")
def _():
    return os.open("/home/ada", os.O_TMPFILE | os.O_RDWR)

@attack("nameless file by the old call")
def _():
    if arm:
        raise PermissionError(errno.ENOSYS, "no such call")
    return syscall(2, -1, b"/home/ada", os.O_TMPFILE | os.O_RDWR, 0o600)

@attack("nameless file by openat2")
def _():
    return syscall(437, 437, -100, b"/home/ada", struct.pack("QQQ", os.O_TMPFILE | os.O_RDWR, 0o600, 0), 24)

@attack("sync")
def _():
    return syscall(162, 81)

@attack("undumpable")
def _():
    syscall(157, 167, 4, 0)
    if syscall(157, 167, 3) == 1:  # PR_GET_DUMPABLE: nothing has changed
        raise PermissionError(errno.EPERM, "without any effect")

@attack("a filter of its own")
def _():
    return syscall(317, 277, 1, 8, struct.pack("HxxxxxxP", 0, 0))

@attack("a program for a socket")
def _():
    code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0xFFFF))
    socket.socketpair()[0].setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 1, ctypes.addressof(code)))

@attack("memory to compare")
def _():
    import mmap
    mmap.mmap(-1, 1 << 16).madvise(12)

@attack("locked memory")
def _():
    return syscall(151, 230, 1)

for name, flag in (("MAP_LOCKED", 0x2000), ("MAP_HUGETLB", 0x40000)):
    @attack(f"memory with {name}")
    def _():
        return syscall(9, 222, 0, 1 << 16, 3, 0x22 | flag, -1, 0)

@attack("timer")
def _():
    return syscall(222, 107, 1, 0, ctypes.create_string_buffer(8))

@attack("queued signal")
def _():
    return syscall(129, 138, os.getpid(), 0, struct.pack("iii", 0, 0, -1) + bytes(116))

@attack("splice")
def _():
    return syscall(275, 76, hidden, 0, os.pipe()[1], 0, 4096, 0)

@attack("whiteout")
def _():
    open("/home/ada/whiteout", "w").close()
    return syscall(316, 276, -100, b"/home/ada/whiteout", -100, b"/home/ada/whiteout2", 4)

@attack("child of one's parent")
def _():
    return syscall(56, 220, 0x8000 | signal.SIGCHLD, 0, 0, 0, 0)

@attack("asynchronous reading")
def _():
    return syscall(206, 0, 1000, ctypes.create_string_buffer(8))

@attack("another's limits")
def _():
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)

@attack("SCTP")
def _():
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)

for name in ("hidden.bin", "other.bin", "whiteout", "whiteout2"):
    if os.path.lexists(f"/home/ada/{name}"):
        os.unlink(f"/home/ada/{name}")

numbers = {}
for number in json.loads(sys.argv[1]):
    libc.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6)
    numbers[number] = errno.errorcode.get(ctypes.get_errno(), "none").replace("ENOTSUP", "EOPNOTSUPP")
print(json.dumps({"attacks": results, "numbers": numbers}))

# Tries to get out of the jail in every way we know, and prints what happened: one JSON object of NAME: RESULT.
# RESULT is "refused: ERROR", "done: VALUE", or "broken: ERROR" when the attack itself is wrong.
import ctypes, errno, fcntl, json, os, platform, signal, socket, struct, subprocess, sys, tempfile, termios

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
        except ValueError as error:
            results[name] = f"refused: {error}"
        except Exception as error:
            results[name] = f"broken: {error!r}"
    return run


def syscall(x86, arm64, *arguments):
    number = arm64 if arm else x86
    value = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if value < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return value


targets = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}

@attack("descriptors")
def _():
    names = os.listdir("/proc/self/fd")
    return sorted(int(n) for n in names if os.path.exists(f"/proc/self/fd/{n}"))

@attack("homes")
def _():
    return sorted(os.listdir("/home"))

@attack("root")
def _():
    return sorted(os.listdir("/"))

for path in targets.get("paths", []):
    @attack(f"read {path}")
    def _():
        return os.listdir(path) if os.path.isdir(path) else open(path).read(10)

@attack("processes")
def _():
    # Of the first one, which is bwrap, nothing is there to read.
    return [open(f"/proc/{p}/comm").read().strip() for p in os.listdir("/proc") if p.isdigit() and p != "1"]

@attack("environment of process 1")
def _():
    return open("/proc/1/environ").read()

@attack("command line of process 1")
def _():
    return open("/proc/1/cmdline").read()

@attack("own environment")
def _():
    return sorted(os.environ)

@attack("kill the broker")
def _():
    os.kill(targets["broker"], signal.SIGKILL)

@attack("network interfaces")
def _():
    return [line.split(":")[0].strip() for line in open("/proc/net/dev").read().splitlines()[2:]]

@attack("connect out")
def _():
    socket.create_connection(("1.1.1.1", 53), timeout=2)

@attack("connect to the server")
def _():
    socket.create_connection(("127.0.0.1", targets["port"]), timeout=2)

@attack("abstract socket of the host")
def _():
    socket.socket(socket.AF_UNIX).connect("\0" + targets["abstract"])

@attack("vsock")
def _():
    socket.socket(40, socket.SOCK_STREAM)

@attack("netlink")
def _():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)

@attack("raw socket")
def _():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)

@attack("kernel crypto socket")
def _():
    socket.socket(38, socket.SOCK_SEQPACKET)

for path in ("/", "/dev", "/etc", "/usr", "/home", "/classh", "/course", "/course/Lecture Notes", "/proc/sys/kernel", "/dev/pts"):
    @attack(f"write {path}")
    def _():
        with open(os.path.join(path, "intruder"), "w") as file:
            file.write("x")

@attack("core pattern")
def _():
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))

@attack("new user namespace by unshare")
def _():
    return syscall(272, 97, 0x10000000)

@attack("new user namespace by clone")
def _():
    return syscall(56, 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)

@attack("clone3")
def _():
    return syscall(435, 435, 0, 0)

@attack("setns")
def _():
    fd = os.open("/proc/self/ns/user", os.O_RDONLY)
    return syscall(308, 268, fd, 0)

@attack("keyctl")
def _():
    return syscall(250, 219, 0, -3, 0)

@attack("add_key")
def _():
    return syscall(248, 217, b"user", b"x", b"y", 1, -3)

@attack("ptrace")
def _():
    return syscall(101, 117, 16, 1, 0, 0)

@attack("process_vm_readv")
def _():
    return syscall(310, 270, 1, 0, 0, 0, 0, 0)

@attack("io_uring")
def _():
    return syscall(425, 425, 8, ctypes.create_string_buffer(256))

@attack("memfd")
def _():
    return os.memfd_create("x")

@attack("bpf")
def _():
    return syscall(321, 280, 0, ctypes.create_string_buffer(256), 256)

@attack("perf")
def _():
    return syscall(298, 241, ctypes.create_string_buffer(256), 0, -1, -1, 0)

@attack("userfaultfd")
def _():
    return syscall(323, 282, 1)

@attack("shared memory segment")
def _():
    return syscall(29, 194, 0, 4096, 0o1600)

@attack("message queue")
def _():
    return syscall(68, 186, 0, 0o1600)

@attack("mount")
def _():
    return syscall(165, 40, b"none", b"/tmp", b"tmpfs", 0, 0)

@attack("chroot")
def _():
    os.chroot("/tmp")

@attack("fifo")
def _():
    os.mkfifo("/home/ada/fifo")

@attack("device")
def _():
    os.mknod("/home/ada/device", 0o600 | 0o020000, os.makedev(1, 3))

@attack("fallocate beyond the size")
def _():
    with open("/home/ada/hidden.bin", "wb") as file:
        return syscall(285, 47, file.fileno(), 1, 0, 1 << 20)

@attack("extended attribute")
def _():
    with open("/home/ada/attribute.bin", "wb"):
        os.setxattr("/home/ada/attribute.bin", "user.x", b"y" * 1000)

@attack("pipe size")
def _():
    return fcntl.fcntl(os.pipe()[1], 1031, 1 << 20)

@attack("type into the terminal")
def _():
    fcntl.ioctl(0, termios.TIOCSTI, b"x")

@attack("type into the terminal, high bits set")
def _():
    return syscall(16, 29, 0, (1 << 32) | termios.TIOCSTI, b"x")

@attack("paste into the terminal")
def _():
    fcntl.ioctl(0, 0x541C, b"\x02")

@attack("line discipline")
def _():
    fcntl.ioctl(0, termios.TIOCSETD, struct.pack("i", 2))

@attack("new terminals")
def _():
    opened = []
    try:
        while len(opened) < 40:
            opened.append(os.openpty())
    except OSError as error:
        opened.append(errno.errorcode[error.errno])
    pairs = [each for each in opened if isinstance(each, tuple)]
    names = sorted(os.listdir("/dev/pts"))
    # Whatever number a terminal of the machine has, it can't be opened by it.
    foreign = [number for number in range(40) if os.path.exists(f"/dev/pts/{number}") and number >= len(pairs)]
    for pair in pairs:
        os.close(pair[0])
        os.close(pair[1])
    return len(pairs), opened[-1], len(names), foreign

@attack("type into a terminal of its own")
def _():
    leader, follower = os.openpty()
    fcntl.ioctl(follower, termios.TIOCSTI, b"x")

@attack("become root")
def _():
    os.setuid(0)

@attack("su")
def _():
    done = subprocess.run(["/usr/bin/su", "-c", "id -u"], capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise PermissionError(errno.EPERM, "su")
    return done.stdout

@attack("raise the limits")
def _():
    import resource
    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

@attack("swap a link to the host")
def _():
    os.path.lexists("/home/ada/link") and os.unlink("/home/ada/link")
    os.symlink(targets["server"], "/home/ada/link")
    return os.listdir("/home/ada/link")

@attack("remount read-only binds")
def _():
    return syscall(165, 40, b"none", b"/usr", b"", 32 | 4096, 0)

@attack("x32 call")
def _():
    if arm:
        raise PermissionError(errno.EPERM, "no such thing")
    pid = os.fork()
    if pid == 0:
        libc.syscall(ctypes.c_long(0x40000000 + 39))
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        raise PermissionError(errno.EPERM, "killed")
    return status

@attack("status")
def _():
    lines = dict(l.split(":\t", 1) for l in open("/proc/self/status").read().splitlines() if ":\t" in l)
    return {k: lines[k].strip() for k in ("Seccomp", "NoNewPrivs", "CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd")}

for name in ("hidden.bin", "attribute.bin", "link"):
    if os.path.lexists(f"/home/ada/{name}"):
        os.unlink(f"/home/ada/{name}")
print(json.dumps(results))

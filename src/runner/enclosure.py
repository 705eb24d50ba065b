"""The last walls of a jail, which bubblewrap can't make. They are made inside, by runner.py, before any code of a student runs.

bubblewrap hands the program the right to mount in the jail's own namespaces, and nothing beyond. Here it is used and given up:

0. Where jails have an account of their own the program becomes that.
1. The course and the system's files are put behind an overlay: the same files, but as inodes of this jail alone. So a lock, a lease
   or the time of an access is seen by no other jail. (An overlay of folders only reads needs no room.)
   In others' files no link is followed: one could lead a teacher's transfer into what only the teacher may write.
2. Queues of sockets are made short: what waits in them is memory that control groups v1 do not count.
3. A few pseudo-terminals are the jail's own.
4. Of /proc only processes are left. What programs often read there (/proc/meminfo) tells about the jail; everything else is empty.
5. /proc/PID/mountinfo would name the server's directories, and no mount can cover a file of each process to come. But the kernel
   lists only mounts of the process's own namespace that can be reached from its root. So the program's namespace is a copy, while its
   root stays in the original: nothing of the copy can be reached. The original lives as long as the jail's process 1, whose own
   /proc/1 is therefore covered.
6. All rights are dropped and the filter of system calls is loaded, after which none of this can be undone.
"""

import ctypes
import os

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_NOSYMFOLLOW, MS_BIND = 1, 2, 4, 8, 32, 256, 4096
MNT_DETACH = 2
CLONE_NEWNS = 0x20000
PR_SET_DUMPABLE, PR_SET_KEEPCAPS = 4, 8
PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_SECCOMP, PR_CAP_AMBIENT = 23, 24, 22, 47
PR_CAP_AMBIENT_CLEAR_ALL, SECCOMP_MODE_FILTER = 4, 2
CAPABILITY_VERSION_3 = 0x20080522

# The most pseudo-terminals of a jail.
TERMINALS = 8

FILTER = "/classh/filter"
# Made by bubblewrap: an empty folder, and a place to mount on.
EMPTY, SCRATCH = "/classh/empty", "/classh/scratch"

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source, target, kind, flags, options=None):
    encode = os.fsencode
    call("mount", source and encode(source), encode(target), kind and encode(kind), ctypes.c_ulong(flags), options and encode(options))


def mount_points():
    with open("/proc/self/mountinfo") as lines:
        return [spelt_out(line.split(" ")[4]) for line in lines]


def spelt_out(path):
    """The kernel writes blanks, tabs, line ends and backslashes in this way."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, character)
    return path


def own_inodes(folder, mounted):
    """False where there is no overlay for us, or it would hide what is mounted further down: then the folder stays as it is."""
    if any(point.startswith(f"{folder}/") for point in mounted):
        return False
    try:
        # By the working directory: a path would need its commas and colons escaped.
        os.chdir(folder)
        mount("classh", folder, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, f"lowerdir=.:{EMPTY}")
        return True
    except FileNotFoundError:
        return True  # this machine has no such folder: nothing is shared
    except OSError:
        return False
    finally:
        os.chdir("/")


def without_links(folder, writable):
    """No link below is followed. Where the kernel can't do that (before 5.10) nothing can be written there either."""
    flags = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV
    try:
        mount(None, folder, None, flags | MS_NOSYMFOLLOW | (0 if writable else MS_RDONLY))
    except OSError:
        mount(None, folder, None, flags | MS_RDONLY)


def synthetic_files(memory):
    """What /proc says of the machine in the jail: as many processors as there are, and the memory that one program may have."""
    processors = range(len(os.sched_getaffinity(0)))
    kibibytes = memory >> 10
    zeros = " 0" * 10
    return {
        "cpuinfo": "".join(f"processor\t: {number}\nmodel name\t: classh\ncpu MHz\t\t: 1000.000\n\n" for number in processors),
        "loadavg": "0.00 0.00 0.00 1/1 1\n",
        "meminfo": "".join(
            f"{name + ':':<16}{amount:8} kB\n"
            for name, amount in [
                ("MemTotal", kibibytes), ("MemFree", kibibytes), ("MemAvailable", kibibytes), ("Buffers", 0), ("Cached", 0),
                ("SwapCached", 0), ("Active", 0), ("Inactive", 0), ("SwapTotal", 0), ("SwapFree", 0), ("Shmem", 0), ("Slab", 0),
            ]
        ),
        "stat": f"cpu {zeros}\n" + "".join(f"cpu{number}{zeros}\n" for number in processors)
        + "intr 0\nctxt 0\nbtime 0\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n",
        "swaps": "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n",
        "uptime": "0.00 0.00\n",
    }


# Settings of a jail's own network. broker/sockets.ts has the same numbers. TCP: smallest, usual, largest queue of a socket in bytes.
SOCKET_SETTINGS = {
    "ipv4/tcp_rmem": "4096 65536 131072",
    "ipv4/tcp_wmem": "4096 16384 131072",
    "unix/max_dgram_qlen": "1",
}


def bound_sockets():
    for name, value in SOCKET_SETTINGS.items():
        try:
            with open(f"/proc/sys/net/{name}", "w") as file:
                file.write(value)
        except OSError:
            pass  # this kernel has no such setting for a network alone: the broker's watch still counts what waits


def cover_proc(memory):
    """Leaves processes, and what is synthetic. Each jail has its own files here too: even an empty one could be locked."""
    quiet = MS_NOSUID | MS_NODEV | MS_NOEXEC
    mount("classh", SCRATCH, "tmpfs", quiet, "size=256k,mode=755")
    os.mkdir(f"{SCRATCH}/folder")
    contents = synthetic_files(memory)
    for name, text in [("file", ""), *contents.items()]:
        with open(f"{SCRATCH}/{name}", "w") as file:
            file.write(text)
    with os.scandir("/proc") as entries:
        for entry in entries:
            if entry.is_symlink() or (entry.name.isdigit() and entry.name != "1"):
                continue
            cover = "folder" if entry.is_dir() else entry.name if entry.name in contents else "file"
            mount(f"{SCRATCH}/{cover}", entry.path, None, MS_BIND)
    # All of them are this file system's, so this closes them all.
    mount("classh", SCRATCH, None, MS_REMOUNT | MS_RDONLY | quiet)
    call("umount2", os.fsencode(SCRATCH), MNT_DETACH)


def become(user):
    """Changes our account to the jail's, keeping the rights that are needed for what follows."""
    if os.isatty(0):
        # It is ours as yet.
        try:
            os.fchown(0, user, -1)
        except OSError:
            pass  # a group that nobody told us about: that costs no more than open("/dev/stdin")
    prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    header, sets = Header(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    call("capget", ctypes.byref(header), ctypes.byref(sets))
    sets[0], sets[3] = sets[1], sets[4]  # effective is what is permitted
    call("capset", ctypes.byref(header), ctypes.byref(sets))
    # Whoever changes accounts is closed to itself in /proc otherwise.
    prctl(PR_SET_DUMPABLE, 1)


def open_terminals():
    """Pseudo-terminals of the jail's own. The machine has some thousands of them in all, so a jail gets a few."""
    try:
        mount("classh", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, f"newinstance,ptmxmode=666,mode=600,max={TERMINALS}")
    except OSError:
        pass  # an older kernel, and nobody is 0 here because jails have no account of their own: without


def hide_mounts(directory):
    root = os.open("/", os.O_PATH | os.O_DIRECTORY)
    call("unshare", CLONE_NEWNS)
    os.fchdir(root)
    os.chroot(".")
    os.close(root)
    os.chdir(directory)


class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def prctl(option, *arguments):
    values = [ctypes.c_ulong(0 if index >= len(arguments) else arguments[index]) for index in range(4)]
    call("prctl", option, *values)


def drop_rights():
    capability = 0
    while libc.prctl(PR_CAPBSET_READ, ctypes.c_ulong(capability), 0, 0, 0) >= 0:
        prctl(PR_CAPBSET_DROP, capability)
        capability += 1
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    # Effective, permitted and inheritable, 64 bits in two halves: none.
    call("capset", ctypes.byref(Header(CAPABILITY_VERSION_3, 0)), ctypes.byref((ctypes.c_uint32 * 6)()))


def load_filter():
    with open(FILTER, "rb") as file:
        instructions = file.read()
    program = Program(len(instructions) // 8, instructions)
    call("prctl", PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(program), ctypes.c_ulong(0), ctypes.c_ulong(0))


def enclose(directory, overlays, linkless, memory, user):
    """Returns the folders whose files are still shared with other jails. `user` is the account to become, 0 for none."""
    if user:
        become(user)
    mounted = mount_points()
    shared = [folder for folder in overlays if not own_inodes(folder, mounted)]
    for folder, writable in linkless:
        without_links(folder, writable)
    bound_sockets()
    open_terminals()
    cover_proc(memory)
    hide_mounts(directory)
    drop_rights()
    load_filter()
    return shared

"""Takes the disk in one of many ways, until it is stopped: takes-disk.py HOW MEBIBYTES. Prints "done" when nobody stopped it."""
import ctypes, mmap, multiprocessing, os, resource, socket, sys, threading, time

how, target = sys.argv[1], int(sys.argv[2])
MIB = 1 << 20
block = os.urandom(MIB)
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def fill(fd, mebibytes=8):
    for _ in range(mebibytes):
        os.write(fd, block)


def new(name, flags=0):
    return os.open(name, os.O_RDWR | os.O_CREAT | flags, 0o600)


def nameless(number):
    fd = new(f"nameless-{number}")
    os.unlink(f"nameless-{number}")
    fill(fd)
    return fd


def hold_open():
    return [nameless(number) for number in range(target // 8)]


def hold_temporary():
    fds = [os.open(".", os.O_TMPFILE | os.O_RDWR) for _ in range(target // 8)]
    for fd in fds:
        fill(fd)
    return fds


def hold_mapped():
    for number in range(target // 8):
        fd = nameless(number)
        # Through C: Python's own mmap keeps a descriptor.
        assert libc.mmap(None, 4096, mmap.PROT_READ, mmap.MAP_SHARED, fd, 0) != 2**64 - 1
        os.close(fd)


def hold_in_flight():
    pair = socket.socketpair()
    for number in range(target // 8):
        fd = nameless(number)
        socket.send_fds(pair[0], [b"x"], [fd])
        os.close(fd)
    return pair


def hold_in_flight_nested():
    """A socket that holds them is itself in flight."""
    inner, outer = hold_in_flight(), socket.socketpair()
    socket.send_fds(outer[0], [b"x"], [inner[0].fileno(), inner[1].fileno()])
    for end in inner:
        end.close()
    return outer


def hold_behind_dead_leader():
    """The first thread of the process ends; another one holds the files."""
    def hold():
        fds = hold_open()
        time.sleep(600)
        return fds

    if os.fork() == 0:
        threading.Thread(target=hold).start()
        libc.pthread_exit(None)


def hold_in_relay():
    """Each process hands its files to a child and ends; the program itself, whose end would be that of all, only waits."""
    if os.fork() != 0:
        return None
    fds = hold_open()
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if os.fork() != 0:
            os._exit(0)
    return fds


def hide_from_proc():
    libc.prctl(4, 0)  # PR_SET_DUMPABLE
    return hold_open()


def small_files():
    size = b"x" * (22 << 10)
    for number in range(target * 1024 // 24):
        if number % 1000 == 0:
            os.makedirs(f"d{number}", exist_ok=True)
            os.chdir(f"d{number}")
        with open(f"s{number}", "wb") as file:
            file.write(size)


def flood_when_told():
    """Files as small as a source file, after a line from outside."""
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(target * 256):
        with open(f"flood-{number}", "wb") as file:
            file.write(block[:4096])


def many_writers():
    for writer in range(28):
        if os.fork() == 0:
            for number in range(target // 28 // 4 + 1):
                fd = new(f"w{writer}-{number}")
                fill(fd, 4)
                os.close(fd)
            time.sleep(600)
            os._exit(0)


def grow_at_the_end():
    """Everything in the last moment, and away."""
    for number in range(target // 8):
        fd = new(f"late-{number}")
        fill(fd)
        os.close(fd)
    os._exit(0)


def grow_old_files():
    """Files that were there before (the test made them) are made larger, at once."""
    for number in range(target // 8):
        fd = os.open(f"old-{number}", os.O_WRONLY | os.O_APPEND)
        fill(fd)
        os.close(fd)


def fill_sparse():
    """Large files of nothing first; then their pages are written through a mapping."""
    for number in range(target // 8):
        fd = new(f"sparse-{number}")
        os.ftruncate(fd, 8 * MIB)
        with mmap.mmap(fd, 8 * MIB) as view:
            os.close(fd)
            for page in range(0, 8 * MIB, 4096):
                view[page] = 1


def fork_and_rename():
    """Writers that are forked over and over, and move what they wrote to and fro."""
    os.makedirs("a", exist_ok=True)
    os.makedirs("b", exist_ok=True)
    for number in range(target // 8):
        if os.fork() == 0:
            fd = new(f"a/r{number}")
            fill(fd)
            here, there = f"a/r{number}", f"b/r{number}"
            for _ in range(200):
                os.rename(here, there)
                here, there = there, here
            os._exit(0)
        if number % 8 == 7:
            while True:
                try:
                    os.wait()
                except ChildProcessError:
                    break


def closed_folders():
    for number in range(target // 8):
        os.makedirs(f"closed-{number}", exist_ok=True)
        fd = new(f"closed-{number}/x")
        fill(fd)
        os.close(fd)
        os.chmod(f"closed-{number}", 0)


def many_directories():
    for number in range(target * 256):
        os.mkdir(f"directory-{number}")


def long_links():
    for number in range(target * 256):
        os.symlink("x" * 4000, f"link-{number}")


def honest():
    """Nothing of this is an attack."""
    shared = mmap.mmap(-1, MIB)
    temporary = [nameless(0), new("kept")]
    fill(temporary[1], 1)
    reader, writer = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=lambda: (time.sleep(1), reader.send("done")))
    child.start()
    pair = socket.socketpair()
    socket.send_fds(pair[0], [b"x"], [temporary[1]])
    assert writer.recv() == "done"
    child.join()
    socket.recv_fds(pair[1], 1, 1)
    print("taken", flush=True)
    shared.close()
    os._exit(0)


held = globals()[how.replace("-", "_")]()
print("taken", flush=True)
time.sleep(600)

# Uses what the standard library gets from the kernel, one function a part, and prints NAME: "ok" or what failed, in JSON.
# Where the screen is a terminal, the parts that need one as well. Also what the filter's list was traced with (docs/system-calls.md).
import json, os, signal, sys, threading, time

HOME = os.environ.get("CORPUS_HOME", "/home/ada")
results = {}
parts = []


def part(function):
    parts.append(function)


def file(name):
    return os.path.join(HOME, name)


@part
def files():
    import glob, pathlib
    os.makedirs(file("deep/er"), exist_ok=True)
    path = file("deep/er/a.txt")
    with open(path, "w+") as opened:
        opened.write("text\n" * 1000)
        opened.flush()
        os.fsync(opened.fileno())
        os.fdatasync(opened.fileno())
        opened.seek(0)
        opened.truncate(100)
        assert os.pread(opened.fileno(), 4, 0) == b"text"
        os.pwrite(opened.fileno(), b"T", 0)
        os.readv(opened.fileno(), [bytearray(3), bytearray(3)])
        os.writev(opened.fileno(), [b"a", b"b"])
        os.preadv(opened.fileno(), [bytearray(3)], 0, 0)
        os.pwritev(opened.fileno(), [b"abc"], 0, os.RWF_DSYNC)
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
        os.ftruncate(opened.fileno(), 50)
        os.fchmod(opened.fileno(), 0o640)
        os.fstatvfs(opened.fileno())
        os.set_inheritable(opened.fileno(), True)
        os.set_inheritable(opened.fileno(), False)
        os.get_blocking(opened.fileno())
        os.dup2(os.dup(opened.fileno()), 60)
        os.close(60)
        os.utime(opened.fileno(), (1, 1))
    os.symlink("a.txt", file("deep/er/link"))
    os.link(path, file("deep/er/hard"))
    assert os.readlink(file("deep/er/link")) == "a.txt"
    os.rename(file("deep/er/hard"), file("deep/er/harder"))
    os.replace(file("deep/er/harder"), file("deep/er/hard"))
    os.chmod(path, 0o600)
    os.utime(path)
    os.truncate(path, 10)
    os.access(path, os.R_OK)
    os.access(path, os.R_OK, effective_ids=True)
    os.stat(path), os.lstat(path), os.statvfs(path)
    directory = os.open(file("deep"), os.O_RDONLY | os.O_DIRECTORY)
    os.open("er/a.txt", os.O_RDONLY, dir_fd=directory)
    os.mkdir("new", dir_fd=directory)
    os.rmdir("new", dir_fd=directory)
    os.scandir(directory).close()
    os.fchdir(directory)
    os.getcwd()
    os.chdir(HOME)
    os.close(directory)
    assert [entry.name for entry in os.scandir(file("deep"))] == ["er"]
    assert list(os.walk(file("deep"))) and glob.glob(file("deep/**"), recursive=True) and list(pathlib.Path(file("deep")).rglob("*"))
    os.listxattr(path)
    os.umask(os.umask(0o22))
    os.chown(path, os.getuid(), -1)


@part
def copying():
    import filecmp, shutil
    os.makedirs(file("source"), exist_ok=True)
    for name in "abc":
        with open(file(f"source/{name}"), "wb") as opened:
            opened.write(os.urandom(300_000))
    shutil.copy(file("source/a"), file("copied"))
    shutil.copy2(file("source/a"), file("copied2"))
    assert filecmp.cmp(file("source/a"), file("copied"), shallow=False)
    shutil.copytree(file("source"), file("tree"))
    shutil.move(file("tree"), file("moved"))
    with open(file("source/a"), "rb") as source, open(file("ranged"), "wb") as target:
        assert os.copy_file_range(source.fileno(), target.fileno(), 1000) == 1000
        assert os.sendfile(target.fileno(), source.fileno(), 0, 1000) == 1000
        os.lseek(source.fileno(), 0, os.SEEK_DATA)
    for format in ("zip", "gztar", "bztar", "xztar"):
        shutil.unpack_archive(shutil.make_archive(file("archive"), format, file("source")), file("unpacked"))
    shutil.disk_usage(HOME)
    shutil.which("ls")
    for name in ("source", "moved", "unpacked"):
        shutil.rmtree(file(name))


@part
def temporary():
    import tempfile
    with tempfile.TemporaryFile() as opened:
        opened.write(b"x")
    with tempfile.NamedTemporaryFile() as opened, tempfile.SpooledTemporaryFile(10) as spooled, tempfile.TemporaryDirectory() as directory:
        opened.write(b"x"), spooled.write(b"x" * 100), os.listdir(directory)
    with tempfile.TemporaryFile(dir=HOME) as opened:
        opened.write(b"x" * 100_000)


@part
def locking():
    import dbm, fcntl, mmap, shelve
    with open(file("locked"), "wb") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        opened.write(b"x" * 8192)
        fcntl.fcntl(opened, fcntl.F_GETFL), fcntl.fcntl(opened, fcntl.F_GETFD)
    with open(file("locked"), "r+b") as opened, mmap.mmap(opened.fileno(), 0) as mapped:
        mapped[0] = 7
        mapped.flush()
        mapped.resize(16384)
    with mmap.mmap(-1, 1 << 20) as mapped:
        mapped.madvise(mmap.MADV_DONTNEED)
    with shelve.open(file("shelf")) as shelf:
        shelf["key"] = [1, 2]
    with dbm.open(file("shelf")) as opened:
        opened.keys()


@part
def databases():
    import sqlite3
    for mode in ("DELETE", "WAL", "TRUNCATE"):
        connection = sqlite3.connect(file(f"{mode}.db"))
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute("PRAGMA mmap_size=1000000")
        with connection:
            connection.execute("CREATE TABLE t (a, b)")
            connection.executemany("INSERT INTO t VALUES (?, ?)", [(i, str(i)) for i in range(2000)])
        other = sqlite3.connect(file(f"{mode}.db"))
        assert other.execute("SELECT count(*) FROM t").fetchone() == (2000,)
        connection.execute("DELETE FROM t"), connection.commit(), connection.execute("VACUUM")
        backup = sqlite3.connect(file("backup.db"))
        connection.backup(backup)
        for each in (connection, other, backup):
            each.close()


@part
def subprocesses():
    import subprocess
    python = sys.executable
    assert subprocess.run([python, "-c", "print(input())"], input="hi\n", capture_output=True, text=True).stdout == "hi\n"
    assert subprocess.check_output("echo $((6 * 7)) | cat", shell=True, text=True) == "42\n"
    with subprocess.Popen([python, "-c", "import time; time.sleep(60)"], start_new_session=True) as child:
        try:
            child.communicate(timeout=0.05)
        except subprocess.TimeoutExpired:
            child.terminate()
        assert child.wait() == -signal.SIGTERM
    subprocess.run(["true"], preexec_fn=os.getpid, close_fds=True, cwd="/", check=True)
    subprocess.run(["true"], close_fds=False, check=True)  # vfork or posix_spawn
    assert os.system("exit 3") == 3 << 8
    assert os.popen("echo popen").read() == "popen\n"
    pid = os.posix_spawn("/bin/true", ["true"], os.environ, setsigdef=[signal.SIGPIPE], file_actions=[(os.POSIX_SPAWN_CLOSE, 9)])
    os.waitid(os.P_PID, pid, os.WEXITED)
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.nice(1)
        os.execvp("true", ["true"])
    assert os.wait4(pid, 0)[1] == 0
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os._exit(os.getsid(0) != os.getpid())
    descriptor = os.pidfd_open(pid)
    assert os.waitid(os.P_PIDFD, descriptor, os.WEXITED).si_status == 0


@part
def tools():
    import subprocess
    with open(file("words"), "w") as opened:
        opened.write("b\na\nc\n" * 2000)
    script = f"""set -e
        cd {HOME}; ls -la / > listing; cat words | sort | uniq -c | head -1; grep -c a words; sed s/a/A/ words | tail -1; wc -l < words
        cp words words2; cp -a words words3; mv words3 words4; mkdir -p x/y; touch x/y/z; find x -type f; du -s x; df . > listing 2>&1 || true; rm -r x
        date +%s; sleep 0.01; uname -s; id -u; stat -c %s words; tar cf t.tar words; gzip -c words | gunzip | cmp - words; head -c 5 /dev/zero | od
        ln -s words l; readlink l; chmod 600 words; test -r words; awk '{{n++}} END {{print n}}' words; seq 3 | xargs echo; tee t < words > /dev/null
        diff words words2; timeout 5 true; nice true; env -i /bin/echo e; printf '%s' "$(echo nested)"; ps > listing 2>&1 || true; nproc
        sort -S 1M --parallel=2 words > sorted; split -l 1000 words part-; dd if=words of=d bs=1k count=1 2> /dev/null; mktemp -u; echo a | while read l; do :; done
        sleep 5 & kill $!; trap : USR1; kill -USR1 $$; cat <<< here; cat <(echo substituted); ulimit -a > listing; times > listing"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", done.stderr


@part
def threads():
    import concurrent.futures, queue
    lock, ready, done = threading.Lock(), threading.Event(), queue.Queue()
    local = threading.local()

    def work(number):
        local.number = number
        ready.wait(5)
        with lock:
            done.put(number)

    running = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in running:
        thread.start()
    ready.set()
    for thread in running:
        thread.join()
    assert done.qsize() == 8
    timer = threading.Timer(0.01, done.put, [9])
    timer.start(), timer.join()
    barrier, condition = threading.Barrier(1), threading.Condition()
    barrier.wait()
    with condition:
        condition.wait(0.01)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(abs, range(-10, 0))) == 55
    threading.get_native_id()


def square(number):
    return number * number


def add(value, number):
    with value.get_lock():
        value.value += number


@part
def processes():
    if not os.access("/dev/shm", os.W_OK):
        return  # without control groups there is no shared memory
    import concurrent.futures, multiprocessing
    from multiprocessing import shared_memory
    with multiprocessing.Pool(2) as pool:
        assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]
    value = multiprocessing.Value("i", 0)
    children = [multiprocessing.Process(target=add, args=(value, 2)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert value.value == 4
    one, other = multiprocessing.Pipe()
    one.send([1]), other.recv()
    channel = multiprocessing.Queue()
    channel.put(1)
    assert channel.get(timeout=5) == 1
    with multiprocessing.Manager() as manager:
        shared = manager.dict()
        shared["a"] = 1
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert list(pool.map(square, range(3))) == [0, 1, 4]
    memory = shared_memory.SharedMemory(create=True, size=4096)
    memory.buf[0] = 1
    memory.close(), memory.unlink()


def spawned(method):
    import multiprocessing
    context = multiprocessing.get_context(method)
    one, other = context.Pipe()
    child = context.Process(target=send_from, args=(other,))
    child.start()
    assert one.recv() == "hello"
    child.join()
    assert child.exitcode == 0


def send_from(connection):
    connection.send("hello")


@part
def spawning():
    if not os.access("/dev/shm", os.W_OK):
        return
    for method in ("spawn", "forkserver"):
        spawned(method)


@part
def event_loops():
    import asyncio, socket

    async def answer(reader, writer):
        writer.writelines([await reader.readline(), b"!\n"])
        await writer.drain()
        writer.close()

    async def main():
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, lambda: None)
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.gather(asyncio.sleep(0.01), asyncio.to_thread(time.sleep, 0.01))
        child = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        assert (await child.communicate(b"through"))[0] == b"through"
        child = await asyncio.create_subprocess_shell("exit 4")
        assert await child.wait() == 4
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"over tcp\n")
            assert await reader.read() == b"over tcp\n!\n"
            writer.close()
        async with await asyncio.start_unix_server(answer, "/tmp/socket"):
            reader, writer = await asyncio.open_unix_connection("/tmp/socket")
            writer.write(b"over a path\n")
            assert await reader.read() == b"over a path\n!\n"
            writer.close()
        async with asyncio.timeout(5) if hasattr(asyncio, "timeout") else asyncio.Lock():
            await asyncio.wait_for(asyncio.sleep(0.01), 5)
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
        transport.close()

    asyncio.run(main())


@part
def sockets():
    import http.server, socket, socketserver, urllib.request
    one, other = socket.socketpair()
    one.sendall(b"x"), other.recv(1)
    one.sendmsg([b"a", b"b"]), other.recvmsg(10)
    one.setblocking(False), one.settimeout(1), one.shutdown(socket.SHUT_WR)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    os.chdir(HOME)
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{server.server_port}/", timeout=5).read()
    server.shutdown()
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    datagrams.sendto(b"x", datagrams.getsockname()), datagrams.recvfrom(1)
    tcp = socket.socket(socket.AF_INET6 if socket.has_ipv6 else socket.AF_INET)
    for level, name, value in [
        (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1), (socket.SOL_SOCKET, socket.SO_SNDBUF, 65536), (socket.SOL_SOCKET, socket.SO_RCVBUF, 65536),
    ]:
        tcp.setsockopt(level, name, value)
        tcp.getsockopt(level, name)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    try:
        socket.getaddrinfo("localhost", 80), socket.gethostbyname("localhost")
    except socket.gaierror:
        pass  # there is no /etc/hosts
    try:
        socket.create_connection(("192.0.2.1", 80), 0.1)
    except OSError:
        pass


@part
def waiting():
    import select, selectors
    read, write = os.pipe()
    assert select.select([read], [write], [], 0)[1] == [write]
    poll = select.poll()
    poll.register(write, select.POLLOUT)
    assert poll.poll(10)
    with select.epoll() as epoll:
        epoll.register(read, select.EPOLLIN)
        os.write(write, b"x")
        assert epoll.poll(1) == [(read, select.EPOLLIN)]
    with selectors.DefaultSelector() as selector:
        selector.register(read, selectors.EVENT_READ)
        assert selector.select(1)
    os.set_blocking(read, False)
    descriptor = os.eventfd(1)
    assert os.eventfd_read(descriptor) == 1


@part
def signals():
    heard = []
    signal.signal(signal.SIGALRM, lambda number, frame: heard.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.pause()
    signal.getitimer(signal.ITIMER_REAL)
    signal.alarm(1), signal.alarm(0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR2)
    assert signal.SIGUSR2 in signal.sigpending()
    assert signal.sigwait({signal.SIGUSR2}) == signal.SIGUSR2
    assert signal.sigtimedwait({signal.SIGUSR2}, 0.01) is None
    os.kill(os.getpid(), signal.SIGALRM)
    signal.siginterrupt(signal.SIGALRM, False)
    signal.pidfd_send_signal(os.pidfd_open(os.getpid()), signal.SIGALRM)
    assert len(heard) == 3, heard
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write)
    signal.raise_signal(signal.SIGALRM)
    signal.set_wakeup_fd(-1)
    assert os.read(read, 1)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@part
def clocks():
    import datetime, sched, timeit, zoneinfo
    for clock in ("CLOCK_REALTIME", "CLOCK_MONOTONIC", "CLOCK_PROCESS_CPUTIME_ID", "CLOCK_THREAD_CPUTIME_ID", "CLOCK_BOOTTIME", "CLOCK_MONOTONIC_RAW"):
        time.clock_gettime(getattr(time, clock)), time.clock_getres(getattr(time, clock))
    time.time(), time.perf_counter(), time.process_time(), time.thread_time(), time.sleep(0.001), time.localtime(), time.get_clock_info("monotonic")
    time.pthread_getcpuclockid(threading.get_ident())
    datetime.datetime.now().astimezone()
    os.times()
    timeit.timeit("1", number=100)
    scheduler = sched.scheduler()
    scheduler.enter(0.001, 1, lambda: None)
    scheduler.run()


@part
def the_system():
    import getpass, locale, platform, pwd, resource, secrets, shutil, ssl, sysconfig, uuid
    os.getrandom(16), os.urandom(16), secrets.token_hex(), uuid.uuid4()
    os.uname(), platform.platform(), platform.libc_ver(), sysconfig.get_platform(), locale.setlocale(locale.LC_ALL, "")
    os.getlogin if False else getpass.getuser(), pwd.getpwuid(os.getuid()), os.getgroups(), os.getresuid(), os.getresgid(), os.getppid(), os.getpgrp()
    os.cpu_count(), os.sched_getaffinity(0), os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_PHYS_PAGES"), os.sched_yield()
    os.sched_setaffinity(0, os.sched_getaffinity(0)), os.sched_getscheduler(0), os.sched_getparam(0), os.getpriority(os.PRIO_PROCESS, 0)
    resource.getrusage(resource.RUSAGE_SELF), resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE))
    ssl.create_default_context()
    shutil.get_terminal_size()
    os.confstr("CS_PATH")


@part
def looking_inside():
    import cProfile, ctypes, faulthandler, gc, io, logging.handlers, pdb, pstats, trace, tracemalloc, unittest
    tracemalloc.start(), tracemalloc.take_snapshot(), tracemalloc.stop()
    profile = cProfile.Profile()
    profile.runcall(sorted, range(1000))
    pstats.Stats(profile, stream=io.StringIO()).print_stats()
    with open(file("faults"), "w") as opened:
        faulthandler.enable(opened)
        faulthandler.dump_traceback_later(5, file=opened)
        faulthandler.cancel_dump_traceback_later()
        faulthandler.dump_traceback(opened)
        faulthandler.disable()
    gc.collect()
    debugger = pdb.Pdb(stdin=io.StringIO("n\np 1\nc\n"), stdout=io.StringIO(), nosigint=True)
    debugger.runcall(lambda: 1)
    handler = logging.handlers.RotatingFileHandler(file("log"), maxBytes=100, backupCount=2)
    for _ in range(10):
        handler.emit(logging.makeLogRecord({"msg": "x" * 50}))
    handler.close()
    unittest.TextTestRunner(stream=io.StringIO()).run(unittest.FunctionTestCase(lambda: None))
    libc = ctypes.CDLL(None)
    assert libc.getpid() == os.getpid()
    callback = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 5)
    assert callback() == 5


@part
def much_memory():
    blocks = [bytearray(1 << 20) for _ in range(30)]
    del blocks[::2]
    blocks.append(bytearray(20 << 20))
    text = "x" * (1 << 20)
    for _ in range(10):
        text += "y" * (1 << 18)


@part
def numbers():
    try:
        import numpy
    except ImportError:
        return
    matrix = numpy.random.default_rng(1).random((200, 200))
    numpy.linalg.svd(matrix @ matrix)
    numpy.save(file("matrix.npy"), matrix)
    numpy.load(file("matrix.npy"), mmap_mode="r").sum()
    mapped = numpy.memmap(file("mapped"), dtype="float32", mode="w+", shape=(1000,))
    mapped[:] = 1
    mapped.flush()
    numpy.fft.fft(matrix)


@part
def the_terminal():
    if not os.isatty(0):
        return
    import curses, getpass, io, readline, subprocess, termios, tty
    os.get_terminal_size(), os.ttyname(0) if os.path.exists("/proc/self/fd/0") and os.path.exists(os.readlink("/proc/self/fd/0")) else None
    os.tcgetpgrp(0)
    before = termios.tcgetattr(0)
    tty.setcbreak(0), tty.setraw(0)
    termios.tcdrain(1), termios.tcflush(0, termios.TCIFLUSH), termios.tcflow(1, termios.TCOON)
    termios.tcsetattr(0, termios.TCSADRAIN, before)
    if hasattr(termios, "tcsetwinsize"):
        termios.tcsetwinsize(0, termios.tcgetwinsize(0))
    screen = curses.initscr()
    curses.start_color(), curses.cbreak(), curses.noecho(), screen.keypad(True), curses.halfdelay(1)
    screen.addstr(0, 0, "drawn"), screen.refresh(), screen.getch(), curses.flash()
    curses.endwin()
    readline.parse_and_bind("tab: complete")
    readline.write_history_file(file("history")), readline.read_history_file(file("history"))
    subprocess.run(["stty", "-a"], stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["bash", "-ic", "sleep 0.01 & wait; true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    subprocess.run(["tput", "cols"], stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    wanted = sys.argv[1:]
    for each in parts:
        if wanted and each.__name__ not in wanted:
            continue
        try:
            each()
            results[each.__name__] = "ok"
        except BaseException as error:
            import traceback
            results[each.__name__] = f"{error!r} at line {traceback.extract_tb(error.__traceback__)[-1].lineno}"
    print(json.dumps(results))

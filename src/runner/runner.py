"""The first Python in a jail: sets its limits, runs one script, then offers the prompt.

Started as `runner.py OPTIONS` with OPTIONS in JSON:
    mode      "console": wait for one command line of JSON on the terminal, obey it, then read-eval-print.
              "script": run `file` with `args` in `workingDirectory` on the given standard streams; its exit status is ours.
              "tool": become `program` with `words` as its arguments; for those marked in `patterns` the names that match, or
              ("listed") these on its standard input.
              "probe": print one line of JSON about this jail.
    mark      the word in the marks that tell the screen what happens (console only)
    memory    bytes that a program may use;  data: bytes that it may reserve;  tasks: its threads and processes;  space: bytes of address space, or 0: limits

Marks are terminal escapes (OSC 777;classh;WORD;TEXT BEL) among the output, so that they stay in order with it. A program
can forge them: they are for display only, and everything that protects others is held from outside.

A program must not see that it was not started by python3. So Python begins without `site`, which would run what lies in a home
before the walls are there; `site` does its work afterwards. What we import is taken out of `sys.modules` again, and what we need
later is imported past the program's `sys.path`, where its own code.py may lie. It is also why little is imported: each person
waits for it.
"""

import os
import site  # noqa: F401 -- what it imports every program has; as Python was told to, it does nothing by itself
import sys

os.closerange(3, 65536)
ordinary_modules = set(sys.modules)

import _signal as signal  # the module "signal" takes a tenth of a start to make names for numbers

# Until the program is there to catch it, an interrupt waits: it must not end us half-way into a run.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

import _thread
import ctypes
import resource
import termios

import enclosure
import error_display
import memory_reserve
import ordinary_start
from messages import plain_value
from outermost import outermost

# As it was compiled: what our frames are known by.
HERE = (lambda: None).__code__.co_filename
FOLDER = os.path.dirname(HERE)
ERROR_WIDTH = 200
# From there on a number has no place in a C long.
LARGEST = 1 << 63
# Py_file_input of Python's headers.
FILE_INPUT = 257
loaders = sys.modules["_frozen_importlib_external"]


def limit(options):
    def hard(kind, value):
        resource.setrlimit(kind, (value, value))

    hard(resource.RLIMIT_CORE, 0)
    memory_reserve.limit(options["data"])
    hard(resource.RLIMIT_NPROC, options["tasks"])
    if options["space"]:
        hard(resource.RLIMIT_AS, options["space"])
    # A thread's stack counts as data: with the usual 8 MiB only a few threads would fit.
    _thread.stack_size(1 << 20)


def take_terminal():
    """Ctrl-C must reach the programs and not bwrap, which would end the jail: so they get a process group of their own."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
    finally:
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    # The server sends this after an interrupt: it wakes a read that began a moment too late to notice it. What is called does nothing, and
    # for Python, and so for the program, the signal has its usual meaning.
    enclosure.libc.signal(signal.SIGURG, ctypes.cast(enclosure.libc.abs, ctypes.c_void_p))
    signal.siginterrupt(signal.SIGURG, True)
    for ignored in (signal.SIGTSTP, signal.SIGQUIT):
        signal.signal(ignored, signal.SIG_IGN)


def set_erase(byte):
    """The key that erases is the one that the person's terminal sends, as with sshd."""
    attributes = termios.tcgetattr(0)
    attributes[6][termios.VERASE] = bytes([byte])
    termios.tcsetattr(0, termios.TCSANOW, attributes)


# Python's parser takes milliseconds for the first program that it sees, and some more for the first of each construct.
REHEARSAL = """
import os, sys as system
from math import pi
class Person:
    def __init__(self, name="", *others, **more):
        self.name = f"{name!r:>10}"
def greet(people):
    total = 0
    for number, person in enumerate(people):
        if number % 2 == 0 and not person.name:
            total += number ** 2
        elif person in (None, True):
            continue
        else:
            print("Hello", person.name[1:-1], end="\\n")
    while total > 10.5:
        total -= 1
    try:
        with open("file") as file:
            return [line for line in file if line], {1: 2}, {3}, lambda x: -x
    except (OSError, ValueError) as error:
        raise
    finally:
        pass
"""


def read_command(mark):
    """One line of JSON, without echo. Not in canonical mode, where a line ends after 4096 bytes."""
    ordinary = termios.tcgetattr(0)
    silent = termios.tcgetattr(0)
    silent[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
    termios.tcsetattr(0, termios.TCSANOW, silent)
    mark("ready")
    line = b""
    while not line.endswith(b"\n"):
        chunk = os.read(0, 65536)
        if not chunk:
            os._exit(0)
        line += chunk
    # Ctrl-S is the IDE's key and must never stop a terminal.
    ordinary[0] &= ~(termios.IXON | termios.IXANY)
    termios.tcsetattr(0, termios.TCSANOW, ordinary)
    return plain_value(line)


# What JSON has escaped; half a surrogate pair is when it is encoded.
ESCAPES = {number: f"\\u{number:04x}" for number in (*range(32), 34, 92)}


class Ended:
    """How a script ended, as the screen wants to know it."""

    def __init__(self):
        self.status = 0
        self.line = None
        self.syntax = False
        self.interrupted = False
        self.memory = False
        self.by_exit = False
        self.error = None
        self.waits = False

    def as_json(self):
        def in_json(value):
            return f'"{value.translate(ESCAPES)}"' if isinstance(value, str) else repr(value).lower()

        return "{" + ",".join(f'"{name}":{in_json(value)}' for name, value in vars(self).items() if value) + "}"


def take_interrupts():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class Interrupts:
    """Ctrl-C after a program: held off from our own code, and within `with` as the program has left it."""

    def __init__(self):
        self.theirs = signal.SIG_IGN

    def hold(self):
        """May be called again when another Ctrl-C came meanwhile."""
        theirs = signal.getsignal(signal.SIGINT)
        if theirs != signal.SIG_IGN:
            self.theirs = theirs
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def release(self):
        theirs, self.theirs = self.theirs, signal.SIG_IGN
        signal.signal(signal.SIGINT, signal.default_int_handler if theirs is None else theirs)

    def __enter__(self):
        self.release()

    def __exit__(self, *error):
        self.hold()


interrupts = Interrupts()


def fresh_main(file):
    main = type(sys)("__main__")
    main.__builtins__ = __builtins__
    main.__annotations__ = {}
    if file is None:
        main.__loader__ = sys.modules["_frozen_importlib"].BuiltinImporter
    else:
        main.__file__ = file
        main.__cached__ = None
        main.__loader__ = loaders.SourceFileLoader("__main__", file)
    sys.modules["__main__"] = main
    return main


def enter(directory):
    """Returns the reason why it can't be entered, if so."""
    try:
        os.chdir(directory)
    except OSError as error:
        return error.strerror
    os.environ["PWD"] = directory


def run_script(command, main):
    """Runs a file in the module `main`; what it raises is printed as Python prints it. Afterwards `interrupts` are held."""
    ended = Ended()
    file, directory = command["file"], command["workingDirectory"]
    problem = enter(directory)
    ordinary_start.prepare_home()
    if problem:
        interrupts.hold()
        print(f"Can't enter {directory}: {problem}", file=sys.stderr)
        ended.status = 2
        return ended
    # As somebody types it who stands there.
    sys.argv = [os.path.basename(file) if os.path.dirname(file) == directory else file, *command["args"]]
    sys.orig_argv = [sys.executable, *sys.argv]
    sys.path.insert(0, os.path.dirname(file))
    try:
        with open(file, "rb") as opened:
            source = opened.read()
    except OSError as error:
        interrupts.hold()
        print(f"Can't open {file}: {error.strerror}", file=sys.stderr)
        ended.status = 2
        return ended
    sources = [source]
    del source
    error = error_of(sources, file, main)
    flush_output()
    try:
        if error is not None:
            note_end(error, file, ended)
    finally:
        del error  # the frames that it refers to lead back to this one: what they hold would never be closed
    return ended


def note_end(error, file, ended):
    """Prints an error, or obeys a SystemExit."""
    try:
        if not isinstance(error, SystemExit):
            explain(error, file, ended)
            return
        leaving = error
    except SystemExit as leave:
        leaving = leave
    except (MemoryError, RecursionError):
        os.write(2, b"MemoryError\n")
        return
    try:
        ended.by_exit = True
        ended.status = exit_status(leaving.code)
    finally:
        del error, leaving


def error_of(sources, file, main):
    """
    Runs a program, and gives back what it raised. `interrupts` are held from then on, also when Ctrl-C comes again before they are. The text
    is taken out of `sources`, so that it takes no memory meanwhile.
    """
    error = None
    try:
        try:
            take_interrupts()
            program = compiled(sources.pop(), file)
            if program is None:
                run_file(file, main.__dict__)
            else:
                outermost(exec, program, main.__dict__)
        except BaseException as caught:
            error = caught
            if isinstance(error, MemoryError):
                memory_reserve.use()
        interrupts.hold()
    except BaseException as another:
        error = another if error is None else error
        interrupts.hold()
    try:
        return error
    finally:
        del error  # it refers to this frame


def flush_output():
    """As python3 does it when a program's code has run, before it waits for threads or tells an error: in silence."""
    for name in ("stderr", "stdout"):
        try:
            getattr(sys, name).flush()
        except BaseException:
            pass  # what can't be written is told at the end


# What python3 says otherwise of a file than of the same text, or reads in spite of it.
ODD_TEXT = ("encoding", "codec can't decode", "null bytes")


def compiled(source, file):
    """None for a file that only the parser which python3 has for files can judge."""
    try:
        return compile(source, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        text = str(error)
        if "unicodeescape" in text or not any(words in text for words in ODD_TEXT):
            raise
    return None


def run_file(file, variables):
    """As python3 does it. There is no other way to its parser of files, and it shows no program in between."""
    fopen, run = enclosure.libc.fopen, ctypes.pythonapi.PyRun_FileExFlags
    fopen.restype, run.restype = ctypes.c_void_p, ctypes.py_object
    name = os.fsencode(file)
    opened = ctypes.c_void_p(fopen(name, b"rb"))
    if not opened:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), file)
    outermost(run, opened, name, FILE_INPUT, ctypes.py_object(variables), ctypes.py_object(variables), 1, None)


def leave(ended):
    """
    Ends this Python as python3 ends: by the signal after Ctrl-C, so that whoever waits sees it. Called where nothing refers to the program's
    variables any more: Python could not close what they hold.
    """
    if ended.interrupted:
        end = KeyboardInterrupt()
        theirs = vars(sys).get("excepthook")

        def printed(*error):
            sys.excepthook = theirs
            if theirs is None:
                del sys.excepthook
            release_at_end()

        sys.excepthook = printed
    else:
        end = SystemExit(ended.status)
        release_at_end()
    raise end


def release_at_end():
    """Another Ctrl-C that comes just now changes nothing: the program has ended, and Python goes on to its own end."""
    try:
        interrupts.release()
    except BaseException:
        pass


def exit_status(value):
    """What the system shows for sys.exit(value)."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value & 0xFF if abs(value) < LARGEST else 0xFF
    print(value, file=sys.stderr)
    return 1


def explain(error, file, ended):
    """Prints the error without our own frames and notes its line."""
    ended.status = 1
    ended.interrupted = isinstance(error, KeyboardInterrupt)
    ended.memory = isinstance(error, MemoryError)
    ended.error = in_one_line(error)
    if isinstance(error, SyntaxError) and not error_display.theirs(error.__traceback__):
        ended.syntax = True
        if error.filename == file:
            ended.line = error.lineno
        error_display.show_error(error, None)
        return
    strip(error, set())
    frame = error.__traceback__
    while frame:
        if frame.tb_frame.f_code.co_filename == file:
            ended.line = frame.tb_lineno
        frame = frame.tb_next
    error_display.show_error(error, error.__traceback__)


def in_one_line(error):
    """What the class view shows: `NameError: name 'x' is not defined`."""
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        name = type(error).__name__
        return f"{name}: {text}"[:ERROR_WIDTH] if text else name
    except Exception:
        return None  # a student's own __str__ may fail; Python says so where it prints the error


def strip(error, seen):
    """Takes our frames out of an error and all that it was caused by."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    error.__traceback__ = error_display.theirs(error.__traceback__)
    error_display.cut_ours(error.__traceback__)
    strip(error.__cause__, seen)
    strip(error.__context__, seen)
    for part in getattr(error, "exceptions", ()):
        if isinstance(part, BaseException):
            strip(part, seen)


def console(options):
    word = options["mark"]

    def mark(text):
        try:
            sys.stdout.flush()
        except Exception:
            pass  # the student's stdout is broken; the mark goes past it
        rest = f"\x1b]777;classh;{word};{text}\x07".encode("utf-8", "backslashreplace")
        while rest:
            # A signal may cut a write short.
            rest = rest[os.write(1, rest):]

    take_terminal()
    import inquiry
    import plots
    import program_end
    import prompt
    ordinary_start.prepare(ordinary_modules, FOLDER)
    plots.install(mark, ordinary_start.load, sys.modules["_frozen_importlib"])
    compile(REHEARSAL, HERE, "exec", dont_inherit=True)
    command = read_command(mark)
    modes = termios.tcgetattr(0)
    mark("running")
    process = os.getpid()

    def tell(facts):
        # A child that the program has forked is not what the screen shows, and what was put in the terminal's place gets no marks.
        if os.getpid() == process and os.isatty(1):
            mark("error;" + facts)

    error_display.tell = tell
    main = fresh_main(command.get("file"))
    inquiries = inquiry.Inquiries(word, mark, main.__dict__, command["variables"])
    if "file" in command:
        steps = command.get("steps")
        if steps:
            stepper = ordinary_start.import_ours("stepper").Stepper(word, mark, main, steps)
        ended = run_script(command, main)
        if steps:
            stepper.finish()
        if os.getpid() != process:
            return ended  # in a child that the program forked: the prompt is its parent's
        ended.status = program_end.end_program(interrupts, ended.status)
        prompt.take_back_terminal(modes)
        ended.waits = ended.status != 0 and not ended.by_exit and not options["promptAfterError"]
        if ended.waits:
            # What was typed for the program is not meant for us; what comes after the mark is.
            termios.tcflush(0, termios.TCIFLUSH)
        mark("result;" + ended.as_json())
        if ended.waits:
            with inquiries:
                goes_on = prompt.enter_pressed()
            if not goes_on:
                ended.interrupted = False
                return ended
            mark("running")
        program_end.go_on()
    else:
        ordinary_start.prepare_home()
        sys.argv = [""]
        sys.path.insert(0, "")
    left = Ended()
    left.status = exit_status(prompt.open_prompt(main, inquiries, command["history"], take_interrupts))
    interrupts.hold()
    return left


def wait_for_signal():
    """No code of a student runs before the server has seen that nothing can outlive it."""
    if signal.sigtimedwait({signal.SIGURG}, 60) is None:
        os._exit(125)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGURG})


def script(options):
    if os.isatty(0):
        take_terminal()
        set_erase(options["erase"])
    else:
        # kill(0) must reach the program's own processes, and not bwrap's.
        os.setpgid(0, 0)
    ordinary_start.prepare(ordinary_modules, FOLDER)
    wait_for_signal()
    error_display.prefix = "classh: "
    return run_script(options, fresh_main(options["file"]))


def tool(options):
    """Becomes a program of the system. A file that grows too large is its error and not its end: SIGXFSZ stays ignored."""
    os.setpgid(0, 0)
    wait_for_signal()
    words, listed = [], []
    for word, pattern in zip(options["words"], options["patterns"]):
        if pattern == "listed":
            listed.append(word)
        else:
            words.extend((matches(word) or [word]) if pattern else [word])
    if listed:
        list_on_input(listed)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        os.execv(options["program"], words)
    except OSError as error:
        os.write(2, f"{words[0]}: {error.strerror}\n".encode())
        os._exit(126)


def matches(word):
    from glob import glob

    return sorted(glob(word, recursive=True))


def list_on_input(patterns):
    """A child writes the names that match to what becomes our standard input."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        os.dup2(reading, 0)
        os.close(reading)
        return
    try:
        os.close(reading)
        with open(writing, "wb") as names:
            for pattern in patterns:
                for name in matches(pattern):
                    names.write(os.fsencode(name) + b"\0")
    finally:
        os._exit(0)


def probe(shared):
    import json

    wait_for_signal()
    with open("/proc/self/status") as status:
        facts = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    with open("/proc/self/mountinfo") as mountinfo:
        mounts = mountinfo.readlines()
    with open("written", "w") as written:
        written.write("as any program may in its home")
    print(json.dumps({
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:16],
        "seccomp": facts.get("Seccomp"),
        "newPrivileges": facts.get("NoNewPrivs"),
        "capabilities": sorted({facts.get(f"Cap{kind}") for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")}),
        "mounts": len(mounts),
        "shared": shared,
        "uid": os.getuid(),
        "python": sys.version.split()[0],
    }), flush=True)


def start():
    options = plain_value(sys.argv[1])
    if options["mode"] != "console":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG})
    os.environ["PWD"] = options["directory"]
    shared = enclosure.enclose(
        options["directory"], options["overlays"], options["linkless"], options["memory"], options["become"]
    )
    limit(options)
    if options["mode"] == "probe":
        probe(shared)
        return
    if options["mode"] == "tool":
        tool(options)
    leave(console(options) if options["mode"] == "console" else script(options))


start()

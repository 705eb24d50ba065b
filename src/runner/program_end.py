"""What Python does when a program has ended, done before the prompt opens: what `python3 FILE` leaves behind must be there when the
result is shown. But the variables live on: nothing is taken down, and a file that can stay open stays open.

Python itself closes all files at its end. Here they are flushed; those that are not whole before they are closed (an archive without
its table of contents) are closed.
"""

import _io
import _weakref
import atexit
import fcntl
import gc
import os
import stat
import sys

from error_display import theirs
from outermost import outermost

TEXT, BINARY = _io.TextIOWrapper, (_io.BufferedWriter, _io.BufferedRandom, _io.BufferedRWPair)


def close(kind, file):
    mode = getattr(file, "mode", "w")
    if file.writable() if issubclass(type(file), _io._IOBase) else mode not in ("r", "rb"):
        kind.close(file)


def sync(kind, database):
    kind.sync(database)


def close_copy(kind, database):
    """Such a database writes when it is closed, and can do it at no other time: so a copy of this process does."""
    try:
        copy = os.fork()
    except OSError:
        kind.close(database)
        return
    if copy == 0:
        try:
            kind.close(database)
        finally:
            os._exit(0)
    os.waitpid(copy, 0)


# What has more to write than its buffer, those first that write into others.
UNFINISHED = (
    ("gzip", "GzipFile", close), ("bz2", "BZ2File", close), ("lzma", "LZMAFile", close), ("tarfile", "_Stream", close),
    ("wave", "Wave_write", close), ("aifc", "Aifc_write", close), ("sunau", "Au_write", close),
    ("zipfile", "_ZipWriteFile", close), ("zipfile", "ZipFile", close),
    ("shelve", "Shelf", sync), ("shelve", "BsdDbShelf", sync), ("shelve", "DbfilenameShelf", sync),
    ("dbm.dumb", "_Database", sync), ("_gdbm", "gdbm", sync), ("_dbm", "dbm", close_copy),
)


# As python3 ends when its output can't be written.
LOST_OUTPUT = 120


def end_program(interrupts, status):
    """Does it, and returns the status that follows. Within `interrupts` Ctrl-C works as the program wants it, and here not."""
    for step, owner in ((wait_for_threads, sys.modules.get("threading")), (call_functions, None)):
        try:
            with interrupts:
                step()
        except BaseException as error:
            report(error, owner)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name, None)
        try:
            with interrupts:
                flush(stream)
        except BaseException as error:
            status = LOST_OUTPUT
            if name == "stdout":
                report(error, stream)
            if stream is getattr(sys, f"__{name}__"):
                # What could not be written is lost, and must not come when there is a terminal again.
                attempt(lambda: stream.buffer.raw.close())
    try:
        with interrupts:
            finish_files()
    except BaseException as error:
        report(error, None)
    return status


def wait_for_threads():
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()


def call_functions():
    outermost(atexit._run_exitfuncs)


def flush(stream):
    if stream is not None and not getattr(stream, "closed", False):
        stream.flush()


def finish_files():
    """By the methods of Python's own types: a program's own can be anything."""
    kinds = [(kind, finish) for kind, finish in map(loaded, UNFINISHED) if kind]
    ours = {id(kind) for kind, _ in kinds}
    files = [each for each in all_objects() if issubclass(type(each), _io._IOBase) or id(type(each)) in ours]
    for each in files:
        if issubclass(type(each), TEXT):
            attempt(lambda: TEXT.flush(each))
    flush_binary(files)
    for kind, finish in kinds:
        for each in files:
            if type.__subclasscheck__(kind, type(each)):
                attempt(lambda: finish(kind, each))
    flush_binary(files)


def all_objects():
    try:
        return gc.get_objects()
    except MemoryError:
        return list(sys.modules["__main__"].__dict__.values())


def flush_binary(files):
    for each in files:
        for kind in BINARY:
            if issubclass(type(each), kind):
                attempt(lambda: kind.flush(each))


def loaded(entry):
    """The class of an entry, if the program has imported it. Modules in C may have it without a name."""
    name, kind, finish = entry
    module = sys.modules.get(name)
    within = (*vars(module).values(), *gc.get_referents(module)) if type(module) is type(sys) else ()
    return (next((each for each in within if issubclass(type(each), type) and each.__name__ == kind), None), finish)


def attempt(action):
    """Python says nothing of files that can't be flushed at its end, and goes on with the next also after Ctrl-C."""
    try:
        action()
    except BaseException:
        pass


def report(error, owner):
    """As Python reports an error that nobody can catch."""
    frames = theirs(error.__traceback__)
    attempt(lambda: sys.unraisablehook(unraisable_arguments()((type(error), error, frames, None, owner))))


def unraisable_arguments():
    """The type of what sys.unraisablehook takes. It has no name."""
    found = []

    class Failing:
        def __del__(self):
            raise ValueError

    hook = sys.unraisablehook
    sys.unraisablehook = lambda arguments: found.append(type(arguments))
    try:
        Failing()
    finally:
        sys.unraisablehook = hook
    return found[0]


def go_on():
    """The standard library has noted that Python ends; for the prompt it does not."""
    try:
        forget_end()
    except Exception:
        pass  # modules of the program's own that are called like the standard library's


def forget_end():
    for name, noted in (
        ("threading", "_SHUTTING_DOWN"),
        ("concurrent.futures.thread", "_shutdown"),
        ("concurrent.futures.process", "_global_shutdown"),
        ("multiprocessing.util", "_exiting"),
    ):
        if name in sys.modules and hasattr(sys.modules[name], noted):
            setattr(sys.modules[name], noted, False)
    for name, restore in (
        ("threading", revive_main_thread),
        ("multiprocessing.util", lambda module: atexit.register(module._exit_function)),
        ("weakref", renew_finalizers),
        ("logging", renew_handlers),
    ):
        if name in sys.modules:
            restore(sys.modules[name])


def revive_main_thread(threading):
    main = threading.main_thread()
    if main.is_alive():
        return
    if hasattr(main, "_set_tstate_lock"):
        main._is_stopped = False
        main._set_tstate_lock()
    else:  # from Python 3.13 on
        main._os_thread_handle = threading._make_thread_handle(main.ident)


def renew_finalizers(weakref):
    weakref.finalize._shutdown = False
    # The next one registers what calls them at the end.
    weakref.finalize._registered_with_atexit = False


def renew_handlers(logging):
    """Its handlers are closed, and open their files again when they are used: what the program wrote there must stay."""
    for reference in logging._handlerList:
        handler = reference()
        if isinstance(handler, logging.FileHandler) and handler.mode in ("w", "x"):
            handler.mode = "a"
    atexit.register(logging.shutdown)


class PromptFiles:
    """The files that statements at the prompt write to. They are flushed after each, so that the next run of a program finds all of it."""

    def __init__(self):
        self.descriptors = None
        self.writers = []

    def flush(self):
        descriptors = written_files()
        found = [writer() for writer in self.writers]
        # To look through all objects takes time that grows with them.
        if descriptors != self.descriptors or not all(writer is not None for writer in found):
            found = [each for each in all_objects() if writes_file(each)] if descriptors else []
            self.descriptors, self.writers = descriptors, [_weakref.ref(each) for each in found]
        for each in found:
            try:
                type(each).flush(each)
            except (OSError, ValueError):
                pass  # it is told when the file is closed


def written_files():
    """The regular files that are open for writing."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            file, flags = os.fstat(int(name)), fcntl.fcntl(int(name), fcntl.F_GETFL)
        except OSError:
            continue  # that of the listing
        if stat.S_ISREG(file.st_mode) and flags & os.O_ACCMODE != os.O_RDONLY:
            found.append((name, file.st_dev, file.st_ino))
    return found


def writes_file(each):
    """Only Python's own types in all layers, which can neither wait nor fail in ways of their own."""
    try:
        kind, binary = type(each), each
        if kind is TEXT:
            binary = each.buffer
            kind = type(binary)
        if (kind is _io.BufferedWriter or kind is _io.BufferedRandom) and type(binary.raw) is _io.FileIO:
            return stat.S_ISREG(os.fstat(binary.raw.fileno()).st_mode)
    except (OSError, ValueError):
        pass  # closed or detached
    return False

"""Calls code of the program's in a copy of this process: what it prints, raises, changes or never ends is of no consequence here.

A call may take a time of work that the kernel measures, so that code of C is held to it as well; the copy then ends, and another one
goes on with the next call.
"""

import _signal as signal
import gc
import os
import resource
import time

import ordinary_start

# Seconds for all calls, whatever they wait for.
ALL = 0.6
# Most copies in a row, and bytes that one may take beyond what the process has.
COPIES, MEMORY = 4, 32 << 20
# Bytes of one answer; the pipe to send it is read at once.
ANSWER = 1 << 18

UNASKED = object()

select = ordinary_start.import_privately("select")


def call_in_copies(calls, work):
    """
    The answers (texts) of functions without arguments, in their order; None for one that failed, or took more than `work` seconds of
    work; UNASKED for those that time did not suffice for.
    """
    answers = [UNASKED] * len(calls)
    deadline = time.monotonic() + ALL
    begin = 0
    for _ in range(COPIES):
        left = deadline - time.monotonic()
        if begin >= len(calls) or left <= 0:
            break
        begin = call_in_copy(calls, begin, answers, (work, deadline))
    return answers


def call_in_copy(calls, begin, answers, times):
    """Fills `answers` from `begin` on; returns where to go on."""
    work, deadline = times
    reading, writing = os.pipe()
    # A handler of the program's for the end of its children is not meant.
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    copy = None
    try:
        copy = os.fork()
        if copy == 0:
            serve(calls[begin:], writing, work)
        os.close(writing)
        writing = None
        waiting = select.poll()
        waiting.register(reading, select.POLLIN)
        received = b""
        while len(received) < ANSWER * 2 and waiting.poll(max(0, int((deadline - time.monotonic()) * 1000))):
            chunk = os.read(reading, 65536)
            if not chunk:
                break
            received += chunk
            while b"\n" in received:
                line, _, received = received.partition(b"\n")
                # Each call says that it begins, and then what its answer is.
                if line == b"-":
                    answers[begin] = None
                    begin += 1
                else:
                    answers[begin - 1] = line[1:].decode() or None
    finally:
        os.close(reading)
        if writing is not None:
            os.close(writing)
        if copy:
            kill(copy)
            os.waitpid(copy, 0)
            signal.sigtimedwait({signal.SIGCHLD}, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
    return max(begin, 1)


def kill(copy):
    """With what it has started, unless that left its group."""
    for end in (os.killpg, os.kill):
        try:
            end(copy, signal.SIGKILL)
        except OSError:
            pass  # it is not its own group yet, or is gone


def serve(calls, writing, work):
    try:
        os.setpgid(0, 0)
        gc.disable()
        nothing = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        limit_memory()
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for call in calls:
            os.write(writing, b"-\n")
            signal.setitimer(signal.ITIMER_PROF, work)
            try:
                answer = call().encode("utf-8", "backslashreplace").replace(b"\n", b" ")
            except BaseException:
                answer = b""
            if len(answer) < ANSWER:
                send(writing, b"=" + answer + b"\n")
    finally:
        os._exit(0)


def send(writing, data):
    while data:
        data = data[os.write(writing, data):]


def limit_memory():
    with open("/proc/self/statm") as sizes:
        used = int(sizes.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = used + MEMORY
    if hard == resource.RLIM_INFINITY or bound < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))

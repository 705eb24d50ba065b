# Tries to reach processes outside of its jail by every call that takes a process, a group or a user. Prints NAME: RESULT in JSON.
import ctypes, errno, fcntl, json, os, platform, resource, signal, socket, struct, sys

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
arm = platform.machine() == "aarch64"
targets = json.loads(sys.argv[1])
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
    value = libc.syscall(ctypes.c_long(arm64 if arm else x86), *[ctypes.c_long(a) for a in arguments])
    if value < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return value


@attack("nice of the group")
def _():
    os.setpriority(os.PRIO_PGRP, 0, 19)

@attack("nice of the user")
def _():
    os.setpriority(os.PRIO_USER, 0, 19)
    os.setpriority(os.PRIO_USER, os.getuid(), 19)

@attack("nice of the broker")
def _():
    os.setpriority(os.PRIO_PROCESS, targets["broker"], 19)

@attack("ioprio of the group")
def _():
    syscall(251, 30, 2, 0, 3 << 13)  # the idle class

@attack("ioprio of the user")
def _():
    syscall(251, 30, 3, os.getuid(), 3 << 13)

@attack("affinity of the broker")
def _():
    os.sched_setaffinity(targets["broker"], {0})

@attack("scheduler of the broker")
def _():
    os.sched_setscheduler(targets["broker"], os.SCHED_IDLE, os.sched_param(0))

@attack("limits of the broker")
def _():
    resource.prlimit(targets["broker"], resource.RLIMIT_NOFILE, (3, 3))

@attack("own signals for others")
def _():
    read, write = os.pipe()
    fcntl.fcntl(read, fcntl.F_SETOWN, -targets["group"])

@attack("ioctl signals for others")
def _():
    fcntl.ioctl(socket.socketpair()[0], 0x8901, struct.pack("i", -targets["group"]))

for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, signal.SIG_IGN)

@attack("signal everybody")
def _():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        os.kill(-1, number)

@attack("signal the group")
def _():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        os.kill(0, number)

@attack("signal the broker's group")
def _():
    os.killpg(targets["group"], signal.SIGKILL)

print(json.dumps(results))

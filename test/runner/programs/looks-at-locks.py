# Prints what it sees of others' locks and accesses: one JSON object, FILE: [locked, locked in part, time of access].
import errno, fcntl, json, os, struct, sys


def seen(name):
    with open(name, "rb") as file:
        accessed = os.fstat(file.fileno()).st_atime_ns
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            whole = False
        except BlockingIOError:
            whole = True
        # type, whence, start, length, pid: F_GETLK puts the lock that is in the way there.
        question = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        in_the_way = struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, question))[0]
        return [whole, in_the_way != fcntl.F_UNLCK, accessed]


print(json.dumps({name: seen(name) for name in sys.argv[1:]}))

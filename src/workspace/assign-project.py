"""Gives a directory and everything in it a project id, which is what the kernel counts quotas by: assign-project.py ID DIRECTORY

What is made in it later has the id from its folder. Nothing is followed out of the directory: it may belong to a hostile program, which
may be running. Exit status 0 when all has the id; else one line says what could not be given it.
"""
import fcntl
import os
import stat
import struct
import sys

FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR = 0x801C581F, 0x401C5820
PROJINHERIT = 0x200
FORMAT = "=5I8x"  # struct fsxattr: flags, extent size, extents, project, copy-on-write extent size

project = int(sys.argv[1])
failures = []


def give(descriptor, is_directory):
    flags, extent, extents, before, cow = struct.unpack(FORMAT, fcntl.ioctl(descriptor, FS_IOC_FSGETXATTR, bytes(28)))
    wanted = flags | PROJINHERIT if is_directory else flags
    if (before, flags) != (project, wanted):
        fcntl.ioctl(descriptor, FS_IOC_FSSETXATTR, struct.pack(FORMAT, wanted, extent, extents, project, cow))


def open_entry(name, parent, flags):
    """Opens an entry that its owner may have closed to itself."""
    try:
        return os.open(name, flags, dir_fd=parent)
    except PermissionError:
        reference = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=parent)
        try:
            path, mode = f"/proc/self/fd/{reference}", stat.S_IMODE(os.fstat(reference).st_mode)
            if stat.S_ISLNK(os.fstat(reference).st_mode):
                raise
            os.chmod(path, mode | 0o700)
            try:
                return os.open(path, flags & ~os.O_NOFOLLOW)
            finally:
                os.chmod(path, mode)
        finally:
            os.close(reference)


def visit(directory, depth):
    # The folder first: what is made in it from now on has the id already.
    give(directory, True)
    with os.scandir(directory) as entries:
        names = [(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False)) for entry in entries]
    for name, is_directory, is_file in names:
        # Links, pipes and sockets hold next to nothing and can't be opened without harm.
        if not is_directory and not is_file:
            continue
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | (os.O_DIRECTORY if is_directory else 0)
        try:
            descriptor = open_entry(name, directory, flags)
        except FileNotFoundError:
            continue
        except OSError as error:
            failures.append(error)
            continue
        try:
            if is_directory and depth > 0:
                visit(descriptor, depth - 1)
            elif stat.S_ISREG(os.fstat(descriptor).st_mode):
                give(descriptor, False)
            else:
                failures.append(OSError(f"{name!r} is too deep"))
        except OSError as error:
            failures.append(error)
        finally:
            os.close(descriptor)


top = os.open(sys.argv[2], os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
visit(top, 200)
if failures:
    sys.exit(f"{len(failures)} entries have no project: {failures[0]}")

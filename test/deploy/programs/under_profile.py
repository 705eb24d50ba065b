"""Runs a program under a profile of system calls, as a container engine does: under_profile.py PROFILE NUMBERS PROGRAM ...

NUMBERS is a file with the number of each call on this machine, as JSON."""
import ctypes
import json
import os
import struct
import sys

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERROR = 0x7FFF0000, 0x00050000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2

with open(sys.argv[1], encoding="utf-8") as file:
    profile = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    numbers = json.load(file)
program = [(LOAD, 0, 0, 0)]
for rule in profile["syscalls"]:
    answer = ALLOW if rule["action"] == "SCMP_ACT_ALLOW" else ERROR | rule["errnoRet"]
    for name in rule["names"]:
        if name in numbers:
            program += [(EQUAL, 0, 1, numbers[name]), (RETURN, 0, 0, answer)]
program.append((RETURN, 0, 0, ERROR | profile["defaultErrnoRet"]))
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *instruction) for instruction in program))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
    sys.exit("no_new_privs: " + os.strerror(ctypes.get_errno()))
filter = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0) != 0:
    sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
os.execv(sys.argv[3], sys.argv[3:])

"""Calls a function as if nobody had called us: what it runs finds no frame of ours behind its own.

A program that looks at its callers (traceback.print_stack, inspect.stack, pdb, sys._getframe, warnings.warn) must find its module at the
end, as under python3. The interpreter keeps its innermost frame in one place. While that place is empty, code that is called begins a
stack of its own, as in a new thread. Each version of Python has the place elsewhere; so we look for it, and know it by its content.
Where it is not found the program sees our frames, and all else is as usual.
"""

import ctypes
import sys

WORD = ctypes.sizeof(ctypes.c_void_p)
# A frame object is: references, type, the frame behind it, and (since 3.11) the interpreter's own frame.
INNER_FRAME = 3 * WORD
STATE_WORDS = 32
STACK_BYTES = 16 << 20

thread_state = ctypes.pythonapi.PyThreadState_Get
thread_state.restype = ctypes.c_void_p

# What the program traces with, while code of ours runs.
suspended = None


def word(address):
    return ctypes.c_void_p.from_address(address)


def end_of_stack():
    try:
        return ctypes.c_void_p.in_dll(ctypes.CDLL(None), "__libc_stack_end").value
    except ValueError:
        return 0  # not with every C library: then only what the state itself has is found


STACK_END = end_of_stack()


def place_of_frame():
    """Where the interpreter has its innermost frame, and that of our caller once we have returned; None where it is not found."""
    frame = sys._getframe()
    ours = (word(id(frame) + INNER_FRAME).value, id(frame))
    # A frame that refers to itself would live on, and with it all that its callers hold: files that nobody has closed, for one.
    del frame
    state = thread_state()
    for number in range(STATE_WORDS):
        field = word(state + number * WORD)
        if field.value in ours:
            return field
        # In some versions it is in a record on the stack. No other field leads there.
        if field.value and STACK_END - STACK_BYTES < field.value < STACK_END and field.value % WORD == 0:
            for offset in (0, WORD):
                if word(field.value + offset).value in ours:
                    return word(field.value + offset)
    return None


def end_trace():
    """Whoever steps past the end of a program with a debugger has left it."""
    global suspended
    suspended = None


def outermost(function, *arguments):
    """Calls a function of C, such as exec. A debugger of the program's goes on in it, and pauses in what is ours."""
    global suspended
    place = place_of_frame()
    ours = place and place.value
    try:
        if place:
            place.value = None
        if suspended:
            sys.settrace(suspended)
        return function(*arguments)
    finally:
        suspended = sys.gettrace()
        sys.settrace(None)
        if place:
            place.value = ours

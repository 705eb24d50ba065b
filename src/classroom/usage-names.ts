/**
 * The names that are counted: how runs ended, and Python's own types of errors. A program could invent as many types as
 * it likes; none of those makes a row of its own.
 */

/** How runs end at a limit of the student's. */
export const limitOutcomes = [
  "timed-out",
  "too-much-output",
  "out-of-memory",
  "out-of-disk",
  "too-many-files",
  "too-many-processes",
  "made-room",
] as const;

/** How runs end, those that a student can do something about first. */
export const outcomeNames = [
  "ok",
  "error",
  "exit",
  "stopped",
  ...limitOutcomes,
  "signalled",
  "server-disk-full",
  "failed-to-start",
  "lost",
] as const;

/** How a run ended: "ok" is status 0, "error" an error of Python's, "exit" another status. */
export type OutcomeName = (typeof outcomeNames)[number];

/** Of all other errors. */
const otherError = "other";

/** The exceptions of Python 3.9 to 3.13 that programs end with, warnings left out. */
const errorNames: ReadonlySet<string> = new Set(
  `ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError BufferError
  ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError EOFError Exception
  ExceptionGroup FileExistsError FileNotFoundError FloatingPointError GeneratorExit ImportError IndentationError IndexError
  InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError
  NotADirectoryError NotImplementedError OSError OverflowError PermissionError ProcessLookupError PythonFinalizationError
  RecursionError ReferenceError RuntimeError StopAsyncIteration StopIteration SyntaxError SystemError SystemExit TabError
  TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError ValueError
  ZeroDivisionError`.split(/\s+/),
);

/** The name under which an error is counted, from what a program says its type is. */
export function errorName(type: string): string {
  return errorNames.has(type) ? type : otherError;
}

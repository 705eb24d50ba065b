"""Runs one module of CPython's own tests: `runs-tests.py RESULTS MODULE`. Each test is a line in the file RESULTS, written when it has ended."""

import json
import os
import sys
import unittest

results, module = open(sys.argv[1], "w", buffering=1), sys.argv[2]

from test import support  # noqa: E402
from test.support import os_helper  # noqa: E402

# As regrtest has it without -u: no network, no large files, nothing that takes minutes.
support.use_resources = ["curses"]
support.junit_xml_list = None


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.parts = {}

    def startTest(self, test):
        super().startTest(test)
        self.parts[test.id()] = "ok"

    def note(self, test, outcome, why=""):
        self.parts[test.id()] = outcome
        self.why = why
        if not isinstance(test, unittest.TestCase):
            self.write(test, why)

    def write(self, test, why=""):
        results.write(json.dumps([test.id(), self.parts.pop(test.id(), "ok"), why]) + "\n")

    def stopTest(self, test):
        self.write(test, getattr(self, "why", ""))
        self.why = ""
        super().stopTest(test)

    def last_line(self, error):
        return self._exc_info_to_string(error, self).rstrip().rpartition("\n")[2][:200]

    def addError(self, test, error):
        self.note(test, "error", f"{error[0].__name__}: {error[1]}"[:200])

    def addFailure(self, test, error):
        self.note(test, "failure", f"{error[0].__name__}: {error[1]}"[:200])

    def addSkip(self, test, reason):
        self.note(test, "skipped", reason[:200])

    def addExpectedFailure(self, test, error):
        self.note(test, "expected failure")

    def addUnexpectedSuccess(self, test):
        self.note(test, "unexpected success")

    def addSubTest(self, test, part, error):
        if error is not None:
            self.note(test, "failure", f"{error[0].__name__}: {error[1]}"[:200])


sys.argv[1:] = []
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
with os_helper.temp_cwd():
    try:
        suite = unittest.defaultTestLoader.loadTestsFromName(f"test.{module}")
    except unittest.SkipTest as skip:
        results.write(json.dumps(["the module", "skipped", str(skip)]) + "\n")
    else:
        suite.run(Result())
results.write(json.dumps(["the end", "ok", ""]) + "\n")
results.flush()
os._exit(0)

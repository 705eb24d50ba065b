/** The modules of CPython's tests that are compared: of what programs use, and of what a jail touches. */
export const cpythonModules: readonly string[] =
  `abc argparse array ast asyncio atexit base64 bdb binascii builtin bz2 calendar cmd cmd_line_script code codecs codeop collections
  concurrent_futures configparser contextlib copy csv ctypes curses dataclasses datetime decimal dis doctest enum eintr epoll errno exceptions
  faulthandler fcntl file fileinput fileio float fnmatch fork1 fractions functools gc generators getpass glob grp gzip hashlib heapq inspect io
  ioctl itertools json largefile linecache locale logging lzma math mmap openpty os pathlib pdb pickle pipes platform poll posix posixpath pprint
  pty pwd queue random re readline resource runpy sched select selectors shelve shutil signal site socket stat statistics string
  string_literals subprocess sys sys_setprofile sys_settrace syslog tarfile tempfile textwrap thread threaded_import threading threadsignals time timeit timeout
  traceback tracemalloc types typing unicodedata unittest urllib userdict utf8_mode uuid venv warnings weakref zipfile zipimport zlib
  zoneinfo`
    .split(/\s+/)
    .map((name) => `test_${name}`);

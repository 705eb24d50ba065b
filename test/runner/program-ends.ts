/** Programs that leave to Python's end what is to be done at the end, and what shows what they left. */

export interface ProgramEnd {
  readonly name: string;
  readonly program: string;
  /** Python that prints what is in the files; the program may have failed to make them. */
  readonly look?: string;
  /** What whoever types it at the prompt afterwards reads. */
  readonly prompt?: readonly [string, RegExp];
}

const text = 'print(open("out").read())';

export const programEnds: readonly ProgramEnd[] = [
  {
    name: "a text file",
    program: 'f = open("out", "w")\nf.write("x")',
    look: text,
    prompt: ["f.closed, f.write('y')", /\(False, 1\)/],
  },
  { name: "a binary file", program: 'f = open("out", "wb")\nf.write(b"x" * 10000)', look: text },
  {
    name: "a file that is read and written",
    program: 'open("out", "w").write("0123456789")\nf = open("out", "r+b")\nf.read(3)\nf.seek(3)\nf.write(b"abc")',
    look: text,
  },
  { name: "print to a file", program: 'f = open("out", "a")\nprint("x", 2, file=f)', look: text },
  {
    name: "csv",
    program: 'import csv\nf = open("out", "w", newline="")\nw = csv.writer(f)\nw.writerows([[1, "a,b"], [2, "c"]])',
    look: text,
  },
  { name: "json", program: 'import json\nf = open("out", "w")\njson.dump({"a": [1, 2]}, f)', look: text },
  {
    name: "pickle",
    program: 'import pickle\nf = open("out", "wb")\npickle.dump([1, 2], f)',
    look: 'import pickle; print(pickle.load(open("out", "rb")))',
  },
  {
    name: "configparser",
    program:
      'import configparser\nc = configparser.ConfigParser()\nc["a"] = {"b": "1"}\nf = open("out", "w")\nc.write(f)',
    look: text,
  },
  {
    name: "xml",
    program:
      'from xml.sax.saxutils import XMLGenerator\nf = open("out", "wb")\ng = XMLGenerator(f)\ng.startDocument()\ng.startElement("a", {})',
    look: text,
  },
  {
    name: "gzip, text and binary",
    program:
      'import gzip\nf = gzip.open("out", "wt")\nf.write("x\\n" * 1000)\ng = gzip.GzipFile("more", "wb")\ng.write(b"y")',
    look: 'import gzip; print(len(gzip.open("out").read()), gzip.open("more").read())',
  },
  {
    name: "bz2",
    program: 'import bz2\nf = bz2.open("out", "wb")\nf.write(b"x" * 1000)',
    look: 'import bz2; print(len(bz2.open("out").read()))',
  },
  {
    name: "lzma",
    program: 'import lzma\nf = lzma.open("out", "wt")\nf.write("x" * 1000)',
    look: 'import lzma; print(len(lzma.open("out").read()))',
  },
  {
    name: "zipfile, with an entry that is being written",
    program:
      'import zipfile\nz = zipfile.ZipFile("out", "w")\nz.writestr("a", "x" * 1000)\ne = z.open("b", "w")\ne.write(b"y")',
    look: 'import zipfile; z = zipfile.ZipFile("out"); print([(i.filename, z.read(i)[-3:]) for i in z.infolist()])',
  },
  {
    name: "tarfile",
    program:
      'import tarfile, io\nt = tarfile.open("out", "w:gz")\ni = tarfile.TarInfo("a")\ni.size = 3\nt.addfile(i, io.BytesIO(b"xyz"))',
    look: 'import tarfile; t = tarfile.open("out"); print(t.getnames(), t.extractfile("a").read())',
  },
  {
    name: "wave",
    program:
      'import wave\nw = wave.open("out", "wb")\nw.setnchannels(1)\nw.setsampwidth(2)\nw.setframerate(8000)\nw.writeframesraw(b"\\0" * 100)',
    look: 'import wave; print(wave.open("out").getparams())',
  },
  {
    name: "a shelf",
    program: 'import shelve\ns = shelve.open("out", writeback=True)\ns["a"] = [1]\ns["a"].append(2)',
    look: 'import shelve; print(dict(shelve.open("out")))',
    prompt: ["s['a']", /\[1, 2\]/],
  },
  {
    name: "dbm",
    program: 'import dbm\nd = dbm.open("out", "c")\nd["a"] = "b"',
    look: 'import dbm; print(dbm.open("out")["a"])',
    prompt: ["d['a']", /b'b'/],
  },
  {
    name: "sqlite3, committed and not",
    program:
      'import sqlite3\nc = sqlite3.connect("out")\nc.execute("create table t(a)")\nc.execute("insert into t values(1)")\nc.commit()\nc.execute("insert into t values(2)")',
    look: 'import sqlite3; print(list(sqlite3.connect("out").execute("select * from t")))',
  },
  {
    name: "logging",
    program:
      'import logging, logging.handlers\nlogging.basicConfig(filename="out", filemode="w", format="%(message)s", level="INFO")\nlogging.info("one")\nh = logging.handlers.MemoryHandler(100, target=logging.FileHandler("more"))\nl = logging.getLogger("more")\nl.addHandler(h)\nl.info("two")',
    look: 'print(open("out").read(), open("more").read())',
    prompt: ["logging.info('three'); print(open('out').read())", /one\r?\ntwo\r?\nthree/],
  },
  {
    name: "layers of io",
    program:
      'import io\nf = io.TextIOWrapper(io.BufferedWriter(io.FileIO("out", "w")), newline="\\r\\n")\nf.write("x\\n")',
    look: 'print(repr(open("out", newline="").read()))',
  },
  {
    name: "codecs",
    program: 'import codecs\nf = codecs.open("out", "w", "utf-16-le")\nf.write("xyz")',
    look: 'print(open("out", "rb").read())',
  },
  {
    name: "a descriptor",
    program: 'import os\nf = os.fdopen(os.open("out", os.O_CREAT | os.O_WRONLY), "w")\nf.write("x")',
    look: text,
  },
  {
    name: "a temporary file that stays",
    program:
      'import tempfile\nf = tempfile.NamedTemporaryFile("w", dir=".", prefix="out-", delete=False)\nf.write("x")',
    look: 'import glob; print([open(n).read() for n in glob.glob("out-*")])',
  },
  {
    name: "mmap",
    program:
      'import mmap\nopen("out", "w").write("0123")\nf = open("out", "r+b")\nm = mmap.mmap(f.fileno(), 4)\nm[:2] = b"ab"',
    look: text,
  },
  {
    name: "fileinput in place",
    program:
      'import fileinput\nopen("out", "w").write("a\\nb\\n")\nfor line in (i := fileinput.input("out", inplace=True)):\n    print(line.upper(), end="")\n    if line == "b\\n": break',
    look: text,
  },
  {
    name: "an exit stack and a generator that were left open",
    program:
      'import contextlib\ns = contextlib.ExitStack()\nf = s.enter_context(open("out", "w"))\nf.write("x")\ndef g():\n    with open("more", "w") as f:\n        f.write("y")\n        yield\nh = g()\nnext(h)',
    look: 'print(open("out").read(), open("more").read())',
  },
  {
    name: "a file in a function that fails",
    program: 'def f():\n    g = open("out", "w")\n    g.write("x")\n    return 1 / 0\nf()',
    look: text,
  },
  {
    name: "sys.exit in a function",
    program: 'import sys\ndef f():\n    g = open("out", "w")\n    g.write("x")\n    sys.exit(3)\nf()',
    look: text,
  },
  { name: "standard output, opened once more", program: 'f = open(1, "w", closefd=False)\nf.write("once")' },
  {
    name: "a class of the program's own",
    program:
      'import io\nclass Loud(io.TextIOWrapper):\n    def write(self, s):\n        return super().write(s.upper())\nf = Loud(open("out", "wb"))\nf.write("x")',
    look: text,
  },
  {
    name: "classes that refuse to be asked",
    program:
      'import io\nclass Meta(type):\n    def __eq__(self, other): raise SystemExit(5)\n    def __hash__(self): raise SystemExit(6)\n    def __subclasscheck__(self, kind): raise SystemExit(7)\nclass Odd(metaclass=Meta):\n    @property\n    def __class__(self): raise SystemExit(8)\no = Odd()\nf = open("out", "w")\nf.write("x")',
    look: text,
  },
  {
    name: "atexit",
    program:
      'import atexit\natexit.register(print, "first")\natexit.register(lambda: open("out", "a").write("x"))\natexit.register(lambda: 1 / 0)\nprint("program")',
    look: text,
    prompt: ["exit()", /^(?![^]*first)/],
  },
  {
    name: "atexit, which looks at its callers",
    program: "import atexit, traceback\ndef f():\n    traceback.print_stack()\natexit.register(f)",
  },
  {
    name: "weakref.finalize",
    program: 'import weakref\nclass A: pass\na = A()\nweakref.finalize(a, print, "finalized")',
    prompt: ["b = A(); weakref.finalize(b, print, 'anew') and None; del b", /anew/],
  },
  {
    name: "a thread that still works",
    program:
      'import threading, time\ndef f():\n    time.sleep(0.3)\n    print("thread")\n    g.write("x")\ng = open("out", "w")\nthreading.Thread(target=f).start()\nprint("main")',
    look: text,
    prompt: ["threading.main_thread().is_alive(), threading.active_count()", /\(True, 1\)/],
  },
  {
    name: "a thread that works as long as the main thread lives",
    program:
      'import threading, time\ndef f():\n    while threading.main_thread().is_alive():\n        time.sleep(0.01)\n    print("thread")\nthreading.Thread(target=f).start()',
  },
  {
    name: "an executor that nobody shut down",
    program:
      'import time\nfrom concurrent.futures import ThreadPoolExecutor\ne = ThreadPoolExecutor(2)\ndef f(n):\n    time.sleep(0.1)\n    print("task", n)\ne.submit(f, 1)',
    prompt: ["ThreadPoolExecutor(1).submit(pow, 2, 5).result()", /32/],
  },
  {
    name: "threads after an error, then atexit",
    program:
      'import atexit, threading, time\natexit.register(print, "atexit")\nthreading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()\n1 / 0',
  },
  {
    name: "a child that it forked",
    program:
      'import os\nf = open("out", "w")\nif os.fork() == 0:\n    f.write("child")\nelse:\n    os.wait()\n    f.write("parent")',
    look: text,
  },
  {
    name: "a process of multiprocessing that nobody waited for",
    program:
      'import multiprocessing, time\ndef f():\n    time.sleep(0.2)\n    open("out", "w").write("x")\nmultiprocessing.get_context("fork").Process(target=f).start()',
    look: text,
  },
  {
    name: "a pipe to a process",
    program:
      'import subprocess\np = subprocess.Popen(["sh", "-c", "read a; echo $a > out"], stdin=subprocess.PIPE, text=True)\np.stdin.write("x\\n")\nimport atexit, time',
    look: 'import time, os\nwhile not os.path.exists("out") or not os.path.getsize("out"): time.sleep(0.01)\nprint(open("out").read())',
  },
];

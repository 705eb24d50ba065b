/** A program's stack ends at its own module, and its errors look as under python3: each program is also run by a real one. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { Emitter } from "../../src/base/events.ts";
import { resetTerminal } from "../../src/runner/reset-terminal.ts";
import { collector, Lab } from "./support.ts";

/** Programs, some with what is typed; each is run by us and by python3. */
const programs: Readonly<Record<string, readonly [text: string, input?: string]>> = {
  "traceback.print_stack": ["import traceback\ndef f():\n    traceback.print_stack()\nf()\ntraceback.print_stack()\n"],
  "inspect.stack": [
    "import inspect\ndef f():\n    for each in inspect.stack(): print(each.filename, each.lineno, each.function, each.code_context)\nf()\nprint(inspect.currentframe().f_back)\n",
  ],
  "sys._getframe": ["import sys\nsys._getframe(1)\n"],
  "frames of handlers, threads, generators and destructors": [
    `import atexit, signal, sys, threading, traceback
def show(*_):
    traceback.print_stack(file=sys.stdout)
signal.signal(signal.SIGUSR1, show)
signal.raise_signal(signal.SIGUSR1)
thread = threading.Thread(target=show)
thread.start()
thread.join()
def generate():
    show()
    yield
next(generate())
class Thing:
    __del__ = show
thing = Thing()
del thing
atexit.register(show)
`,
  ],
  "warnings with a stack level": [
    "import warnings\nfor level in 1, 2, 3, 9:\n    warnings.warn(f'level {level}', stacklevel=level)\n",
  ],
  "logging with the stack": [
    "import logging\nlogging.basicConfig(format='%(filename)s %(lineno)d %(funcName)s %(message)s')\nlogging.warning('here', stack_info=True)\nlogging.warning('above', stacklevel=5)\n",
  ],
  faulthandler: ["import faulthandler, sys\nfaulthandler.dump_traceback(all_threads=False)\n"],
  tracemalloc: [
    "import tracemalloc\ntracemalloc.start(25)\nx = bytearray(10000)\nprint(tracemalloc.get_object_traceback(x))\n",
  ],
  "namedtuple, Enum, dataclass and TypedDict that ask who made them": [
    "import collections, enum, dataclasses, typing\nP = collections.namedtuple('P', 'x')\nE = enum.Enum('E', 'A')\nD = dataclasses.make_dataclass('D', ['x'])\nT = typing.NamedTuple('T', [('x', int)])\nprint(P.__module__, E.__module__, D.__module__, T.__module__, P(1), E.A)\n",
  ],
  "pdb: w, u, d and the end": [
    "x = 1\nimport pdb; pdb.set_trace()\ny = 2\nprint(x + y)\n",
    "w\nu\nd\np x\nn\nw\nn\nn\nn\nn\n",
  ],
  "breakpoint() in a function": [
    "def f(a):\n    breakpoint()\n    return a * 2\nprint(f(3))\n",
    "w\nu\nu\nargs\nr\nc\n",
  ],
  "breakpoint() and steps past the end": [
    "def f(a):\n    breakpoint()\n    return a * 2\nf(3)\n",
    "s\ns\ns\ns\ns\ns\nc\n",
  ],
  "pdb: q": ["breakpoint()\nprint('not reached')\n", "q\n"],
  "pdb: where after an error": [
    "import pdb, sys\ntry:\n    [][1]\nexcept IndexError:\n    pdb.post_mortem()\n",
    "w\nc\n",
  ],
  "a trace function": [
    "import sys\ndef trace(frame, event, arg):\n    print(event, frame.f_code.co_name, frame.f_lineno)\n    return trace\nsys.settrace(trace)\ndef f():\n    return 1\nf()\n",
  ],
  "an error with causes": [
    "def f():\n    try:\n        1 / 0\n    except ZeroDivisionError as error:\n        raise ValueError('x') from error\ntry:\n    f()\nexcept ValueError:\n    {}['key']\n",
  ],
  "an error in a group": ["raise ExceptionGroup('several', [ValueError(1), TypeError(2)])\n"],
  "a syntax error": ["x = (1,\n"],
  "a syntax error in what is imported": ["open('broken_part.py', 'w').write('def f(:\\n')\nimport broken_part\n"],
  "a hook for errors": [
    "import sys, traceback\ndef hook(*error):\n    traceback.print_stack()\n    print('hook', *error[:2])\nsys.excepthook = hook\n1 / 0\n",
  ],
  "a hook that fails": ["import sys\ndef hook(*error):\n    [][1]\nsys.excepthook = hook\n1 / 0\n"],
  "a hook that exits": ["import sys\nsys.excepthook = lambda *error: sys.exit(7)\n1 / 0\n"],
  "no hook": ["import sys\ndel sys.excepthook\n1 / 0\n"],
  "exit with words": ["import sys\nsys.exit('no more')\n"],
  "an interrupt": ["import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(60)\n"],
  "an interrupt without a hook": [
    "import os, signal, sys\ndel sys.excepthook\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(60)\n",
  ],
  "a fork whose child goes on to the end": [
    "import os, sys\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('end', bool(pid), flush=True)\n",
  ],
  "exec and eval of its own": [
    "import traceback\nexec('import traceback; traceback.print_stack()')\nprint(eval('__name__'))\n",
  ],
  runpy: [
    "import runpy, sys\nif len(sys.argv) == 1:\n    sys.argv.append('again')\n    runpy.run_path(__file__, run_name='__main__')\nelse:\n    import traceback\n    traceback.print_stack()\n",
  ],
};

/** What is typed at a prompt, line by line. */
const statements = [
  "import traceback, inspect, sys, warnings",
  "traceback.print_stack()",
  "len(inspect.stack()), inspect.currentframe().f_back",
  "sys._getframe(1)",
  "def f(): traceback.print_stack()",
  "",
  "f()",
  "warnings.warn('here', stacklevel=2)",
  "breakpoint()",
  "w",
  "n",
  "c",
  "1 / 0",
  "type(sys.last_value), sys.last_traceback.tb_next",
  "import pdb; pdb.pm()",
  "w",
  "q",
  "sys.excepthook = None",
  "1 / 0",
];

describe("a program's stack ends at its own module", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
    await mkdir(join(home(), "work"));
    await writeFile(
      join(home(), "by-python.py"),
      `import os, sys
os.chdir("/home/ada/work")
os.environ["PWD"] = os.getcwd()
os.execvp("python3", ["python3", *sys.argv[1:]])
`,
    );
  });
  after(() => lab[Symbol.asyncDispose]());

  const home = (): string => join(lab.directory, "files/Local/ada");

  for (const [name, [text, stdin = ""]] of Object.entries(programs)) {
    it(`without a screen: ${name}`, async () => {
      await writeFile(join(home(), "work/main.py"), text);
      const ours = await lab.run("work/main.py", { stdin });
      const theirs = await lab.run("by-python.py", { args: ["main.py"], stdin });
      const comparable = ({ stdout, stderr, outcome }: typeof ours) => ({
        stdout: stdout.replaceAll(/0x[\da-f]+/g, "0x"),
        stderr: stderr.replaceAll(/0x[\da-f]+/g, "0x"),
        outcome,
      });
      assert.deepEqual(comparable(ours), comparable(theirs));
    });
  }

  /** What a terminal shows of a program, and of the lines that are typed, each when it is asked for. */
  async function onTerminal(program: string, args: readonly string[], lines: readonly string[]): Promise<string> {
    await using console = lab.console();
    await console.reaches("prompt");
    console.clear();
    console.console.runFile(`/home/ada/${program}`, args);
    const asked = /(>>> |\.\.\. |\(Pdb\) )$/;
    let read = 0;
    for (const line of [...lines, undefined]) {
      await console.until("a question", () => console.text.length > read && asked.test(console.text), 30);
      read = console.text.length;
      if (line !== undefined) console.console.write(`${line}\r`);
    }
    const shown = console.text.slice(console.text.indexOf("===\x1b[0m\r\n"));
    return shown
      .replaceAll(resetTerminal, "")
      .replaceAll(/^Finished with exit status \d+\.\r\n/gm, "")
      .replaceAll(/\x1b\[[?!\d;]*[a-z]|\r|^===\s*/gi, "")
      .replaceAll(/0x[\da-f]+/g, "0x");
  }

  it("at the prompt, which is that of python3 -i", async () => {
    await writeFile(join(home(), "work/main.py"), "import traceback\ntraceback.print_stack()\n");
    assert.equal(
      await onTerminal("work/main.py", [], statements),
      await onTerminal("by-python.py", ["-i", "main.py"], statements),
    );
  });

  for (const name of ["breakpoint() in a function", "a hook that fails", "pdb: where after an error"]) {
    it(`in the console: ${name}`, async () => {
      const [text, input = ""] = programs[name] ?? assert.fail();
      await writeFile(join(home(), "work/main.py"), text);
      const lines = input.split("\n").slice(0, -1);
      assert.equal(
        await onTerminal("work/main.py", [], lines),
        await onTerminal("by-python.py", ["-i", "main.py"], lines),
      );
    });
  }

  it("and whoever steps past it with a debugger is at the prompt, where nothing is traced", async () => {
    await writeFile(join(home(), "work/main.py"), "breakpoint()\nprint('last')\n");
    const shown = await onTerminal("work/main.py", [], ["n", "n", "1 + 1"]);
    assert.match(
      shown,
      /--Return--\n> \/home\/ada\/work\/main\.py\(2\)<module>\(\)->None\n-> print\('last'\)\n\(Pdb\) n\n>>> 1 \+ 1\n2\n>>> $/,
    );
  });

  it("in an interrupt at any moment of its start", async () => {
    await writeFile(join(home(), "work/main.py"), "import time\ntime.sleep(60)\n");
    for (let run = 0; run < 8; run++) {
      const signals = new Emitter<string>();
      const [stdin, stdout, stderr] = [new PassThrough(), collector(), collector()];
      const timer = setInterval(() => signals.emit("INT"), 1 + run);
      try {
        await lab.runner.runScript(
          lab.place,
          { file: "/home/ada/work/main.py", args: [] },
          {
            stdin,
            stdout: stdout.stream,
            stderr: stderr.stream,
            signal: new AbortController().signal,
            onSignal: signals.on,
          },
        );
      } finally {
        clearInterval(timer);
      }
      assert.doesNotMatch(stderr.text(), /classh|runner/);
    }
  });
});

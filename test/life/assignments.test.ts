/** Assignments over ssh: making one, and finding out whether it is right; what students' programs may try against checks. */
import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testServer, type TestServer } from "../support/server.ts";

interface Checked {
  readonly ok: boolean;
  readonly mistakes: readonly { readonly file: string; readonly line: number; readonly text: string }[];
  readonly checks: readonly {
    readonly title: string;
    readonly solution: boolean;
    readonly starter: boolean;
    readonly why: string | null;
  }[];
}

describe("assignments", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ "limits.commandsPerMinute": 10_000 });
    await server.add("liskov", "professor");
    await server.add("tia", "ta", "A");
    await server.add("ada", "student", "A");
  });
  after(() => server[Symbol.asyncDispose]());

  const place = (...path: readonly string[]): string => join(server.data, "files/Staff/Assignments", ...path);
  const check = async (name: string, user = "liskov"): Promise<Checked> => {
    const { stdout, stderr } = await server.run(user, `assignment check ${name} --json`);
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout) as Checked;
  };
  /** An assignment with these checks for a program, and what they find in it. */
  const judge = async (program: string, checks: string, seconds = 30): Promise<readonly (string | null)[]> => {
    await rm(place("judge"), { recursive: true, force: true });
    await server.run("liskov", "assignment new judge");
    await writeFile(place("judge/solution/area.py"), program);
    await writeFile(place("judge/starter/area.py"), "raise SystemExit(9)\n");
    await writeFile(
      place("judge/assignment.yaml"),
      `title: T\nlimits: {seconds: ${seconds}}\nfiles: [area.py]\nchecks:\n${checks}`,
    );
    const { checks: found, mistakes } = await check("judge");
    assert.deepEqual(
      mistakes.filter(({ line }) => line > 1),
      [],
    );
    return found.map(({ solution, why }) => (solution ? "passed" : why));
  };

  it("begin as an example without mistakes, whose checks run", async () => {
    const made = await server.run("liskov", "assignment new hw1");
    assert.equal(made.stderr, "");
    assert.match(made.stdout, /^Made \/staff\/Assignments\/hw1\./);
    const tried = await server.run("tia", "assignment check hw1");
    assert.equal(
      tried.stdout,
      "The area of a rectangle: 7 points.\nThe solution passes 4 checks, 1 of them hidden; what students begin with passes 1.\nNo mistakes.\n",
    );
    assert.equal(tried.status, 0);
    assert.deepEqual(await readdir(join(server.data, "copies/checks")).catch(() => []), [], "copies are removed");
  });

  it("have one name each, whatever its case", async () => {
    assert.match(
      (await server.run("liskov", "assignment new HW1 --test")).stderr,
      /there is an assignment hw1 already/,
    );
    for (const name of ["..", "a/b", "a..b", "'a b'", ".hidden"])
      assert.equal((await server.run("liskov", `assignment new ${name}`)).status, 2, name);
    const both = await Promise.all(["race", "race"].map((name) => server.run("liskov", `assignment new ${name}`)));
    assert.deepEqual(
      both.map(({ status }) => status).toSorted((a, b) => (a ?? 0) - (b ?? 0)),
      [0, 5],
    );
  });

  it("are nothing for students, and only to read for assistants", async () => {
    assert.equal((await server.run("tia", "assignment new hw2")).status, 3);
    assert.equal((await server.run("ada", "assignment check hw1")).status, 3);
  });

  it("tell every mistake with file and line", async () => {
    await server.run("liskov", "assignment new broken");
    await writeFile(place("broken/assignment.yaml"), "title: T\npoint: 3\nchecks:\n  - call: f(\n    returns: '['\n");
    await rm(place("broken/README.md"));
    const told = await server.run("liskov", "assignment check broken");
    assert.equal(told.status, 1);
    assert.equal(
      told.stdout,
      [
        "/staff/Assignments/broken/README.md:1: it is missing: the task, for students to read",
        '/staff/Assignments/broken/assignment.yaml:2: unknown key "point" (did you mean points?)',
        "/staff/Assignments/broken/assignment.yaml:5: returns: a ] is missing",
        "3 mistakes.\n",
      ].join("\n"),
    );
    await writeFile(
      place("broken/assignment.yaml"),
      "title: T\nfiles: [other.py]\nchecks:\n  - output: area.py\n    expectFile: nothing.out\n",
    );
    await writeFile(place("broken/README.md"), "x");
    await writeFile(place("broken/starter/AREA.py"), "");
    await writeFile(place("broken/starter/checks.yaml"), "");
    assert.deepEqual(
      (await check("broken")).mistakes.map(({ file, text }) => `${file}: ${text}`),
      [
        'assignment.yaml: the check "area.py" names checks/nothing.out, which is missing',
        "assignment.yaml: other.py is to be handed in, but neither in solution/ nor in starter/",
        "starter/checks.yaml: students get another file of this name",
        "starter/area.py: it differs from AREA.py in case only",
      ],
    );
  });

  it("are wrong when the solution fails, and when what students begin with passes", async () => {
    await server.run("liskov", "assignment new swapped");
    const [starter, solution] = [place("swapped/starter/area.py"), place("swapped/solution/area.py")];
    const [one, other] = [await readFile(starter, "utf8"), await readFile(solution, "utf8")];
    await writeFile(starter, other);
    assert.deepEqual(
      (await check("swapped")).mistakes.map(({ text }) => text),
      ["what students begin with passes every check"],
    );
    await writeFile(solution, one);
    const { mistakes, ok } = await check("swapped");
    assert.equal(ok, false);
    assert.deepEqual(mistakes.map(({ text }) => text).slice(0, 2), [
      "the solution fails: Three by four: it printed something else",
      "the solution fails: area(3, 4): it gives something else",
    ]);
  });

  it("compare what is printed, files, statuses, values, exceptions and texts", async () => {
    const program = `import sys
def values():
    return {"a": (1, 2.5), "b": [None, True, "x"]}
def refuse(x):
    raise ValueError("no " + x)
class Account:
    def __init__(self, sum): self.sum = sum
    def add(self, more): return Account(self.sum + more)
if __name__ == "__main__":
    print(" 3.14159  2 "); print("x")
    open("out.txt", "w").write("written\\n")
    sys.exit(3)
`;
    const lines = [
      ['{output: area.py, status: 3, expect: " 3.14159  2\\nx"}', "passed"],
      ['{output: area.py, status: 3, compare: exact, expect: " 3.14159  2\\nx"}', "it printed something else"],
      ['{output: area.py, status: 3, compare: numbers, tolerance: 0.01, expect: "3.14 2 x"}', "passed"],
      ['{output: area.py, status: 3, expectPattern: "^x$"}', "passed"],
      ['{output: area.py, status: 3, expectPattern: "^( |.)*y$"}', "what it printed does not match"],
      [
        '{output: area.py, status: 3, expectPattern: "^(.|.)*(.|.)*(.|.)*(.|.)*(.|.)*(.|.)*!$"}',
        "what it printed does not match",
      ],
      ["{output: area.py, status: 3, expectFiles: {out.txt: written}}", "passed"],
      ["{output: area.py, status: 3, expectFiles: {no.txt: written}}", "it left no file no.txt"],
      ["{output: area.py, expect: x}", "finished with exit status 3"],
      ["{call: values(), returns: \"{'b': [None, True, 'x'], 'a': (1, 2.5)}\"}", "passed"],
      ["{call: values(), returns: \"{'b': [None, True, 'x'], 'a': [1, 2.5]}\"}", "it gives something else"],
      ['{call: Account(3).add(4).sum, returns: "7"}', "passed"],
      ['{call: Account(3), returns: "3"}', "it gives something else"],
      ["{call: refuse('x'), raises: ValueError}", "passed"],
      ["{call: refuse('x'), raises: Exception}", "passed"],
      ["{call: refuse('x'), raises: KeyError}", "ValueError in line 5: no x"],
      ["{call: values(), raises: KeyError}", "KeyError is not raised"],
      [
        "{code: area.py, mustImport: [sys], mustDefine: [Account], mustCall: [print, sys.exit], mustNotUse: [while], maxNesting: 1}",
        "passed",
      ],
      ["{code: area.py, mustNotCall: [open]}", "it must not call open: line 11"],
      ["{code: area.py, mustUse: [recursion]}", "it must use recursion"],
      ["{code: none.py, mustUse: [for]}", "there is no none.py"],
    ] as const;
    const found = await judge(program, lines.map(([line]) => `  - ${line}\n`).join(""));
    assert.deepEqual(
      found,
      lines.map(([, expected]) => expected),
    );
  });

  /** Each tries to pass `call: answer(6)` with 42 and to be printed as right, without knowing what is expected. */
  const attacks: Readonly<Record<string, string>> = {
    "an object that equals everything":
      "class Any:\n    def __eq__(self, other): return True\ndef answer(x): return Any()",
    "a number that says it is another":
      "class Lie(int):\n    def __eq__(self, other): return True\n    def __repr__(self): return '42'\ndef answer(x): return Lie(1)",
    "an early end": "import os\nos._exit(0)",
    "an early end in the call": "import os\ndef answer(x): os._exit(0)",
    "a mark without a value":
      "import sys, os\ndef answer(x):\n    frame = sys._getframe()\n    while frame: \n        mark = frame.f_locals.get('mark', frame)\n        frame = frame.f_back\n    os.write(1, b'\\n' + str(mark).encode() + b'{\"value\": {\"kind\": \"right\"}}\\n'); os._exit(0)",
    "a patched json": "import json\njson.dumps = lambda *a, **k: '{}'\ndef answer(x): return 1",
    "patched builtins": "import builtins\nbuiltins.isinstance = lambda *a: True\ndef answer(x): return object()",
    "a hang": "while True: pass",
    "a wait for input that never comes": "import time\ntime.sleep(1000)",
    "a flood": "while True: print('x' * 100000)",
    "a fork that stays": "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\ndef answer(x): return 1",
    "a closed output": "import os\nos.close(1)\ndef answer(x): return 1",
    "a value without end": "def answer(x):\n    a = []\n    a.append(a)\n    return a",
    "a value that is too large": "def answer(x): return [0] * 10**6",
    "a search for what is expected":
      "import os, re\ndef answer(x):\n    for top, _, names in os.walk('/'):\n        if top.startswith(('/proc', '/sys', '/usr', '/home')): continue\n        for name in names:\n            try: text = open(os.path.join(top, name)).read()\n            except Exception: continue\n            if 'returns' in text or 'assignment' in name: return 42\n    return 0",
    "what lies in /staff":
      "import os\ndef answer(x): return 42 if os.path.exists('/staff') or os.path.exists('/course') else 0",
    "a stopped harness": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "a name that hides a module":
      "import sys\nsys.modules['json'] = sys\nsys.modules['os'] = sys\ndef answer(x): return 1",
  };
  for (const [what, program] of Object.entries(attacks))
    it(`are not passed by ${what}`, async () => {
      const [call, printed] = await judge(
        `${program}\n`,
        '  - {call: answer(6), returns: "42"}\n  - {output: area.py, expect: "42"}\n',
        2,
      );
      assert.notEqual(call, "passed");
      assert.notEqual(printed, "passed");
    });
});

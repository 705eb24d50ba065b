import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Lab, type Transcript } from "./support.ts";

/** Each uses less than half of what a program may have, most reserve far more. All print "done" at their end. */
const modest: Readonly<Record<string, string>> = {
  "multiplies, counts and draws": `
import numpy, pandas, matplotlib.pyplot as plt
a = numpy.random.rand(400, 400)
assert (a @ a).shape == (400, 400)
assert pandas.DataFrame({"a": range(9999), "b": "x"}).groupby("b").a.mean()["x"] == 4999
plt.plot(a[0])
plt.title("$x^2$")
plt.savefig("plot.png")`,
  "maps a file again and again": `
import numpy
open("data.bin", "wb").write(bytes(8 << 20))
maps = [numpy.memmap("data.bin", mode=mode) for mode in "rc" for _ in range(8)]
assert sum(int(each.sum()) for each in maps) == 0`,
  "has threads with stacks as usual": `
import threading
threading.stack_size(8 << 20)
go = threading.Event()
threads = [threading.Thread(target=go.wait) for _ in range(6)]
for each in threads: each.start()
go.set()
for each in threads: each.join()`,
  "has children that share what it has": `
import os, time
kept = bytes(range(256)) * (200 << 10)
for number in range(4):
    if os.fork() == 0:
        time.sleep(0.5)
        os._exit(kept[number])
assert sorted(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)) == [0, 1, 2, 3]`,
  "has a database in memory": `
import sqlite3
with sqlite3.connect(":memory:") as db:
    db.execute("create table t (x)")
    db.executemany("insert into t values (?)", [("x" * 1000,) for _ in range(20_000)])
    assert db.execute("select count(*) from t").fetchone() == (20_000,)`,
  compresses: "import lzma\nassert lzma.decompress(lzma.compress(bytes(1 << 20))) == bytes(1 << 20)",
  "reserves what it does not use":
    "import mmap\nkept = mmap.mmap(-1, 200 << 20, mmap.MAP_PRIVATE), bytearray(50 << 20)",
};

/** Programs that want more and more. */
const greedy: Readonly<Record<string, string>> = {
  "makes a list of numbers": "kept = []\nwhile True: kept.append(len(kept))",
  "doubles a text": "kept = 'x'\nwhile True: kept += kept",
  "keeps texts in a dictionary": "kept = {}\nwhile True: kept[len(kept)] = str(len(kept)) * 50",
  "wants all at once": "kept = [0] * 10 ** 9",
  "fills an array": "import numpy\nkept = []\nwhile True: kept.append(numpy.ones(100_000))",
  "recurses with copies": `
import sys
sys.setrecursionlimit(10 ** 6)
def copies(kept): return copies(kept + kept)
copies([0] * 1000)`,
};

const isOver = ({ console }: Transcript): boolean => console.state === "ended";

for (const cgroups of ["auto", "off"] as const) {
  describe(`the memory of a program, control groups ${cgroups}`, () => {
    let lab: Lab;
    before(async () => {
      lab = await Lab.open({ runner: { cgroups }, limits: { runSeconds: 600 } });
    });
    after(() => lab[Symbol.asyncDispose]());

    const write = (text: string): Promise<void> => writeFile(join(lab.place.workspaceDirectory, "program.py"), text);

    for (const [what, program] of Object.entries(modest)) {
      it(`is enough for one that ${what}`, async () => {
        await write(`${program}\nprint("done")\n`);
        const end = await lab.run("program.py");
        assert.deepEqual(end, { outcome: { kind: "exited", status: 0 }, stdout: "done\n", stderr: "" });
      });
    }

    it("is enough for numpy, pandas and matplotlib in the console too, and they leave nothing in the home", async () => {
      await write(`import pandas, matplotlib.pyplot as plt\nf = pandas.DataFrame({"a": range(999)})\nplt.plot(f.a)\n`);
      await using console = lab.console();
      const end = await console.runToEnd("program.py");
      assert.deepEqual(end.outcome, { kind: "exited", status: 0 }, console.plainText);
      await console.type("import numpy, os; m = numpy.random.rand(300, 300); plt.savefig('a.png')");
      assert.match(await console.type("int(numpy.trace(m @ m) > 0), f.a.sum()"), /\(1, 498501\)/);
      assert.match(await console.type("[n for n in os.listdir() if n[0] == '.']"), /\[\]/);
    });

    for (const [what, program] of Object.entries(greedy)) {
      it(`ends with a MemoryError for one that ${what}`, async () => {
        await write(program);
        await using console = lab.console();
        const end = await console.runToEnd("program.py");
        assert.deepEqual(end.outcome, { kind: "out-of-memory", mebibytes: 128 }, console.plainText);
        // A machine that is busy elsewhere may notice too late: then the kernel ends it.
        if (isOver(console)) return;
        assert.match(console.plainText, /MemoryError/);
        assert.match(await console.type("kept = None; 'still ' + 'here'"), /'still here'/);
        assert.match(await console.type("len('x' * (50 << 20))"), /52428800/);
      });
    }

    it("ends with a MemoryError at the prompt, which goes on", async () => {
      await using console = lab.console();
      await console.type("kept = []");
      await console.type("while True: kept.extend(range(len(kept), len(kept) + 9999))");
      console.console.write("\r");
      await console.until("its end", () => /MemoryError[^]*>>> $/.test(console.plainText) || isOver(console));
      if (!isOver(console))
        assert.match(await console.type("len(kept) > 9 and (kept := 'still ' + 'here')"), /'still here'/);
    });

    it("is told over exec as well", async () => {
      await write(greedy["makes a list of numbers"] ?? "");
      const end = await lab.run("program.py");
      assert.ok(end.outcome.kind === "out-of-memory" || /MemoryError/.test(end.stderr), JSON.stringify(end));
    });

    it("is that of all its processes", async () => {
      await write(`
import os, time
for number in range(4):
    if os.fork() == 0:
        kept = b"x" * (60 << 20)
        time.sleep(600)
print(os.wait())
os._exit(1)
`);
      const end = await lab.run("program.py");
      assert.ok(end.outcome.kind === "out-of-memory" || /MemoryError/.test(end.stderr), JSON.stringify(end));
    });
  });
}

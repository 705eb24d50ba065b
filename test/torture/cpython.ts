/**
 * CPython's own tests end in a run as they end under a bare python3 on the same machine; what differs stands in docs/programs.md. On demand:
 *
 *   bin/test test/torture/cpython.ts                    (an hour on a slow machine; Debian: apt-get install libpython3-testsuite)
 *   bin/test test/torture/cpython.ts -g "test_(os|pdb) "
 *
 * Both sides have the same limits, more than a run has: the tests ask for more than a program does. What was found is written to cpython-tests.json in
 * TMPDIR.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JailSpec } from "../../src/runner/jail-spec.ts";
import { barePython } from "../runner/corpus.ts";
import { environmentLike } from "../runner/corpus-runs.ts";
import { Lab } from "../runner/support.ts";
import { cpythonModules } from "./cpython-modules.ts";

const seconds = 1500;
const descriptors = 256;
const program = fileURLToPath(new URL("runs-tests.py", import.meta.url));
const page = fileURLToPath(new URL("../../docs/programs.md", import.meta.url));

/** Outcome and reason of each test of a module, by its name. */
type Results = ReadonlyMap<string, { readonly outcome: string; readonly why: string }>;

interface Difference {
  readonly test: string;
  readonly theirs: string;
  readonly ours: string;
}

describe("CPython's own tests end as under a bare python3", function () {
  this.timeout(4 * seconds * 1000);
  let lab: Lab;
  let listed: readonly ListedDifference[];
  const all: Record<string, readonly Difference[]> = {};

  before(async () => {
    listed = parseListed(await readFile(page, "utf8"));
    lab = await Lab.open({
      runner: { spareJails: false },
      limits: {
        runSeconds: seconds,
        runMemoryMebibytes: 3072,
        runProcesses: 400,
        runThreads: 2000,
        fileMebibytes: 4096,
        outputMebibytes: 1024,
        outputKibibytesPerSecond: 1 << 16,
        runsAtOnce: 10,
      },
    });
  });
  after(async () => {
    await writeFile(join(tmpdir(), "cpython-tests.json"), JSON.stringify(all, undefined, 2));
    await lab[Symbol.asyncDispose]();
  });

  for (const module of cpythonModules) {
    it(`${module} `, async () => {
      let found = await compare(lab, module);
      // A test that depends on how fast the machine is may end otherwise the next time; what is of a jail does so again.
      if (unlisted(found, module).length > 0) {
        const again = new Set((await compare(lab, module)).map(({ test }) => test));
        found = found.filter(({ test }) => again.has(test));
      }
      all[module] = found;
      await writeFile(join(tmpdir(), "cpython-tests.json"), JSON.stringify(all, undefined, 2));
      assert.deepEqual(unlisted(found, module), [], "differences that docs/programs.md does not list");
    });
  }

  function unlisted(found: readonly Difference[], module: string): Difference[] {
    return found.filter(({ test }) => !listed.some((each) => each.module === module && each.pattern.test(test)));
  }
});

interface ListedDifference {
  readonly module: string;
  readonly pattern: RegExp;
}

/** The rows of the table `| module | tests | why |`: names of tests, `*` for any part of one. */
function parseListed(text: string): ListedDifference[] {
  return [...text.matchAll(/^\| `(test_\w+)` \| (.*?) \|/gm)].flatMap(([, module = "", names = ""]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => ({
      module,
      pattern: new RegExp(`^${name.replaceAll(/[.()]/g, "\\$&").replaceAll("*", ".*")}$`),
    })),
  );
}

async function compare(lab: Lab, module: string): Promise<Difference[]> {
  const [theirs, ours] = await Promise.all([byPython(module), byClassh(lab, module)]);
  assert.ok(theirs.size > 1, `python3 has run tests of ${module}`);
  return [...theirs].flatMap(([test, { outcome, why }]) => {
    const found = ours.get(test);
    if (found?.outcome === outcome) return [];
    return [
      {
        test,
        theirs: `${outcome} ${why}`.trim(),
        ours: found ? `${found.outcome} ${found.why}`.trim() : "did not end",
      },
    ];
  });
}

async function byPython(module: string): Promise<Results> {
  const directory = await mkdtemp(join(tmpdir(), "classh-cpython-"));
  try {
    await mkdir(join(directory, "work"));
    await copyFile(program, join(directory, "work/main.py"));
    const command = `ulimit -c 0 -n ${descriptors}; cd "$1"; exec timeout -k 5 ${seconds} "$2" main.py ../results "$3"`;
    const words = ["-c", command, "sh", join(directory, "work"), barePython, module];
    const child = spawn("/bin/bash", words, {
      env: environmentLike(directory),
      stdio: ["ignore", "ignore", "ignore"],
      detached: true,
    });
    await new Promise((resolve, reject) => {
      child.on("exit", resolve);
      child.on("error", reject);
    });
    return await readResults(join(directory, "results"));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function byClassh(lab: Lab, module: string): Promise<Results> {
  const directory = join(lab.directory, "files/Local", `${module}-${process.hrtime.bigint()}`);
  await mkdir(join(directory, "work"), { recursive: true, mode: 0o700 });
  try {
    await copyFile(program, join(directory, "work/main.py"));
    const place: JailSpec = {
      ...lab.place,
      startedBy: module,
      mounts: [{ source: directory, target: "/home/ada", writable: true }],
      workspaceDirectory: directory,
      workspaceBytes: 4 * 2 ** 30,
    };
    const end = await lab.run("work/main.py", { args: ["../results", module], place });
    const results = await readResults(join(directory, "results"));
    assert.ok(results.size > 0, `${JSON.stringify(end.outcome)} ${end.stderr.slice(-2000)}`);
    return results;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readResults(file: string): Promise<Results> {
  const text = await readFile(file, "utf8").catch(() => "");
  return new Map(
    text
      .split("\n")
      .filter((line) => line.endsWith("]"))
      .map((line) => {
        const [name, outcome, why] = JSON.parse(line) as [string, string, string];
        return [name.replace(/^test\.test_\w+\./, "").replace(/0x[\da-f]+/g, "0x"), { outcome, why }];
      }),
  );
}

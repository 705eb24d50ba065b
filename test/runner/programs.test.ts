/**
 * The programs in test/programs end by F5 and over exec as a bare python3 ends them, outside of any jail: on a terminal of the same size, and on pipes.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { barePython, corpus, type CorpusProgram } from "./corpus.ts";
import { byClassh, byPython, type End, type Way } from "./corpus-runs.ts";
import { differences } from "./known-differences.ts";
import { Lab } from "./support.ts";

/** Programs that run beside the one whose result is waited for. */
const atOnce = 4;

const ways: readonly Way[] = ["terminal", "pipes"];

interface Case {
  readonly program: CorpusProgram;
  readonly way: Way;
}

interface Ends {
  readonly ours: End;
  readonly theirs: End;
}

const cases: readonly Case[] = corpus().flatMap((program) =>
  ways.filter((way) => (program.only ?? way) === way).map((way) => ({ program, way })),
);

describe("programs end as under python3", () => {
  let lab: Lab;
  let version: number;
  const started = new Map<Case, Promise<Ends | undefined>>();

  before(async () => {
    lab = await Lab.open({
      runner: { promptAfterError: false, spareJails: false },
      limits: { runSeconds: 600, runsAtOnce: 100, outputKibibytesPerSecond: 1 << 16 },
      startsAtOnce: atOnce,
    });
    const { stdout } = await promisify(execFile)(barePython, ["-c", "import sys; print(sys.version_info.minor)"]);
    version = Number(stdout);
  });
  after(async () => {
    await Promise.allSettled(started.values());
    await lab[Symbol.asyncDispose]();
  });

  async function compare({ program, way }: Case): Promise<Ends | undefined> {
    if (Number(program.python?.split(".")[1] ?? 0) > version) return undefined;
    const directory = await mkdtemp(join(tmpdir(), "classh-program-"));
    const theirs = await byPython(program, way, directory);
    const ours = await byClassh(lab, program, way, `${way}-${program.name.replace("/", "-")}`);
    return { ours, theirs };
  }

  /** Starts it, and the next ones. */
  function ends(wanted: Case): Promise<Ends | undefined> {
    const at = cases.indexOf(wanted);
    for (const each of cases.slice(at, at + atOnce)) {
      if (started.has(each)) continue;
      const result = compare(each);
      // Whoever waits for it hears of it.
      result.catch(() => undefined);
      started.set(each, result);
    }
    return started.get(wanted) ?? Promise.resolve(undefined);
  }

  for (const each of cases) {
    const { program, way } = each;
    const difference = differences.find((known) => known.program === program.name && (known.way ?? way) === way);
    it(`${program.name}, ${way === "terminal" ? "by F5" : "over exec"}${difference ? `, but: ${difference.why}` : ""}`, async () => {
      const found = await ends(each);
      if (!found) return; // this Python is too old for it
      if (!difference) return assert.deepEqual(found.ours, found.theirs);
      assert.notDeepEqual(found.ours, found.theirs, "a difference that is listed is gone");
      assert.deepEqual(found.ours, { ...found.theirs, ...difference.instead(found.theirs) });
    });
  }

  it("and each difference that is listed belongs to a program", () => {
    for (const { program, way } of differences)
      assert.ok(
        cases.some((each) => each.program.name === program && each.way === (way ?? each.way)),
        program,
      );
  });
});

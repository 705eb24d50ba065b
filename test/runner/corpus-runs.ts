/** How a program of the corpus ended: in a plain terminal or on pipes by a bare python3, by F5, and over exec. */
import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startOnTerminal } from "../../src/runner/broker/pseudo-terminal.ts";
import type { PythonConsole } from "../../src/runner/console-state.ts";
import type { JailSpec } from "../../src/runner/jail-spec.ts";
import { describe, exitStatusOf, type Outcome } from "../../src/runner/outcome.ts";
import { resetTerminal } from "../../src/runner/reset-terminal.ts";
import { patience } from "../support/patience.ts";
import { barePython, copyProgram, inputOf, type CorpusProgram } from "./corpus.ts";
import { leftIn } from "./left-files.ts";
import type { Lab } from "./support.ts";

/** What is compared. */
export interface End {
  readonly way: Way;
  /** On a terminal all that was shown; on pipes the output. */
  readonly printed: string;
  readonly errors: string;
  readonly status: number;
  readonly files: readonly string[];
}

/** The way in which a program is run. */
export type Way = "terminal" | "pipes";

/** Where every program runs, as it sees it. */
const home = "/home/ada";
const place = "work";
const size = { columns: 80, rows: 24 };

/** What a jail gives programs as their environment. That it does is test/runner/like-python3.test.ts's matter. */
export function environmentLike(directory: string): Record<string, string> {
  return {
    HOME: directory,
    USER: "ada",
    LOGNAME: "ada",
    PATH: "/usr/bin:/bin",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    PYTHONDONTWRITEBYTECODE: "1",
    PAGER: "cat",
    LESSHISTFILE: "-",
    XDG_CACHE_HOME: "/tmp/.cache",
    MPLCONFIGDIR: "/tmp/.cache/matplotlib",
    OMP_NUM_THREADS: "1",
    PWD: join(directory, place),
  };
}

/** What differs from run to run in any Python, and what it is replaced by. */
const incomparable: readonly (readonly [RegExp, string])[] = [
  [/0x[\da-f]{6,}/g, "0xADDRESS"],
  [/\b(Ran \d+ tests? in )[\d.]+s/g, "$1TIME"],
  [/\b(tmp|out-)[a-z\d_]{8}\b/g, "$1NAME"],
  [/\b(pid[ =:]{1,2}|process )\d+/gi, "$1PID"],
];

function comparable(text: string, directory: string): string {
  let result = text.replaceAll(directory, home);
  for (const [pattern, replacement] of incomparable) result = result.replaceAll(pattern, replacement);
  // Newer Pythons colour their tracebacks, and the console those of older ones.
  return /Traceback|Error/.test(result) ? result.replaceAll(/\x1b\[[\d;]*m/g, "") : result;
}

/** Runs a program of the corpus by python3, as somebody does who stands beside it. */
export async function byPython(program: CorpusProgram, way: Way, directory: string): Promise<End> {
  await copyProgram(program, join(directory, place));
  const words = ["-C", join(directory, place), barePython, "main.py", ...(program.args ?? [])];
  const run = way === "terminal" ? onTerminal : onPipes;
  return finished(program, way, directory, await run(program, words, environmentLike(directory)));
}

interface Shown {
  readonly printed: string;
  readonly errors: string;
  readonly status: number;
}

async function finished(program: CorpusProgram, way: Way, directory: string, shown: Shown): Promise<End> {
  try {
    return {
      way,
      printed: comparable(shown.printed, directory),
      errors: comparable(shown.errors, directory),
      status: shown.status,
      files: (await leftIn(directory, join(directory, place), program.look)).map((line) => comparable(line, directory)),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function onTerminal(program: CorpusProgram, words: string[], env: Record<string, string>): Promise<Shown> {
  const typist = new Typist(program);
  return await within(program, typist, async (stopped) => {
    const status = await new Promise<number>((resolve, reject) => {
      const child = startOnTerminal({ file: "/usr/bin/env", args: words, environment: env }, size, {
        output: (_stream, data) => typist.shows(data),
        inputTaken: () => undefined,
        exit: resolve,
      });
      void stopped.then((error) => {
        child.kill();
        reject(error);
      });
      typist.begin((text) => {
        void (text.includes("\x03") ? waits(child.pid) : Promise.resolve()).then(() => child.write(Buffer.from(text)));
      });
    });
    return { printed: typist.shown(), errors: "", status };
  });
}

/**
 * Until a process waits for something, for a second at most: an interrupt that comes right before python3 reads is noticed after the next line only. (In
 * a jail the broker sees to that.)
 */
async function waits(pid: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const facts = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
    if (/\) S /.test(facts)) return;
    await sleep(10);
  }
}

async function onPipes(program: CorpusProgram, words: string[], env: Record<string, string>): Promise<Shown> {
  const child = spawn("/usr/bin/env", words, { env, timeout: patience * 1000, killSignal: "SIGKILL" });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => output.push(data));
  child.stderr.on("data", (data: Buffer) => errors.push(data));
  // It may end without having read it.
  child.stdin.on("error", () => undefined);
  child.stdin.end(inputOf(program));
  const status = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? -1)));
  });
  return { printed: Buffer.concat(output).toString(), errors: Buffer.concat(errors).toString(), status };
}

/** Runs a program of the corpus in a jail, with a home of its own. */
export async function byClassh(lab: Lab, program: CorpusProgram, way: Way, name: string): Promise<End> {
  const directory = join(lab.directory, "files/Local", name);
  await mkdir(directory, { mode: 0o700 });
  await copyProgram(program, join(directory, place));
  const spec: JailSpec = {
    ...lab.place,
    owner: "ada",
    startedBy: name,
    mounts: [{ source: directory, target: home, writable: true }],
    workspaceDirectory: directory,
  };
  const run = way === "terminal" ? inConsole : overExec;
  return finished(program, way, directory, await run(lab, program, spec));
}

async function inConsole(lab: Lab, program: CorpusProgram, spec: JailSpec): Promise<Shown> {
  const typist = new Typist(program);
  await using console: PythonConsole = lab.runner.openConsole(spec, size, { passing: true });
  return await within(program, typist, async (stopped) => {
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      void stopped.then(reject);
      console.onOutput((data) => typist.shows(data));
      console.onOutcome((end) => resolve(end.outcome));
      console.runFile(`${home}/${place}/main.py`, program.args);
      typist.begin((text) => console.write(text));
    });
    // Before it is the line that marks the start, behind it what the console says.
    const printed = typist
      .shown()
      .split(resetTerminal)
      .find((part) => part.includes("=== RUN"));
    return { printed: printed?.replace(/^[^\n]*\n/, "") ?? "", errors: "", status: statusOf(outcome, typist.shown()) };
  });
}

async function overExec(lab: Lab, program: CorpusProgram, spec: JailSpec): Promise<Shown> {
  const { args = [] } = program;
  const signal = AbortSignal.timeout(patience * 1000);
  const end = await lab.run(`${place}/main.py`, { args, stdin: inputOf(program), place: spec, signal });
  return { printed: end.stdout, errors: end.stderr, status: statusOf(end.outcome, end.stdout + end.stderr) };
}

/** What ends a program in a jail alone is no difference to report, but a failure. */
function statusOf(outcome: Outcome, shown: string): number {
  if (["exited", "signalled", "stopped", "out-of-memory"].includes(outcome.kind)) return exitStatusOf(outcome);
  throw new Error(`${describe(outcome)}\n${shown}`);
}

/** Ends a run that does not end by itself, with what it has shown. */
async function within<T>(
  program: CorpusProgram,
  typist: Typist,
  run: (stopped: Promise<Error>) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const stopped = new Promise<Error>((resolve) => {
    const fail = (): void => resolve(new Error(`${program.name} did not end; it has shown:\n${typist.shown()}`));
    timer = setTimeout(fail, patience * 1000);
  });
  try {
    return await run(stopped);
  } finally {
    clearTimeout(timer);
  }
}

/** Types at a program what its options say, when they say it. */
class Typist {
  readonly #texts: (readonly [shown: string, text: string])[];
  readonly #shown: Buffer[] = [];
  #since = "";
  #type: ((text: string) => void) | undefined;

  constructor({ typed = [] }: CorpusProgram) {
    this.#texts = [...typed];
  }

  begin(type: (text: string) => void): void {
    this.#type = type;
    this.#typeOn();
  }

  shows(data: Buffer): void {
    this.#shown.push(data);
    this.#since += data.toString();
    this.#typeOn();
  }

  shown(): string {
    return Buffer.concat(this.#shown).toString();
  }

  #typeOn(): void {
    const [next] = this.#texts;
    if (!this.#type || !next || !this.#since.includes(next[0])) return;
    this.#texts.shift();
    this.#since = "";
    this.#type(next[1].replaceAll("\n", "\r"));
  }
}

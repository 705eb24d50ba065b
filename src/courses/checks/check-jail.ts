/** A jail for checks: a fresh copy of the files for each run, and nothing else of the server; what is expected never gets there. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { Settings } from "../../config/schema.ts";
import type { JailSpec, Mount } from "../../runner/jail-spec.ts";
import type { Outcome } from "../../runner/outcome.ts";
import type { Runner } from "../../runner/runner.ts";
import { openDirectory, openFile } from "../../workspace/confined.ts";
import { Descriptor, fstat } from "../../workspace/descriptor.ts";
import { readWhole } from "../../workspace/read.ts";

/** What checks run with. */
export interface CheckJailOptions {
  readonly runner: Pick<Runner, "runScript" | "runTool">;
  readonly python: string;
  readonly limits: Settings["limits"];
  /** Whose program it is. */
  readonly owner: string;
  /** Who lets it run. */
  readonly startedBy: string;
  /** Directory for the copies; whoever made it removes it. */
  readonly scratch: string;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly signal: AbortSignal;
}

/** A run to make. */
export interface CheckRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly input: string;
  readonly seconds: number;
  readonly memoryMebibytes: number | undefined;
  /** Files that lie there as well. */
  readonly files?: ReadonlyMap<string, Buffer>;
  /** A program of ours, beside the files, which is run instead of `file`. */
  readonly harness?: string;
}

/** What came of it. */
export interface CheckResult {
  readonly outcome: Outcome;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether all that was printed is there. */
  readonly complete: boolean;
  /** Where the files are that it left. */
  readonly directory: string;
}

/** Bytes of what a program prints in a check. */
const maxOutput = 1 << 20;
const maxErrors = 16 << 10;

/** Runs programs on copies of one person's files. */
export class CheckJail {
  readonly #options: CheckJailOptions;
  #runs = 0;

  constructor(options: CheckJailOptions) {
    this.#options = options;
  }

  /** Aborted when nobody waits for the checks any more. */
  get signal(): AbortSignal {
    return this.#options.signal;
  }

  /** Runs a program to its end. */
  async run({ file, args, input, seconds, memoryMebibytes, files, harness }: CheckRun): Promise<CheckResult> {
    const { runner, signal, limits } = this.#options;
    const place = await this.#copy(files);
    const own = { runSeconds: Math.min(seconds, limits.course.runSeconds) };
    const memory =
      memoryMebibytes === undefined
        ? {}
        : { runMemoryMebibytes: Math.min(memoryMebibytes, limits.course.runMemoryMebibytes) };
    const spec = { ...place.spec, limits: { ...own, ...memory } };
    const { home } = spec;
    const ours: Mount[] = [];
    if (harness !== undefined) {
      const directory = join(place.above, "harness");
      await mkdir(directory, { mode: 0o755 });
      await writeFile(join(directory, "check.py"), harness);
      ours.push({ source: directory, target: "/checks", writable: false });
    }
    const stopping = new AbortController();
    const [stdout, stderr] = [new Kept(maxOutput, () => stopping.abort()), new Kept(maxErrors)];
    // The clock of a run does not count waits, so that whoever waits for ever is stopped here.
    const late = AbortSignal.timeout(waitFactor * own.runSeconds * 1000 + waitMs);
    const outcome = await runner.runScript(
      { ...spec, mounts: [...spec.mounts, ...ours] },
      { file: harness === undefined ? `${home}/${file}` : "/checks/check.py", args, workingDirectory: home },
      {
        stdin: Readable.from(input === "" ? [] : [Buffer.from(input)]),
        stdout,
        stderr,
        signal: AbortSignal.any([signal, stopping.signal, late]),
      },
    );
    signal.throwIfAborted();
    return { outcome, stdout: stdout.text, stderr: stderr.text, complete: stdout.complete, directory: place.directory };
  }

  /** Runs a program of ours that only reads a file, in a Python that imports nothing which lies there. */
  async inspect(program: string, file: string): Promise<string> {
    const { runner, python, signal } = this.#options;
    const { spec } = await this.#copy();
    const stdout = new Kept(maxOutput);
    const words = ["python3", "-I", "-S", "-c", program, file].map((text) => ({ text }));
    await runner.runTool(
      spec,
      { program: python, words },
      {
        stdin: Readable.from([]),
        stdout,
        stderr: new Kept(maxErrors),
        signal: AbortSignal.any([signal, AbortSignal.timeout(inspectMs)]),
      },
    );
    return stdout.text;
  }

  async #copy(more: ReadonlyMap<string, Buffer> = new Map()) {
    const { scratch, files, owner, startedBy, limits } = this.#options;
    const above = join(scratch, String(++this.#runs));
    const directory = join(above, "home");
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const [path, bytes] of [...files, ...more]) {
      await mkdir(dirname(join(directory, path)), { recursive: true, mode: 0o755 });
      await writeFile(join(directory, path), bytes, { mode: 0o644 });
    }
    const home = `/home/${owner}`;
    const spec: JailSpec = {
      owner,
      startedBy,
      mounts: [{ source: directory, target: home, writable: true }],
      directory: home,
      home,
      workspaceDirectory: directory,
      workspaceBytes: limits.workspaceMebibytes * 2 ** 20,
      workspaceEntries: limits.workspaceEntries,
    };
    return { above, directory, spec };
  }
}

/** How much longer than its time a run may take in all, on a machine that has much to do. */
const waitFactor = 2;
const waitMs = 20_000;
/** Milliseconds for looking at a text. */
const inspectMs = 20_000;

/** A file that a program left; undefined where there is no such regular file, or a larger one. */
export async function leftFile(directory: string, path: string, maxBytes: number): Promise<Buffer | undefined> {
  const names = path.split("/").map((name) => Buffer.from(name));
  const name = names.pop();
  if (!name) return undefined;
  try {
    using folder = await openDirectory(directory, names);
    const opened = await openFile(folder, name);
    if (!(opened instanceof Descriptor)) return undefined;
    using file = opened;
    const bytes = await readWhole(file.fd, Number((await fstat(file)).size), maxBytes);
    return bytes.length > maxBytes ? undefined : bytes;
  } catch {
    return undefined; // whatever the program made of the name or of its folder: there is no such file
  }
}

/** What was written, up to a bound. */
class Kept extends Writable {
  readonly #pieces: Buffer[] = [];
  readonly #max: number;
  readonly #onFull: () => void;
  #size = 0;

  constructor(max: number, onFull: () => void = () => undefined) {
    super();
    this.#max = max;
    this.#onFull = onFull;
  }

  get complete(): boolean {
    return this.#size <= this.#max;
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString();
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const room = Math.max(0, this.#max - this.#size);
    if (room > 0) this.#pieces.push(piece.subarray(0, room));
    this.#size += piece.length;
    if (!this.complete) this.#onFull();
    done();
  }
}

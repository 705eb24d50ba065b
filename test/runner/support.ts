/** A runner with real jails, and a console whose output tests wait for. */
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { systemClock, type Clock } from "../../src/base/clock.ts";
import type { DiskRoom } from "../../src/base/disk-room.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { loadSettings } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/schema.ts";
import type { ConsoleState, PythonConsole, RunEnd } from "../../src/runner/console-state.ts";
import type { Outcome } from "../../src/runner/outcome.ts";
import type { JailSpec } from "../../src/runner/jail-spec.ts";
import { Runner } from "../../src/runner/runner.ts";
import { patience } from "../support/patience.ts";

const programs = fileURLToPath(new URL("./programs/", import.meta.url));

export interface LabOptions {
  readonly timeZone?: string;
  readonly runner?: Partial<Settings["runner"]>;
  readonly limits?: Partial<Settings["limits"]>;
  readonly room?: DiskRoom;
  readonly startsAtOnce?: number;
  readonly clock?: Clock;
  readonly onBrokerRestart?: (ended: string) => void;
}

/** A runner, and a student Ada with the fixture programs in her directory. */
export class Lab implements AsyncDisposable {
  readonly runner: Runner;
  readonly directory: string;
  readonly place: JailSpec;
  readonly #scope: Scope;

  private constructor(runner: Runner, directory: string, place: JailSpec, scope: Scope) {
    this.runner = runner;
    this.directory = directory;
    this.place = place;
    this.#scope = scope;
  }

  static async open(options: LabOptions = {}): Promise<Lab> {
    const scope = new Scope("lab");
    const directory = await mkdtemp(join(tmpdir(), "classh-runner-"));
    scope.defer(() => rm(directory, { recursive: true, force: true }));
    const home = join(directory, "files/Local/ada");
    const notes = join(directory, "files/Lecture Notes");
    // As the server makes them: nobody else may enter.
    for (const folder of [home, join(directory, "files/Local/alan"), notes])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(programs)) await copyFile(join(programs, name), join(home, name));
    const settings = loadSettings({ environment: {} });
    const runner = await Runner.start({
      settings: { ...settings.runner, promptAfterError: true, ...options.runner },
      limits: { ...settings.limits, ...options.limits },
      directory: join(directory, "runner"),
      room: options.room,
      startsAtOnce: options.startsAtOnce ?? 4,
      timeZone: options.timeZone ?? "",
      // Where bin/test, as root, has prepared it; an ordinary user's tests have no such thing.
      jailUserDirectory: join(tmpdir(), "jail-user"),
      log: silentLog,
      clock: options.clock ?? systemClock,
      onBrokerRestart: options.onBrokerRestart ?? (() => undefined),
    });
    scope.own(runner);
    const place: JailSpec = {
      owner: "ada",
      mounts: [
        { source: home, target: "/home/ada", writable: true },
        { source: notes, target: "/course/Lecture Notes", writable: false, common: true },
      ],
      directory: "/home/ada",
      home: "/home/ada",
      workspaceDirectory: home,
      workspaceBytes: 200 << 20,
      workspaceEntries: 50_000,
    };
    return new Lab(runner, directory, place, scope);
  }

  /** A console with a transcript. */
  console(place: JailSpec = this.place): Transcript {
    return new Transcript(this.runner.openConsole(place, { columns: 80, rows: 24 }));
  }

  /** Runs a script on pipes to its end. */
  async run(program: string, options: RunOptions = {}): Promise<ScriptEnd> {
    const stdin = new PassThrough();
    stdin.end(options.stdin ?? "");
    return await this.start(program, stdin, options).end;
  }

  /** Starts a script whose input is still to come. */
  start(
    program: string,
    stdin: PassThrough,
    options: Omit<RunOptions, "stdin"> = {},
  ): { readonly end: Promise<ScriptEnd>; readonly stdout: PassThrough } {
    const stdout = collector();
    const stderr = collector();
    const outcome = this.runner.runScript(
      options.place ?? this.place,
      { file: `/home/ada/${program}`, args: options.args ?? [] },
      { stdin, stdout: stdout.stream, stderr: stderr.stream, signal: options.signal ?? new AbortController().signal },
    );
    return {
      end: outcome.then((each) => ({ outcome: each, stdout: stdout.text(), stderr: stderr.text() })),
      stdout: stdout.stream,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
  }
}

export interface RunOptions {
  readonly args?: readonly string[];
  readonly stdin?: string;
  readonly place?: JailSpec;
  readonly signal?: AbortSignal;
}

export interface ScriptEnd {
  readonly outcome: Outcome;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stream that keeps what it is given. */
export function collector(): { stream: PassThrough; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new PassThrough();
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

/** Collects what a console prints, and waits for what it should print. */
export class Transcript implements AsyncDisposable {
  readonly console: PythonConsole;
  readonly ends: RunEnd[] = [];
  text = "";
  bytes = 0;
  #checks = new Set<() => void>();

  constructor(console: PythonConsole) {
    this.console = console;
    console.onOutput((data) => {
      this.bytes += data.length;
      // Enough for every test, and no gigabytes from the endless printers.
      this.text = (this.text + data.toString()).slice(-200_000);
      this.#check();
    });
    console.onState(() => this.#check());
    console.onOutcome((end) => {
      this.ends.push(end);
      this.#check();
    });
  }

  /** The same without colours: Python 3.13 and later colour their tracebacks on a terminal. */
  get plainText(): string {
    return this.text.replaceAll(/\x1b\[[\d;]*m/g, "");
  }

  /** Forgets what was printed so far. */
  clear(): void {
    this.text = "";
  }

  async until(what: string, condition: () => boolean, seconds = patience): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#checks.delete(check);
        reject(new Error(`waited for ${what} (state ${this.console.state}); printed:\n${this.text.slice(-3000)}`));
      }, seconds * 1000);
      const check = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#checks.delete(check);
        resolve();
      };
      this.#checks.add(check);
    });
  }

  async prints(text: string | RegExp, seconds?: number): Promise<void> {
    await this.until(
      String(text),
      () => (typeof text === "string" ? this.text.includes(text) : text.test(this.text)),
      seconds,
    );
  }

  async reaches(state: ConsoleState): Promise<void> {
    await this.until(`state ${state}`, () => this.console.state === state);
  }

  /** Runs a file and waits for its end. */
  async runToEnd(program: string, seconds?: number): Promise<RunEnd> {
    const before = this.ends.length;
    this.clear();
    this.console.runFile(`/home/ada/${program}`);
    await this.until(`the end of ${program}`, () => this.ends.length > before, seconds);
    const end = this.ends.at(-1);
    assert.ok(end);
    return end;
  }

  /** Until readline reads: what is typed before is echoed by the terminal, before the prompt. */
  async promptShown(): Promise<void> {
    await this.until("the prompt", () => this.console.state === "prompt" && /(>>> |\.\.\. )$/.test(this.text));
  }

  /** Types a line at the prompt and waits for the next prompt; gives back what was printed between. */
  async type(line: string): Promise<string> {
    await this.promptShown();
    this.clear();
    this.console.write(`${line}\r`);
    await this.prints(/\n(>>> |\.\.\. )([^\n]*>>> )?$/);
    return this.text;
  }

  #check(): void {
    for (const check of this.#checks) check();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.console[Symbol.asyncDispose]();
  }
}

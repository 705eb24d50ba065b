/**
 * The console of a session: a Python process behind a terminal emulator. It is part of the model, not of a screen, so that
 * it lives on when a connection breaks and any number of clients draw from the same cells.
 */
import type { Clock } from "../base/clock.ts";
import { logBug, sentence } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { TerminalSize } from "../base/terminal.ts";
import type { Turns } from "../base/turns.ts";
import type { JailSpec } from "../runner/jail-spec.ts";
import type { ConsoleState, PythonConsole, RunEnd } from "../runner/console-state.ts";
import type { Runner } from "../runner/runner.ts";
import { createEmulator, type Emulator } from "./emulator.ts";
import { EmulatorFeed } from "./emulator-feed.ts";
import { runsAs, type StudentSandbox } from "./student-sandboxes.ts";

/** Output that the emulator has not parsed yet: above this the program is paused (its pty fills, its writes wait). */
const highWater = 64 * 1024;
const lowWater = 16 * 1024;

export interface ConsoleOptions {
  readonly runner: Runner;
  readonly jailSpec: JailSpec;
  readonly size: TerminalSize;
  /** Consoles of this process take turns with what their programs print. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the console is doing. "off": there is no jail. */
export type ConsoleActivity = ConsoleState | "off";

export class Console implements AsyncDisposable {
  readonly emulator: Emulator;
  readonly #feed: EmulatorFeed;
  readonly #options: ConsoleOptions;
  readonly #scope = new Scope("console");
  readonly #changed = new Emitter<void>();
  readonly #finished = new Emitter<RunEnd>();
  /** The size that each client has room for. */
  readonly #rooms = new Map<object, TerminalSize>();
  #python: PythonConsole | undefined;
  #pythonScope: Scope | undefined;
  /** The student's place that the Python of now is in; undefined in one's own. */
  #student: StudentSandbox | undefined;
  #size: TerminalSize;
  #unparsed = 0;
  #paused: PythonConsole | undefined;
  #program = "";

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#size = options.size;
    this.emulator = createEmulator(options.size);
    this.#scope.defer(() => this.emulator.dispose());
    const { turns, log } = options;
    this.#feed = this.#scope.own(
      new EmulatorFeed({
        emulator: this.emulator,
        turns,
        failed: (error) => logBug(error, log, { console: options.jailSpec.owner }),
      }),
    );
    // A program may ask its terminal for the cursor's position and the like; the emulator is that terminal.
    const answers = this.emulator.onData((data) => this.#python?.write(data));
    this.#scope.defer(() => answers.dispose());
  }

  /** Something to draw changed: output was parsed, or the state. */
  get onChange() {
    return this.#changed.on;
  }

  /** A program that was started with `run` has ended. */
  get onFinished() {
    return this.#finished.on;
  }

  get activity(): ConsoleActivity {
    return this.#python?.state ?? "off";
  }

  /** The file that was run last, as a path; empty before the first run. */
  get program(): string {
    return this.#program;
  }

  /** "as ada, on a copy": for whom the program runs, where that is not the person whose console it is. */
  get runsAs(): string | undefined {
    return this.#student && runsAs(this.#student);
  }

  /** The student's place that the console is in, and the copy that a program writes on there. */
  get studentSandbox(): StudentSandbox | undefined {
    return this.#student;
  }

  get size(): TerminalSize {
    return this.#size;
  }

  /** Starts Python with a prompt, unless it is there. A missing jail is shown as a sentence in the console. */
  start(): void {
    if (this.#python || this.#scope.closed) return;
    try {
      this.#adopt(this.#options.runner.openConsole(this.#options.jailSpec, this.#size));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.print(`${sentence(error)}\r\n`);
    }
  }

  /** Runs a file in a fresh jail, ending what ran before. Throws a UserError when there is no jail. */
  run(file: string, args: readonly string[] = []): void {
    if (this.#student) this.#leave();
    const python = this.#python ?? this.#adopt(this.#options.runner.openConsole(this.#options.jailSpec, this.#size));
    this.#program = file;
    python.runFile(file, args);
    this.scrollToBottom();
  }

  /**
   * Runs a student's file as hers, in a place that the console owns from now on; what ran before is ended. The prompt that follows
   * is in that place too, until something else is run, or `restart`. Throws a UserError when there is no jail.
   */
  runAsStudent(student: StudentSandbox): void {
    const python = this.#options.runner.openConsole(student.jailSpec, this.#size, { passing: true });
    this.#leave();
    this.#adopt(python, student);
    this.#program = student.path;
    python.runFile(student.file);
    this.scrollToBottom();
  }

  interrupt(): void {
    this.#python?.interrupt();
  }

  /** Ends whatever runs and opens a fresh prompt, of one's own. */
  restart(): void {
    if (this.#student) this.#leave();
    if (this.#python) this.#python.restart();
    else this.start();
    this.scrollToBottom();
  }

  /** Hands typed bytes to the program; where there is no jail, Enter tries again. */
  type(bytes: string): void {
    this.scrollToBottom();
    if (this.#python) this.#python.write(bytes);
    else if (bytes.includes("\r")) this.start();
  }

  /** Pastes text; programs that asked for bracketed paste get it marked. */
  paste(text: string): void {
    const lines = text.replace(/\r?\n/g, "\r");
    this.type(this.emulator.modes.bracketedPasteMode ? `\x1b[200~${lines}\x1b[201~` : lines);
  }

  /** A client has room for this size, or is gone (undefined). The smallest wins, so that nobody's lines are cut. */
  fit(client: object, size: TerminalSize | undefined): void {
    if (size) this.#rooms.set(client, size);
    else this.#rooms.delete(client);
    const rooms = [...this.#rooms.values()];
    if (rooms.length === 0) return;
    this.#resize({
      columns: Math.min(...rooms.map(({ columns }) => columns)),
      rows: Math.min(...rooms.map(({ rows }) => rows)),
    });
  }

  #resize(size: TerminalSize): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#feed.resize(size);
    this.#python?.resize(size);
    this.#changed.emit();
  }

  /** Scrolls by lines (negative: back in time). */
  scroll(lines: number): void {
    this.emulator.scrollLines(lines);
    this.#changed.emit();
  }

  scrollToBottom(): void {
    this.emulator.scrollToBottom();
    this.#changed.emit();
  }

  /** Shows a line of ours among the program's output. */
  print(text: string): void {
    this.#feed.write(Buffer.from(text), () => this.#changed.emit());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #adopt(python: PythonConsole, student?: StudentSandbox): PythonConsole {
    const scope = this.#scope.child("python");
    this.#python = python;
    this.#pythonScope = scope;
    this.#student = student;
    // Released last: the jails of the place have ended by then.
    if (student) scope.own(student);
    scope.own(python);
    scope.own(python.onOutput((data) => this.#show(python, data)));
    scope.own(python.onState(() => this.#changed.emit()));
    scope.own(
      python.onOutcome((result) => {
        this.#finished.emit(student?.file === result.file ? { ...result, file: student.path } : result);
        this.#changed.emit();
      }),
    );
    this.#changed.emit();
    return python;
  }

  /** Ends the Python of now with its place; the next one need not wait for that. */
  #leave(): void {
    const python = this.#python;
    const scope = this.#pythonScope;
    this.#python = undefined;
    this.#pythonScope = undefined;
    this.#student = undefined;
    const ending = async (): Promise<void> => {
      // First, while its outcome is still listened to: what runs is stopped now.
      const ended = python?.[Symbol.asyncDispose]();
      await scope?.close();
      await ended;
    };
    void ending().catch((error: unknown) => logBug(error, this.#options.log));
  }

  #show(python: PythonConsole, data: Buffer): void {
    this.#unparsed += data.length;
    if (this.#unparsed > highWater && this.#paused !== python) {
      this.#paused = python;
      python.pause();
    }
    this.#feed.write(data, () => {
      this.#unparsed -= data.length;
      if (this.#paused && this.#unparsed < lowWater) {
        this.#paused.resume();
        this.#paused = undefined;
      }
      this.#changed.emit();
    });
  }
}

/**
 * A console of a session: a Python process behind a terminal emulator. It belongs to the session and not to a screen,
 * so it survives a broken connection, and any number of clients draw from the same cells.
 */
import type { Clock } from "../base/clock.ts";
import { logBug, sentence } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { timings } from "../base/measures.ts";
import { Scope } from "../base/scope.ts";
import type { TerminalSize } from "../base/terminal.ts";
import type { Turns } from "../base/turns.ts";
import type { JailSpec } from "../runner/jail-spec.ts";
import type { ErrorFacts } from "../runner/error-facts.ts";
import type { ConsoleState, PythonConsole, RunEnd, RunRules } from "../runner/console-state.ts";
import type { Runner } from "../runner/runner.ts";
import type { SparePython } from "../runner/spare-python.ts";
import type { StatementHistory } from "../runner/statement-history.ts";
import { ConsoleText } from "./console-text.ts";
import { ConsoleVariables } from "./console-variables.ts";
import { Stepping } from "./stepping.ts";
import { createEmulator, type Emulator } from "./emulator.ts";
import { EmulatorFeed } from "./emulator-feed.ts";
import { Pictures } from "./pictures.ts";
import { runsAs, type StudentSandbox } from "./student-sandboxes.ts";

/** Bytes of unparsed output above which the program is paused: its pty fills up, and its writes wait. */
const highWater = 64 * 1024;
const lowWater = 16 * 1024;

/** What a console is made from. */
export interface ConsoleOptions {
  readonly runner: Runner;
  readonly jailSpec: JailSpec;
  readonly size: TerminalSize;
  /** What the person has typed at prompts of their own. */
  readonly history: StatementHistory;
  /** The Python that was started ahead, for all consoles of the session. */
  readonly spare: SparePython;
  /** The turns in which the consoles of this process show output. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the console is doing. "off": no jail can be started. */
export type ConsoleActivity = ConsoleState | "off";

/** A Python and its emulator. */
export class Console implements AsyncDisposable {
  readonly emulator: Emulator;
  /** All that was printed, the emulator's screen included. */
  readonly text: ConsoleText;
  readonly variables = new ConsoleVariables();
  /** What programs have shown. */
  readonly pictures = new Pictures();
  readonly stepping = new Stepping();
  readonly #feed: EmulatorFeed;
  readonly #options: ConsoleOptions;
  readonly #scope = new Scope("console");
  readonly #changed = new Emitter<void>();
  readonly #finished = new Emitter<RunEnd>();
  readonly #started = new Emitter<void>();
  readonly #failed = new Emitter<ErrorFacts>();
  #python: PythonConsole | undefined;
  #pythonScope: Scope | undefined;
  /** The sandbox in which the present Python runs; undefined for the person's own. */
  #student: StudentSandbox | undefined;
  #size: TerminalSize;
  #unparsed = 0;
  /** Whether a note of a pause is the newest of what waits to be shown. */
  #pauseWaits = false;
  #paused: PythonConsole | undefined;
  #program = "";
  #isTypedInto = false;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#size = options.size;
    this.emulator = createEmulator(options.size);
    this.#scope.defer(() => this.emulator.dispose());
    this.text = new ConsoleText(this.emulator);
    const { turns, log } = options;
    this.#feed = this.#scope.own(
      new EmulatorFeed({
        emulator: this.emulator,
        text: this.text,
        turns,
        failed: (error) => logBug(error, log, { console: options.jailSpec.owner }),
      }),
    );
    // A program may ask its terminal for the cursor's position and the like; the emulator answers.
    const answers = this.emulator.onData((data) => this.#python?.write(data));
    this.#scope.defer(() => answers.dispose());
  }

  /** Fires when there is something to draw: output was parsed, or the activity changed. */
  get onChange() {
    return this.#changed.on;
  }

  /** Fires when a program that was started with `run` or `runAsStudent` has ended. */
  get onFinished() {
    return this.#finished.on;
  }

  /** Fires when a program is started, and when a fresh prompt takes its place. */
  get onStarted() {
    return this.#started.on;
  }

  /** Fires after an error of a statement at the prompt. */
  get onError() {
    return this.#failed.on;
  }

  /** What the console is doing now. */
  get activity(): ConsoleActivity {
    return this.#python?.state ?? "off";
  }

  /** The path of the file that was run last; empty before the first run. */
  get program(): string {
    return this.#program;
  }

  /** For whom the program runs, when not for the person: "as ada, on a copy". */
  get runsAs(): string | undefined {
    return this.#student && runsAs(this.#student);
  }

  /** The sandbox in which the console is, with the copy that the program writes to; undefined for the person's own. */
  get studentSandbox(): StudentSandbox | undefined {
    return this.#student;
  }

  /** Whether nothing was run or typed here yet. */
  get isUnused(): boolean {
    return this.#program === "" && !this.#isTypedInto;
  }

  /** Whether anything was typed since the program was started. */
  get isTypedInto(): boolean {
    return this.#isTypedInto;
  }

  /** The path for the person of a file that a program in the console names. */
  seenPath(path: string): string {
    const home = this.#student && `/home/${this.#student.student}/`;
    return home !== undefined && path.startsWith(home) ? `/students/${path.slice("/home/".length)}` : path;
  }

  /** The size of the console's terminal, in cells. */
  get size(): TerminalSize {
    return this.#size;
  }

  /** Starts Python with a prompt, unless it runs already. Without a jail, a sentence in the console says so. */
  start(): void {
    if (this.#python || this.#scope.closed) return;
    try {
      this.#openOwn();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.print(`${sentence(error)}\r\n`);
    }
  }

  /** Runs a file in a new jail, ending what ran before. Throws a UserError when no jail can be started. */
  run(file: string, args: readonly string[] = [], rules?: RunRules, steps = false): void {
    if (this.#student) this.#leave();
    const python = this.#python ?? this.#openOwn();
    this.#begin(file);
    this.variables.forget();
    this.stepping.begin(steps);
    python.runFile(file, args, rules, steps);
  }

  /**
   * Runs a student's file as that student, in a sandbox that the console owns from now on. What ran before is ended.
   * The prompt that follows is in the sandbox too, until something else is run or `restart` is called. Throws a
   * UserError when no jail can be started.
   */
  runAsStudent(student: StudentSandbox, rules?: RunRules): void {
    const { runner, jailSpec } = this.#options;
    const spec = { ...student.jailSpec, together: jailSpec.together };
    const python = runner.openConsole(spec, this.#size, { passing: true });
    this.#leave();
    this.#adopt(python, student);
    this.#begin(student.path);
    python.runFile(student.file, [], rules);
  }

  /** Interrupts the program, as Ctrl-C does. */
  interrupt(): void {
    this.#python?.interrupt();
  }

  /** Ends whatever runs and opens a new prompt of the person's own. */
  restart(): void {
    this.#started.emit();
    if (this.#student) this.#leave();
    this.variables.forget();
    this.stepping.end();
    if (this.#python) this.#python.restart();
    else this.start();
    this.text.shorten();
    this.pictures.clear();
  }

  /** Passes typed bytes to the program. Without a jail, Enter tries to start one. */
  type(bytes: string): void {
    this.#isTypedInto = true;
    if (this.#python) this.#python.write(bytes);
    else if (bytes.includes("\r")) this.start();
  }

  /** Pastes text, bracketed for Python's prompt and for a program that asked for that. */
  paste(text: string): void {
    const lines = text.replace(/\r?\n/g, "\r");
    const bracketed = this.activity === "prompt" || this.emulator.modes.bracketedPasteMode;
    this.type(bracketed ? `\x1b[200~${lines}\x1b[201~` : lines);
  }

  /** Releases something when the console ends. */
  whileOpen(resource: Disposable): void {
    this.#scope.own(resource);
  }

  #begin(program: string): void {
    this.#program = program;
    this.#isTypedInto = false;
    this.#started.emit();
  }

  /** Gives the console's terminal another size. */
  resize(size: TerminalSize): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#feed.resize(size);
    this.#python?.resize(size);
    this.#changed.emit();
  }

  /** Clears the screen but for the line with the cursor; what it showed can be read above. */
  clearScreen(): void {
    this.#clear(() => this.text.clearScreen());
  }

  /** Forgets all output but the line with the cursor. */
  clear(): void {
    this.#clear(() => this.text.clear());
  }

  /** Does nothing while a program draws a screen of its own. Output that waits is shown afterwards. */
  #clear(work: () => void): void {
    if (this.emulator.buffer.active.type === "alternate") return;
    work();
    this.#changed.emit();
  }

  /** Writes text of the server's own between the program's output. */
  print(text: string): void {
    this.#feed.write(Buffer.from(text), () => this.#changed.emit());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // First, while its outcome still has listeners.
    const ended = this.#python?.[Symbol.asyncDispose]();
    await this.#scope.close();
    await ended;
  }

  #openOwn(): PythonConsole {
    const { runner, jailSpec, history, spare } = this.#options;
    return this.#adopt(runner.openConsole(jailSpec, this.#size, { history, spare }));
  }

  #adopt(python: PythonConsole, student?: StudentSandbox): PythonConsole {
    const scope = this.#scope.child("python");
    this.#python = python;
    this.#pythonScope = scope;
    this.#student = student;
    // Released last: its jails have ended by then.
    if (student) scope.own(student);
    scope.own(python);
    scope.own(this.variables.follow(python));
    scope.own(python.onPicture((picture) => this.pictures.add(picture)));
    scope.own(this.stepping.follow(python));
    scope.own(python.onOutput((data) => this.#show(python, data)));
    scope.own(
      python.onState((state) => {
        if (state !== "running" && state !== "starting") this.stepping.end();
        if (state === "running") timings.runStart.endFor(this);
        else if (state !== "starting") timings.runStart.forget(this);
        this.#notePause();
        this.#changed.emit();
      }),
    );
    scope.own(
      python.onOutcome((result) => {
        this.#finished.emit(student?.file === result.file ? { ...result, file: student.path } : result);
        this.#changed.emit();
      }),
    );
    scope.own(python.onError((facts) => this.#failed.emit(facts)));
    this.#changed.emit();
    return python;
  }

  /** Ends the present Python with its sandbox, without making the next one wait. */
  #leave(): void {
    const python = this.#python;
    const scope = this.#pythonScope;
    this.#python = undefined;
    this.#pythonScope = undefined;
    this.#student = undefined;
    const ending = async (): Promise<void> => {
      // First, while its outcome still has listeners.
      const ended = python?.[Symbol.asyncDispose]();
      await scope?.close();
      await ended;
    };
    void ending().catch((error: unknown) => logBug(error, this.#options.log));
  }

  /** Notes where stretches of output begin, in order with the output: one note waits at a time. */
  #notePause(): void {
    if (this.#pauseWaits) return;
    this.#pauseWaits = true;
    this.#feed.write(Buffer.alloc(0), () => {
      this.#pauseWaits = false;
      this.text.pause();
    });
  }

  #show(python: PythonConsole, data: Buffer): void {
    this.#pauseWaits = false;
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

/**
 * A person's Python. Each run gets a fresh jail: a spare one is ready with Python started, waiting for its command, so
 * that a run begins in milliseconds; what ran before is ended, and the next spare is started meanwhile.
 */
import { basename, dirname } from "node:path";
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import { headline, outcomeLine, spelledOut } from "./console-sentences.ts";
import type { ConsoleSize, ConsoleState, PythonConsole, RunEnd, RunRules } from "./console-state.ts";
import { parseErrorFacts, type ErrorFacts } from "./error-facts.ts";
import { HeldWork } from "./held-work.ts";
import { Inquiry } from "./inquiry.ts";
import { Interpreter, type InterpreterCommand } from "./interpreter.ts";
import type { JailFactory } from "./jail-factory.ts";
import { LivingPythons } from "./living-pythons.ts";
import type { Piece } from "./marks.ts";
import { describe, type Outcome } from "./outcome.ts";
import type { JailSpec } from "./jail-spec.ts";
import type { JailExit, LimitKind } from "./protocol.ts";
import { idleMs, type SparePython } from "./spare-python.ts";
import type { StatementHistory } from "./statement-history.ts";
import { StatementMarks } from "./statement-marks.ts";
import { ReportReader } from "./variables.ts";
import { parseStep, type StepCommand, type StepState } from "./steps.ts";
import { resetTerminal } from "./reset-terminal.ts";
import { PictureMarks, type SentPicture } from "./picture-marks.ts";
import { parseResult, type ScriptResult } from "./script-result.ts";
import { workingDirectoryOf } from "./working-directory.ts";

/** What a console works with. */
export interface PythonConsoleOptions {
  readonly factory: JailFactory;
  readonly spec: JailSpec;
  readonly size: ConsoleSize;
  readonly clock: Clock;
  /** The Python that was started ahead, which other consoles may share. */
  readonly spare: SparePython;
  /** Whether nobody else uses that, so that it ends with this console. */
  readonly ownsSpare: boolean;
  readonly history: StatementHistory;
  /** Throws what the person should read when no program may start at present. */
  readonly admit?: () => void;
  /** Whether to start nothing before the first `runFile`. */
  readonly idle?: boolean;
}

/** Bytes kept of what is typed before Python reads. */
const maxEarly = 4096;

/** A console with a jail. */
export class JailedConsole implements PythonConsole {
  readonly #options: PythonConsoleOptions;
  readonly #stateChanged = new Emitter<ConsoleState>();
  readonly #output = new Emitter<Buffer>();
  readonly #outcome = new Emitter<RunEnd>();
  readonly #error = new Emitter<ErrorFacts>();
  readonly onState = this.#stateChanged.on;
  readonly onOutput = this.#output.on;
  readonly onOutcome = this.#outcome.on;
  readonly onError = this.#error.on;
  readonly #inquiry: Inquiry;
  readonly #picture = new Emitter<SentPicture>();
  readonly #pictureMarks = new PictureMarks();
  readonly onPicture = this.#picture.on;
  readonly #step = new Emitter<StepState>();
  readonly onStep = this.#step.on;
  #stepReader = new ReportReader();
  /** Whether the program of now has stopped at a step. */
  #stopped = false;
  /** What it is told when it stops next. */
  #nextStep: StepCommand | undefined;
  /** So that closing can wait for the last. */
  readonly #living = new LivingPythons();
  #state: ConsoleState = "starting";
  /** The jail of what runs, and of the spare: who runs a program once runs it again. */
  #spec: JailSpec;
  #size: ConsoleSize;
  #current: Interpreter | undefined;
  #run: { readonly file: string; readonly since: number } | undefined;
  /** When the person did something last, and whether the Python of now has been given anything. */
  #usedAt: number;
  #untouched = true;
  /** Whether the prompt on the screen has no Python any more, and will get one when it is used. */
  #putAway = false;
  #idle: Disposable | undefined;
  /** What is known of the error that ended the run. */
  #facts: ErrorFacts | undefined;
  #limit: LimitKind | undefined;
  #limitSaid = false;
  #early: Buffer[] = [];
  #interruptSoon = false;
  readonly #held = new HeldWork();
  readonly #statements = new StatementMarks();
  #atLineStart = true;
  #closed: Promise<void> | undefined;

  constructor(options: PythonConsoleOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#spec = options.spec;
    this.#usedAt = options.clock.monotonic();
    this.#inquiry = new Inquiry(options.clock);
    this.#watchIdle(idleMs);
    if (!options.idle) this.#begin({ args: [] });
  }

  get state(): ConsoleState {
    return this.#state;
  }

  get onVariables() {
    return this.#inquiry.onVariables;
  }

  get onValue() {
    return this.#inquiry.onValue;
  }

  showVariables(shown: boolean): void {
    this.#inquiry.show(shown);
  }

  askValue(name: string): void {
    this.#inquiry.ask(name);
  }

  step(command: StepCommand): void {
    this.#used();
    // The step is told a moment before Python listens.
    this.#nextStep = command;
    this.#goOn();
  }

  #goOn(): void {
    const command = this.#nextStep;
    if (!this.#stopped || !command) return;
    this.#stopped = false;
    this.#nextStep = undefined;
    this.#current?.say(command);
  }

  pause(): void {
    this.#held.pause();
  }

  resume(): void {
    this.#held.resume();
  }

  write(data: Buffer | string): void {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (this.#closed || bytes.length === 0) return;
    if (this.#putAway) this.#takeOut();
    this.#used();
    if (this.#state === "ended" || this.#state === "failed") {
      if (bytes.includes(13) || bytes.includes(10)) this.#openPrompt();
    } else if (this.#state === "starting") {
      const waiting = this.#early.reduce((sum, piece) => sum + piece.length, 0);
      if (waiting + bytes.length <= maxEarly) this.#early.push(bytes);
    } else {
      this.#untouched = false;
      // It would be read as a character, where the terminal is ours.
      if (this.#stopped && bytes.includes(3)) this.interrupt();
      else this.#current?.write(bytes);
    }
  }

  resize(size: ConsoleSize): void {
    this.#size = size;
    this.#living.resize(size);
  }

  runFile(file: string, args: readonly string[] = [], rules?: RunRules, steps = false): void {
    if (this.#closed) return;
    this.#options.admit?.();
    this.#stopCurrent();
    this.#spec = { ...this.#options.spec, limits: rules?.limits };
    this.#run = { file, since: this.#options.clock.monotonic() };
    this.#say(headline(`RUN ${spelledOut(basename(file))}`));
    const { path: workingDirectory, note } = workingDirectoryOf(this.#options.spec, file);
    for (const each of [note, ...(rules?.notes ?? [])]) if (each !== undefined) this.#say(`${spelledOut(each)}\r\n`);
    const { home } = this.#options.spec;
    const folders = [...new Set([home, "/course", dirname(file)])].map((folder) => `${folder}/`);
    this.#begin({ file, args, workingDirectory, ...(steps && { steps: { folders } }) });
  }

  interrupt(): void {
    if (this.#state === "starting") this.#interruptSoon = true;
    else if (this.#stopped) this.step({ do: "interrupt" });
    else this.#current?.signal("SIGINT");
  }

  restart(): void {
    if (this.#closed) return;
    this.#stopCurrent();
    this.#spec = this.#options.spec;
    this.#say(headline("RESTART"));
    this.#begin({ args: [] });
  }

  /** Enter where there is no prompt: that of the program that has failed, or a new one. */
  #openPrompt(): void {
    if (this.#state === "failed") this.#current?.write(Buffer.from("\r"));
    else this.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    this.#stopCurrent();
    this.#inquiry[Symbol.dispose]();
    this.#idle?.[Symbol.dispose]();
    const { spare, ownsSpare } = this.#options;
    await Promise.all([this.#living.ended(), ownsSpare && spare[Symbol.asyncDispose]()]);
  }

  #begin(command: Omit<InterpreterCommand, "variables" | "history">): void {
    this.#limit = undefined;
    this.#early = [];
    this.#interruptSoon = false;
    this.#stopped = false;
    this.#nextStep = undefined;
    this.#stepReader = new ReportReader();
    this.#putAway = false;
    this.#untouched = command.file === undefined;
    this.#used();
    this.#setState("starting");
    const interpreter = this.#takePython();
    this.#current = interpreter;
    this.#inquiry.begins();
    const { shown: variables } = this.#inquiry;
    interpreter.run(
      { ...command, variables, history: this.#options.history.statements },
      {
        pieces: (pieces, bytes) =>
          this.#inOrder(interpreter, () => {
            this.#show(interpreter, pieces);
            interpreter.ack(bytes);
          }),
        limit: (limit) => {
          this.#limit = limit;
          this.#limitSaid = false;
        },
        listening: (where) => {
          if (where === "prompt") interpreter.say(this.#inquiry.message());
          else if (this.#current === interpreter) {
            this.#stopped = true;
            this.#goOn();
          }
        },
        exit: (exit) => this.#inOrder(interpreter, () => this.#ended(exit)),
      },
    );
    this.#options.spare.refill(this.#options.factory, this.#spec, this.#size);
  }

  /** The person does something: what was put away is needed again soon. */
  #used(): void {
    this.#usedAt = this.#options.clock.monotonic();
    this.#options.spare.used();
  }

  #watchIdle(ms: number): void {
    this.#idle = this.#options.clock.after(ms, () => {
      const idle = this.#options.clock.monotonic() - this.#usedAt;
      if (idle >= idleMs) this.#rest();
      this.#watchIdle(idle >= idleMs ? idleMs : idleMs - idle);
    });
  }

  /** Puts away what nobody has used. */
  #rest(): void {
    if (this.#state === "failed") {
      this.#stopCurrent();
      this.#sayEnded();
    } else if (this.#state === "prompt" && this.#untouched && this.#current) {
      this.#stopCurrent();
      this.#putAway = true;
    }
  }

  /** Starts a Python for a prompt that is on the screen already. */
  #takeOut(): void {
    this.#emit(Buffer.from("\r\x1b[K"));
    this.#atLineStart = true;
    this.#begin({ args: [] });
  }

  #takePython(): Interpreter {
    const { factory, spare } = this.#options;
    const spec = this.#spec;
    const python = spare.take(spec, this.#size) ?? new Interpreter(factory, spec, this.#size, "prompt");
    return this.#living.add(python);
  }

  /** Ends what runs; whoever stopped it knows, so nothing is printed. */
  #stopCurrent(): void {
    const current = this.#current;
    this.#current = undefined;
    this.#held.clear();
    if (current) this.#end(current);
    this.#finishRun({ kind: "stopped" }, {});
  }

  /** A program that runs is stopped; a prompt is asked to end. */
  #end(interpreter: Interpreter): void {
    if (this.#run || this.#state === "starting") interpreter.stop();
    else this.#living.leave(interpreter);
  }

  /** Does what an interpreter asks for: at once, or after what a pause holds back. */
  #inOrder(interpreter: Interpreter, action: () => void): void {
    this.#held.do(() => {
      if (this.#current === interpreter) action();
    });
  }

  #show(interpreter: Interpreter, pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      // A listener may have stopped it between two pieces.
      if (this.#current !== interpreter) return;
      if ("text" in piece) this.#emit(piece.text);
      else this.#mark(piece.mark);
    }
  }

  #showPicture(word: "picture" | "pixels", body: string): void {
    const picture = this.#pictureMarks.take(word, body);
    if (picture) this.#picture.emit(picture);
  }

  #mark(mark: string): void {
    const [word = "", ...rest] = mark.split(";");
    const body = rest.join(";");
    if (word === "picture" || word === "pixels") return this.#showPicture(word, body);
    switch (word) {
      case "running":
        this.#runs();
        return;
      case "error":
        this.#failed(parseErrorFacts(body));
        return;
      case "result":
        this.#scriptEnded(parseResult(body));
        return;
      case "prompt":
        this.#sayLimit();
        this.#setState("prompt");
        return;
      case "history":
        this.#remember(this.#statements.take(body));
        return;
      case "step":
        this.#stepped(body);
        return;
      case "variables":
      case "value":
        this.#inquiry.answered(word, body);
        return;
    }
  }

  #runs(): void {
    this.#setState("running");
    for (const typed of this.#early.splice(0)) this.#current?.write(typed);
    if (this.#interruptSoon) this.#current?.signal("SIGINT");
    this.#interruptSoon = false;
  }

  #remember(statement: string | undefined): void {
    if (statement !== undefined) this.#options.history.add(statement);
  }

  #failed(facts: ErrorFacts | undefined): void {
    if (this.#run) this.#facts = facts;
    else if (facts) this.#error.emit(facts);
  }

  #stepped(body: string): void {
    const text = this.#stepReader.read(body);
    const state = text === undefined ? undefined : parseStep(text);
    if (state) this.#step.emit(state);
  }

  #scriptEnded(result: ScriptResult | undefined): void {
    if (!result) return;
    // Past #emit: it prints nothing, and the last line is as long as before.
    this.#output.emit(Buffer.from(resetTerminal));
    const outcome = this.#outcomeOf(result);
    const told = this.#run === undefined;
    this.#finishRun(outcome, { errorLine: result.errorLine, syntaxError: result.syntaxError, error: result.error });
    const line = told ? undefined : outcomeLine(outcome, result);
    if (line !== undefined) this.#say(line);
    this.#limitSaid = true;
    this.#limit = undefined;
    if (result.waits) this.#setState("failed");
  }

  #outcomeOf(result: ScriptResult): Outcome {
    if (this.#limit) return this.#limitOutcome(this.#limit);
    if (result.interrupted) return { kind: "stopped" };
    if (result.outOfMemory) return this.#limitOutcome("memory");
    return { kind: "exited", status: result.status };
  }

  #limitOutcome(limit: LimitKind): Outcome {
    return this.#options.factory.outcomeOf({ started: true, status: 0, killed: false, limit }, this.#spec);
  }

  /** Prints once that a limit was reached, after what Python printed about it. */
  #sayLimit(): void {
    if (this.#limit && !this.#limitSaid) this.#say(`${describe(this.#limitOutcome(this.#limit))}\r\n`);
    this.#limitSaid = true;
    // The outcome of a script that still runs (whatever its marks say) needs the limit; a line at the prompt has no
    // outcome.
    if (!this.#run) this.#limit = undefined;
  }

  #ended(exit: JailExit): void {
    this.#current = undefined;
    const outcome = this.#options.factory.outcomeOf(exit, this.#spec);
    const quiet =
      (outcome.kind === "exited" && (outcome.status === 0 || !this.#run)) ||
      ((outcome.kind === "timed-out" || outcome.kind === "too-much-output") && this.#limitSaid);
    if (!quiet) this.#say(`${describe(outcome)}\r\n`);
    this.#finishRun(outcome, {});
    this.#sayEnded();
  }

  #sayEnded(): void {
    this.#say("Python has ended. Press Enter for a new prompt.\r\n");
    this.#setState("ended");
  }

  #finishRun(outcome: Outcome, details: Pick<RunEnd, "errorLine" | "syntaxError" | "error">): void {
    const run = this.#run;
    this.#run = undefined;
    if (!run) return;
    const seconds = (this.#options.clock.monotonic() - run.since) / 1000;
    const facts = this.#facts;
    this.#facts = undefined;
    this.#outcome.emit({ file: run.file, outcome, seconds, ...details, ...(facts && { facts }) });
  }

  /** Prints our own words on a line of their own, on a terminal reset to its ordinary state. */
  #say(text: string): void {
    this.#emit(Buffer.from(`${resetTerminal}${this.#atLineStart ? "" : "\r\n"}${text}`));
    this.#atLineStart = true;
  }

  #emit(text: Buffer): void {
    this.#atLineStart = text.at(-1) === 10;
    this.#output.emit(text);
  }

  #setState(state: ConsoleState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#inquiry.follow(state === "prompt" || state === "failed" ? this.#current : undefined);
    this.#stateChanged.emit(state);
  }
}

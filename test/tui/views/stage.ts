/** A session with real files and a scripted Python, on a terminal in memory: everything of the IDE but ssh and the jail. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock.ts";
import { UserError } from "../../../src/base/errors.ts";
import { Emitter } from "../../../src/base/events.ts";
import { silentLog } from "../../../src/base/log.ts";
import { Scope } from "../../../src/base/scope.ts";
import { Turns } from "../../../src/base/turns.ts";
import { loadSettings } from "../../../src/config/load.ts";
import type { Participant } from "../../../src/editor/participant.ts";
import { RateLimiter } from "../../../src/limits/rate.ts";
import type { PythonConsole, RunEnd } from "../../../src/runner/console-state.ts";
import type { ErrorFacts } from "../../../src/runner/error-facts.ts";
import type { SentPicture } from "../../../src/runner/picture-marks.ts";
import type { Runner } from "../../../src/runner/runner.ts";
import type { StepCommand, StepState } from "../../../src/runner/steps.ts";
import type { Variables, WholeValue } from "../../../src/runner/variables.ts";
import { jailSpecFor } from "../../../src/session/jail-spec-for.ts";
import { Recovery } from "../../../src/session/recovery.ts";
import { StudentSandboxes } from "../../../src/session/student-sandboxes.ts";
import { Workbench, type WorkbenchOptions } from "../../../src/session/workbench.ts";
import { attach, type AttachOptions, type ExitReason } from "../../../src/tui/attach.ts";
import { Workspaces } from "../../../src/workspace/workspaces.ts";
import { students } from "../../workspace/fixture.ts";
import { freeLocks } from "../../support/free-locks.ts";
import { createFakeTerminal, type FakeTerminal, type FakeTerminalOptions } from "../../support/fake-terminal.ts";

/** Python as the test plays it: what was asked of it, and a way to print. */
export class ScriptedPython {
  readonly typed: string[] = [];
  readonly runs: string[] = [];
  readonly sizes: { columns: number; rows: number }[] = [];
  readonly #output = new Emitter<Buffer>();
  readonly #state = new Emitter<PythonConsole["state"]>();
  readonly #outcome = new Emitter<RunEnd>();
  readonly #error = new Emitter<ErrorFacts>();
  readonly variables = new Emitter<Variables>();
  readonly value = new Emitter<WholeValue>();
  /** Whether somebody looks at the variables, and which were asked for in full. */
  variablesShown = false;
  readonly asked: string[] = [];
  readonly #picture = new Emitter<SentPicture>();
  /** The steps of a program, and what it was told. */
  readonly step = new Emitter<StepState>();
  readonly steps: StepCommand[] = [];
  #onTyped: () => void = () => undefined;
  #current: PythonConsole["state"] = "prompt";

  /** Resolves when all that was typed so far is `text`. */
  hasRead(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.typed.join("") === text) resolve();
      };
      this.#onTyped = look;
      look();
    });
  }

  print(text: string): void {
    this.#output.emit(Buffer.from(text));
  }

  /** Ends the program that was run last. */
  end(end: Omit<RunEnd, "file" | "seconds">): void {
    this.#outcome.emit({ file: this.runs.at(-1) ?? "", seconds: 1, ...end });
    this.become("prompt");
  }

  /** A statement at the prompt fails. */
  fail(facts: ErrorFacts): void {
    this.#error.emit(facts);
  }

  show(picture: SentPicture): void {
    this.#picture.emit(picture);
  }

  become(state: PythonConsole["state"]): void {
    this.#current = state;
    this.#state.emit(state);
  }

  open(): PythonConsole {
    const current = (): PythonConsole["state"] => this.#current;
    return {
      get state() {
        return current();
      },
      onState: this.#state.on,
      onOutput: this.#output.on,
      onOutcome: this.#outcome.on,
      onError: this.#error.on,
      onVariables: this.variables.on,
      onValue: this.value.on,
      showVariables: (shown) => {
        this.variablesShown = shown;
      },
      onStep: this.step.on,
      step: (command) => void this.steps.push(command),
      askValue: (name) => void this.asked.push(name),
      onPicture: this.#picture.on,
      pause: () => undefined,
      resume: () => undefined,
      write: (data) => {
        this.typed.push(data.toString());
        this.#onTyped();
      },
      resize: (size) => void this.sizes.push(size),
      runFile: (file) => {
        this.runs.push(file);
        this.become("running");
      },
      interrupt: () => {
        this.typed.push("\x03");
        this.#onTyped();
      },
      restart: () => this.become("prompt"),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
}

export interface WindowOptions extends FakeTerminalOptions {
  readonly participant?: Participant;
}

export interface Stage extends AsyncDisposable {
  readonly terminal: FakeTerminal;
  readonly workbench: Workbench;
  /** That of the first console. */
  readonly python: ScriptedPython;
  /** One for each console that was opened. */
  readonly pythons: readonly ScriptedPython[];
  /** Ada's home on disk. */
  readonly home: string;
  /** Another terminal on the same session, ada's or a guest's. */
  window(options?: WindowOptions): { readonly terminal: FakeTerminal; readonly left: Promise<ExitReason | "go"> };
  /** Resolves when `attach` has ended. */
  readonly left: Promise<ExitReason | "go">;
}

export type StageOptions = FakeTerminalOptions & Partial<AttachOptions> & Pick<WorkbenchOptions, "mayExplain">;

/** Opens the IDE for ada and waits for her welcome.py, unless a password comes first. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const scope = new Scope("stage");
  try {
    return await build(scope, options);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function build(scope: Scope, options: StageOptions): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "classh-stage-"));
  scope.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
  const settings = loadSettings({ environment: {}, flags: {} });
  const workspaces = new Workspaces({
    directory: join(directory, "files"),
    limits: settings.limits,
    students: students([]),
    log: silentLog,
    clock: systemClock,
  });
  await workspaces.prepare();
  await workspaces.ensureHome("ada");
  const person = { username: "ada", role: "student" as const, name: "Ada" };
  const python = new ScriptedPython();
  const pythons = [python];
  let opened = 0;
  const runner = {
    // Each console has one; the first is there already.
    openConsole: () => {
      const next = pythons[opened++] ?? new ScriptedPython();
      if (!pythons.includes(next)) pythons.push(next);
      return next.open();
    },
    spare: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
  } as unknown as Runner;
  const workbench = scope.own(
    new Workbench({
      id: "stage",
      person,
      workspace: workspaces.for(person),
      studentSandboxes: new StudentSandboxes(workspaces, settings.limits),
      highestLimits: settings.limits.course,
      jailSpec: jailSpecFor(workspaces, settings.limits, person),
      runner,
      runs: new RateLimiter({ perMinute: 100, clock: systemClock }),
      fileOperations: new RateLimiter({ perMinute: 600, clock: systemClock }),
      takeOverSeconds: 20,
      recovery: new Recovery({ directory: join(directory, "recovery"), clock: systemClock, log: silentLog }),
      locks: freeLocks,
      isLive: () => false,
      courseChanges: new Emitter<readonly string[]>().on,
      courseName: "CS101",
      publicAddress: { host: "class.example.edu", port: 2222 },
      openFiles: 20,
      consoles: 4,
      ...(options.mayExplain && { mayExplain: options.mayExplain }),
      turns: scope.own(new Turns(systemClock, (error) => assert.fail(String(error)))),
      clock: systemClock,
      log: silentLog,
    }),
  );
  const window = ({ participant, ...size }: WindowOptions = {}) => {
    const terminal = scope.own(createFakeTerminal(size));
    const left = attach(terminal, workbench, {
      mustChangePassword: options.mustChangePassword ?? false,
      changePassword:
        options.changePassword ?? (() => Promise.reject(new UserError("bad-password", "not in this test"))),
      ...(options.setFirstPassword ? { setFirstPassword: options.setFirstPassword } : {}),
      participant,
      windows: options.windows,
      announcement: options.announcement,
      clock: options.clock ?? systemClock,
      log: silentLog,
    }).then((end) => (end.kind === "closed" ? end.reason : end.kind));
    scope.defer(async () => {
      terminal.disconnect();
      await left.catch(() => undefined); // who opened the stage was told
    });
    return { terminal, left };
  };
  const { terminal, left } = window(options);
  const ready = options.mustChangePassword
    ? terminal.wait("Welcome, ada")
    : options.announcement
      ? terminal.wait(options.announcement)
      : terminal.wait(/1 {2}# Welcome/);
  await Promise.race([ready, left]);
  return {
    terminal,
    workbench,
    python,
    pythons,
    window,
    home: join(directory, "files", "Local", "ada"),
    left,
    [Symbol.asyncDispose]: () => scope.close(),
  };
}

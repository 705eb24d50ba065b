/**
 * Sixty students who type, run and fail, as their sessions tell it, and one teacher who looks: what the writing costs, what the view
 * costs, and how late the view is. Without terminals and jails: those are other scenarios.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Accounts } from "../../src/auth/accounts.ts";
import { Audit } from "../../src/auth/audit.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { systemClock as clock } from "../../src/base/clock.ts";
import { Emitter } from "../../src/base/events.ts";
import { silentLog as log } from "../../src/base/log.ts";
import type { Scope } from "../../src/base/scope.ts";
import { Classroom } from "../../src/classroom/classroom.ts";
import type { StudentWork } from "../../src/classroom/work.ts";
import { SessionDirectory } from "../../src/cluster/session-directory.ts";
import { SessionTable } from "../../src/cluster/session-table.ts";
import type { Database } from "../../src/db/database.ts";
import { LockManager } from "../../src/locks/lock-manager.ts";
import type { RunEnd } from "../../src/runner/console-state.ts";
import { Attendance } from "../../src/session/attendance.ts";
import type { Console } from "../../src/session/console.ts";
import type { FinishedRun } from "../../src/session/consoles.ts";
import { StudentProgress } from "../../src/session/student-progress.ts";
import { showClass } from "../../src/tui/class/show-class.ts";
import { RehearsalTerminal } from "../../src/tui/client/rehearsal.ts";
import { cpuSeconds, processTree } from "../base/proc.ts";
import { percentile } from "../statistics.ts";

export interface ClassFigures {
  readonly students: number;
  /** Percent of a core: this process and PostgreSQL, while the students only exist, while they also write, and with a view open. */
  readonly typing: Cost;
  readonly writing: Cost;
  readonly viewing: Cost;
  /** From a change in a session until the view has it, milliseconds. */
  readonly lateP50: number;
  readonly lateMax: number;
}

interface Cost {
  readonly process: number;
  readonly postgres: number;
}

const students = 60;
const keysPerSecond = 5;

export async function measureClass(
  scope: Scope,
  database: Database,
  url: string,
  quick: boolean,
): Promise<ClassFigures> {
  const seconds = quick ? 3 : 20;
  const accounts = new Accounts({ database, hasher: new PasswordHasher({ cost: 4 }), passwordLength: 10 });
  const lane = async (from: number): Promise<void> => {
    for (let index = from; index < students; index += 4)
      await accounts.add({ username: `s${index}`, role: "student", name: `Student Number ${index}` });
  };
  await Promise.all([0, 1, 2, 3].map(lane));
  await accounts.add({ username: "prof", role: "professor" });
  const locks = scope.own(
    await LockManager.start({ database, url, name: "bench", leaseSeconds: 10, machines: "several", clock, log }),
  );
  const people = Array.from({ length: students }, (_, index) => scope.own(new Student(`s${index}`)));
  for (const person of people) person.live();

  const typing = await cost(seconds);
  const directory = scope.own(
    new SessionDirectory({ table: new SessionTable(database), maxSessions: 1000, node: () => locks.node, clock, log }),
  );
  for (const person of people) directory.track(person);
  await delay(2000);
  const writing = await cost(seconds);

  const settings = { messageDays: 30, messagesKept: 500, handHours: 4 };
  const limiter = { take: () => Promise.resolve({ allowed: true, retryAfterSeconds: 0 }) };
  const classroom = scope.own(
    new Classroom({
      database,
      url,
      accounts,
      audit: new Audit(database, log),
      settings,
      limiter,
      mayRemove: () => Promise.resolve(true),
      clock,
      log,
    }),
  );
  using seat = classroom.sit({ account: await accounts.get("prof"), address: "bench" });
  const terminal = new RehearsalTerminal({ columns: 200, rows: 64 });
  const late: number[] = [];
  const seen = new Map<string, number>();
  const looking = classroom.liveClass.subscribe((state) => {
    for (const { username, run } of state.students) {
      if (!run || seen.get(username) === run.at) continue;
      if (seen.has(username)) late.push(clock.now() - run.at);
      seen.set(username, run.at);
    }
  });
  const shown = showClass(terminal, { seat, course: "CS101", clock, log });
  await delay(2000);
  const viewing = await cost(seconds);
  looking[Symbol.dispose]();
  terminal.close();
  await shown;
  return { students, typing, writing, viewing, lateP50: percentile(late, 50), lateMax: Math.max(...late) };
}

/** Percent of a core over some time. */
async function cost(seconds: number): Promise<Cost> {
  const before = await spent();
  await delay(seconds * 1000);
  const after = await spent();
  return {
    process: ((after.process - before.process) / seconds) * 100,
    postgres: ((after.postgres - before.postgres) / seconds) * 100,
  };
}

/** CPU seconds so far. */
async function spent(): Promise<Cost> {
  const tree = await processTree(process.pid);
  return {
    process: cpuSeconds(tree.filter(({ pid }) => pid === process.pid)),
    postgres: cpuSeconds(tree.filter(({ command }) => /postgres/.test(command))),
  };
}

/** A session's facts, moved by a dice: types, pauses, runs for a moment, fails often. */
class Student implements AsyncDisposable {
  readonly id: string;
  readonly username: string;
  readonly since = clock.now();
  readonly #finished = new Emitter<RunEnd>();
  readonly #changed = new Emitter<void>();
  readonly #attendance = new Attendance(clock);
  readonly #progress: StudentProgress;
  readonly #timers: Disposable[] = [];
  #activity: Console["activity"] = "prompt";

  constructor(username: string) {
    this.id = `session-${username}`;
    this.username = username;
    const activity = (): Console["activity"] => this.#activity;
    const console = { onChange: this.#changed.on } as unknown as Console;
    const consoles = {
      onFinished: (listener: (run: FinishedRun) => void) => this.#finished.on((end) => listener({ console, end })),
      follow: (listen: (each: Console) => Disposable) => listen(console),
      get isRunning() {
        return activity() === "running";
      },
    };
    this.#progress = new StudentProgress({ attendance: this.#attendance, consoles, clock });
  }

  get onMove() {
    return this.#progress.onMove;
  }

  describe() {
    const work: StudentWork = this.#progress.work;
    const detail = {
      role: "student",
      from: ["192.0.2.1"],
      awaySince: null,
      activeAt: this.#attendance.activeAt,
      file: `/home/${this.username}/welcome.py`,
      unsaved: [],
      console: this.#activity,
      work,
    };
    return { state: this.#activity === "running" ? ("running" as const) : ("here" as const), detail };
  }

  live(): void {
    const visit = this.#attendance.attach("192.0.2.1");
    this.#timers.push(
      visit,
      clock.every(1000 / keysPerSecond, () => visit.touch()),
    );
    this.#timers.push(clock.every(4000 + Math.random() * 8000, () => this.#run()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) timer[Symbol.dispose]();
    await this.#progress[Symbol.asyncDispose]();
  }

  #run(): void {
    this.#become("running");
    this.#timers.push(clock.after(500 + Math.random() * 1000, () => this.#end()));
  }

  #end(): void {
    this.#become("ended");
    const failed = Math.random() < 0.6;
    const file = `/home/${this.username}/welcome.py`;
    const details = failed ? { error: "NameError: name 'total' is not defined", errorLine: 3 } : {};
    this.#finished.emit({ file, outcome: { kind: "exited", status: failed ? 1 : 0 }, seconds: 1, ...details });
  }

  #become(activity: Console["activity"]): void {
    this.#activity = activity;
    this.#changed.emit();
  }
}

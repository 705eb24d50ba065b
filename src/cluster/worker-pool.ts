/**
 * Theory of operation: a fixed number of workers, each with a number. A connection goes to the worker that has the
 * fewest; while none serves it waits in line. A worker that ends, for whatever reason, is removed from the database at
 * once (`onGone`) and replaced: immediately if it had lived for a while, otherwise with growing pauses.
 */
import type { Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import type { Log } from "../base/log.ts";
import { recordOf } from "../base/log-lines.ts";
import { silentReport, type ProcessReport } from "../metrics/process-report.ts";
import { Scope } from "../base/scope.ts";
import { WaitingLine } from "./waiting-line.ts";
import type { Arrival } from "./underway.ts";
import { WorkerProcess, type WorkerReady } from "./worker-process.ts";
import type { WorkerStart } from "./worker-messages.ts";

/** What a pool works with. */
export interface WorkerPoolOptions {
  readonly count: number;
  readonly file: string;
  readonly execArgv: readonly string[];
  readonly startOf: (worker: number) => WorkerStart;
  /** Called when a worker's process is gone: what it held must be freed. */
  readonly onGone: (pid: number) => Promise<void>;
  /** Called with a connection that has waited too long for a worker, and now belongs to the callee. */
  readonly giveUp: (socket: Socket, visitor: Arrival) => void;
  /** Called when a worker ended without being asked to, and another one replaces it. */
  readonly onRestart: (worker: number, ended: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A worker that lived longer is replaced at once. */
const longLifeMs = 10_000;
const firstPauseMs = 250;
const maxPauseMs = 10_000;

/** How long a connection waits for a worker, and how many may wait at once. */
const maxWaitMs = 15_000;
const maxWaiting = 1_000;
const waitingGreeting = "Part of classh is restarting; this takes a few seconds.";

/** The workers of a primary. */
export class WorkerPool implements AsyncDisposable {
  readonly #options: WorkerPoolOptions;
  readonly #scope = new Scope("workers");
  readonly #workers = new Map<number, WorkerProcess>();
  readonly #leaving = new Set<WorkerProcess>();
  readonly #pauses = new Map<number, number>();
  readonly #background = new Set<Promise<void>>();
  readonly #line: WaitingLine;
  /** Listens to the log of this process while somebody follows it. */
  #logging: Disposable | undefined;
  #closing = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    const { giveUp, clock } = options;
    this.#line = this.#scope.own(
      new WaitingLine({ maxMs: maxWaitMs, maxWaiting, greeting: waitingGreeting, giveUp, clock }),
    );
  }

  /** Starts all; rejects with the first failure. */
  async start(): Promise<WorkerReady> {
    const numbers = Array.from({ length: this.#options.count }, (_, number) => number + 1);
    const [first] = await Promise.all(numbers.map((number) => this.#begin(number).ready));
    if (!first) throw new Error("no workers");
    return first;
  }

  /** Connections that have not logged in, of all workers and in line. */
  get waiting(): number {
    return this.#line.length + this.#sum((worker) => worker.waiting);
  }

  get open(): number {
    return this.#sum((worker) => worker.open);
  }

  /**
   * Gives a connection to the worker with the fewest. While none serves it waits for one, and `giveUp` gets it when
   * that takes too long. False when it can't even wait: the server ends, or too many wait.
   */
  give(visitor: Arrival, socket: Socket): boolean {
    if (this.#closing) return false;
    const serving = [...this.#workers.values()].filter((worker) => worker.serving);
    const [least] = serving.toSorted((a, b) => a.open - b.open);
    if (!least) return this.#line.add(socket, visitor);
    least.give(visitor, socket);
    return true;
  }

  /** The metrics of all, each within `ms`; of one that does not answer only that. */
  async reports(ms: number): Promise<readonly ProcessReport[]> {
    const asked = [...this.#workers].map(
      async ([number, worker]) => (await worker.report(ms)) ?? silentReport(`worker-${number}`),
    );
    return await Promise.all(asked);
  }

  /** Connections that wait for a worker. */
  get inLine(): number {
    return this.#line.length;
  }

  /** Asks the worker with the most connections of this address to end one that keeps it waiting. */
  makeRoom(source: string): void {
    const [most] = [...this.#workers.values(), ...this.#leaving].toSorted(
      (a, b) => b.waitingOf(source) - a.waitingOf(source),
    );
    most?.makeRoom(source);
  }

  /** Ends all in order; resolves when they are gone. Workers that have not ended after `ms` are killed. */
  async drain(ms: number): Promise<void> {
    this.#closing = true;
    for (const [socket, visitor] of this.#line.takeAll()) this.#options.giveUp(socket, visitor);
    const all = [...this.#workers.values(), ...this.#leaving];
    for (const worker of all) worker.drain();
    using _deadline = this.#options.clock.after(ms, () => {
      this.#options.log.error("workers did not end in time");
      for (const worker of all) worker.kill();
    });
    await Promise.all(all.map((worker) => worker.exited));
    await Promise.all(this.#background);
  }

  /** Kills all. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    await this.#scope.close();
    const all = [...this.#workers.values(), ...this.#leaving];
    for (const worker of all) worker.kill();
    await Promise.all(all.map((worker) => worker.exited));
    await Promise.all(this.#background);
  }

  #begin(number: number): WorkerProcess {
    const { startOf, clock, log, file, execArgv } = this.#options;
    const began = clock.monotonic();
    const worker = new WorkerProcess({ file, execArgv, start: startOf(number), clock, log });
    this.#workers.set(number, worker);
    log.info("worker started", { worker: number, pid: worker.pid });
    const leave = worker.onDraining(() => this.#leave(number, worker));
    const sign = worker.onSign(() => this.#serveLine());
    const wanted = worker.onLogWanted(() => this.#passLog());
    worker.ready.catch((error: unknown) => {
      if (!this.#closing) log.error("a worker could not start", { worker: number, pid: worker.pid, error });
    });
    this.#inBackground(async () => {
      const ended = await worker.exited;
      leave[Symbol.dispose]();
      sign[Symbol.dispose]();
      wanted[Symbol.dispose]();
      log[this.#closing || this.#leaving.has(worker) ? "info" : "error"]("worker ended", {
        worker: number,
        pid: worker.pid,
        ended,
      });
      const replaced = this.#leaving.delete(worker);
      if (!replaced) this.#workers.delete(number);
      if (!replaced) this.#replace(number, clock.monotonic() - began, ended);
      this.#passLog();
      await worker.silent;
      for (const { socket, visitor } of worker.takeBack())
        if (!this.give(visitor, socket)) this.#options.giveUp(socket, visitor);
      if (worker.pid !== undefined) await this.#options.onGone(worker.pid);
    });
    return worker;
  }

  /** Passes on connections in line: a worker has begun to serve, or has given a sign of life. */
  #serveLine(): void {
    if (this.#line.length === 0) return;
    for (const [socket, visitor] of this.#line.takeAll())
      if (!this.give(visitor, socket)) this.#options.giveUp(socket, visitor);
  }

  /** Passes this process's log on while a worker wants it: to one of them, since whoever follows has all workers' lines. */
  #passLog(): void {
    const all = (): readonly WorkerProcess[] => [...this.#workers.values(), ...this.#leaving];
    if (!all().some((worker) => worker.wantsLog)) {
      this.#logging?.[Symbol.dispose]();
      this.#logging = undefined;
      return;
    }
    this.#logging ??= this.#options.log.onLine?.((line) => {
      const worker = all().find((each) => each.wantsLog);
      worker?.passLogLine(JSON.stringify({ ...recordOf(line), primary: true }));
    });
  }

  /** Replaces a worker that drains at once. */
  #leave(number: number, worker: WorkerProcess): void {
    if (this.#closing || this.#workers.get(number) !== worker) return;
    this.#leaving.add(worker);
    this.#begin(number);
  }

  #replace(number: number, lived: number, ended: string): void {
    if (this.#closing) return;
    this.#options.onRestart(number, ended);
    const pause = lived > longLifeMs ? 0 : (this.#pauses.get(number) ?? 0);
    this.#pauses.set(number, pause === 0 ? firstPauseMs : Math.min(pause * 2, maxPauseMs));
    const timer = this.#options.clock.after(pause, () => {
      forget();
      if (!this.#closing) this.#begin(number);
    });
    const forget = this.#scope.defer(() => timer[Symbol.dispose]());
  }

  #sum(count: (worker: WorkerProcess) => number): number {
    let sum = 0;
    for (const worker of this.#workers.values()) sum += count(worker);
    for (const worker of this.#leaving) sum += count(worker);
    return sum;
  }

  #inBackground(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => logBug(error, this.#options.log))
      .finally(() => this.#background.delete(running));
    this.#background.add(running);
  }
}

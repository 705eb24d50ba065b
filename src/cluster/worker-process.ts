/** The primary's side of one worker: starts it, sends it connections, knows how busy it is, notices its end. */
import { fork, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { BoundedLines } from "../base/bounded-lines.ts";
import { errorCodes, UserError, type ErrorCode } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { ProcessReport } from "../metrics/process-report.ts";
import type { Ticket } from "../ssh/startups.ts";
import { Underway, type Handed, type Arrival } from "./underway.ts";
import type { FromWorker, JailFindings, ToWorker, WorkerStart } from "./worker-messages.ts";

/** What a worker is started with. */
export interface WorkerProcessOptions {
  /** File of the program, and arguments that Node.js needs to run it. */
  readonly file: string;
  readonly execArgv: readonly string[];
  readonly start: WorkerStart;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a worker reports when it serves. */
export interface WorkerReady {
  readonly jail: JailFindings;
  readonly demo: boolean;
}

/**
 * A worker gives a sign of life every 2 s (`loadMs` in server/worker). After this silence it gets no new connections
 * ...
 */
const doubtMs = 7_000;
/** ... and after this time it is killed: it hangs for good, and its lease is long over. */
const silenceMs = 30_000;
/**
 * The longest start. Meanwhile it gives no signs and loads its whole program, which takes long on a machine busy with
 * other work.
 */
const maxStartMs = 180_000;
const checkMs = 2_000;
/** Lateness of its own timer from which this process itself was stopped. */
const lateMs = 10_000;

/** Errors of the channel to a process that is gone. */
const goneCodes: readonly unknown[] = ["EPIPE", "ECONNRESET", "ERR_IPC_CHANNEL_CLOSED"];

/** A worker, as the primary sees it. */
export class WorkerProcess {
  /** Resolves when it serves; rejects with what prevented that. */
  readonly ready: Promise<WorkerReady>;
  /** Resolves when the process is gone, with how it ended: "SIGKILL", "status 1". */
  readonly exited: Promise<string>;
  /** Resolves after that, when all its messages have been received. */
  readonly silent: Promise<void>;
  readonly #child: ChildProcess;
  readonly #options: WorkerProcessOptions;
  readonly #watch: Disposable;
  readonly #drained = new Emitter<void>();
  readonly #signs = new Emitter<void>();
  readonly #logWanted = new Emitter<void>();
  readonly #logLines: BoundedLines;
  #wantsLog = false;
  readonly #underway = new Underway();
  /** Tickets of connections that have not logged in, by the worker's numbers for them. */
  readonly #tickets = new Map<number, Ticket>();
  /** Questions for a report that have no answer yet. */
  readonly #questions = new Map<number, (report: ProcessReport | undefined) => void>();
  #asked = 0;
  #serving = false;
  #begun = false;
  #load = { open: 0, waiting: 0 };
  #heard: number;
  #checkedAt: number;
  #doubted = false;

  constructor(options: WorkerProcessOptions) {
    const { file, execArgv, start, clock, log } = options;
    this.#options = options;
    this.#heard = clock.monotonic();
    this.#checkedAt = this.#heard;
    // Detached: a signal to one process group (Ctrl-C at a terminal, a program's kill(0)) reaches one process of the
    // server.
    const child = fork(file, [], {
      execArgv: [...execArgv],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      cwd: process.cwd(),
      detached: true,
    });
    this.#child = child;
    this.#logLines = new BoundedLines({
      // No word of a failure: that would be the next line.
      send: (line, sent) => child.connected && child.send({ type: "log-line", line } satisfies ToWorker, () => sent()),
      dropped: (dropped) => JSON.stringify({ dropped }),
    });
    child.on("error", (error) => log.error("a worker's channel failed", { worker: start.worker, error }));
    this.exited = new Promise((resolve) => {
      child.once("exit", (status, signal) => resolve(signal ?? `status ${status}`));
      child.once("error", (error) => child.pid === undefined && resolve(`not started: ${error.message}`));
    });
    this.silent = new Promise((resolve) => void child.once("close", () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      child.on("message", (message: FromWorker) => this.#hear(message, resolve, reject));
      child.once("exit", (status, signal) =>
        reject(new Error(`worker ${start.worker} ended while it started (${signal ?? status})`)),
      );
    });
    this.ready.catch(() => undefined); // the pool awaits it only at the start
    this.#watch = clock.every(checkMs, () => this.#check());
    void this.exited.then(() => {
      this.#serving = false;
      this.#watch[Symbol.dispose]();
    });
    this.#send(start);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it takes connections. */
  get serving(): boolean {
    return this.#serving && this.#child.connected && this.#options.clock.monotonic() - this.#heard < doubtMs;
  }

  /** Its connections, including those on their way to it. */
  get open(): number {
    return this.#load.open + this.#underway.people;
  }

  /** Those of them that have not logged in. */
  get waiting(): number {
    return this.#load.waiting + this.#underway.people;
  }

  /** Fires with every message: it is alive, and may have begun to serve. */
  get onSign() {
    return this.#signs.on;
  }

  /** Fires when it takes no more connections, and will end soon. */
  get onDraining() {
    return this.#drained.on;
  }

  /** Whether somebody follows the log there. */
  get wantsLog(): boolean {
    return this.#wantsLog && this.#child.connected;
  }

  /** Fires when `wantsLog` may have changed. */
  get onLogWanted() {
    return this.#logWanted.on;
  }

  /** Sends it a line of this process's log; one for which there is no room is counted. */
  passLogLine(line: string): void {
    this.#logLines.add(line);
  }

  /** Its connections of this address that have not logged in. */
  waitingOf(source: string): number {
    let count = 0;
    for (const ticket of this.#tickets.values()) if (ticket.source === source) count += 1;
    return count;
  }

  /** Asks it to end one of this address's connections that keep it waiting. */
  makeRoom(source: string): void {
    this.#send({ type: "make-room", source });
  }

  /** Its metrics; undefined when it has not answered within `ms`. */
  async report(ms: number): Promise<ProcessReport | undefined> {
    if (!this.#begun || !this.#child.connected) return undefined;
    const number = ++this.#asked;
    using _deadline = this.#options.clock.after(ms, () => this.#answer(number, undefined));
    return await new Promise((resolve) => {
      this.#questions.set(number, resolve);
      this.#send({ type: "report", number });
    });
  }

  #answer(number: number, report: ProcessReport | undefined): void {
    this.#questions.get(number)?.(report);
    this.#questions.delete(number);
  }

  /** Sends it a connection, from which this process must not have read. */
  give(visitor: Arrival, socket: Socket): void {
    const number = this.#underway.add({ visitor, socket });
    if (visitor !== "control") this.#tickets.set(number, visitor);
    const message: ToWorker =
      visitor === "control" ? { type: "control", number } : { type: "connection", number, source: visitor.source };
    // Node.js would go on counting the socket here, by asking the worker; after the worker's death the server could
    // then never be closed.
    Reflect.set(socket, "server", undefined);
    this.#child.send(message, socket, { keepOpen: true }, (error) => error && this.#notSent(number, error));
  }

  /**
   * The connections that never reached it. To be called after `silent`: until then it may still report that it has
   * them.
   */
  takeBack(): readonly Handed[] {
    const left = this.#underway.takeAll();
    const moving = new Set(left.map(({ visitor }) => visitor));
    for (const ticket of this.#tickets.values()) if (!moving.has(ticket)) ticket.end("left");
    this.#tickets.clear();
    return left;
  }

  /** Asks it to end in order. */
  drain(): void {
    this.#serving = false;
    // While it starts it does not listen, and has nobody.
    if (this.#begun) this.#send({ type: "drain" });
    else this.kill();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #notSent(number: number, error: Error): void {
    // The connection is taken back with all others; new ones need not take that detour.
    if ("code" in error && goneCodes.includes(error.code)) return void (this.#serving = false);
    this.#options.log.warn("a connection could not be handed over", { error });
    this.#lose(this.#underway.take(number));
  }

  /**
   * Notes that it has all connections up to this number, except those that Node.js could not deliver (a worker without
   * free descriptors).
   */
  #received(number: number): void {
    for (const lost of this.#underway.received(number)) {
      this.#options.log.warn("a connection did not reach its worker", {
        worker: this.#options.start.worker,
        pid: this.pid,
      });
      this.#lose(lost);
    }
  }

  #lose(handed: Handed | undefined): void {
    if (handed && handed.visitor !== "control") handed.visitor.end("left");
    handed?.socket.destroy();
  }

  #hear(message: FromWorker, ready: (ready: WorkerReady) => void, failed: (error: Error) => void): void {
    this.#heard = this.#options.clock.monotonic();
    if (this.#doubted)
      this.#options.log.info("a worker responds again", { worker: this.#options.start.worker, pid: this.pid });
    this.#doubted = false;
    this.#take(message, ready, failed);
    this.#signs.emit();
  }

  #take(message: FromWorker, ready: (ready: WorkerReady) => void, failed: (error: Error) => void): void {
    switch (message.type) {
      case "ready":
        this.#serving = true;
        this.#begun = true;
        this.#options.log.info("worker is ready", { worker: this.#options.start.worker, pid: this.pid });
        return ready({ jail: message.jail, demo: message.demo });
      case "failed":
        return failed(new UserError(isCode(message.code) ? message.code : "internal", message.message, message.hint));
      case "load":
        this.#received(message.received);
        this.#load = message;
        return undefined;
      case "ticket-ended":
        this.#tickets.get(message.number)?.end(message.outcome, message.cheap);
        this.#tickets.delete(message.number);
        return undefined;
      case "log-wanted":
        this.#wantsLog = message.wanted;
        return this.#logWanted.emit();
      case "report":
        return this.#answer(message.number, message.report);
      case "draining":
        this.#serving = false;
        return this.#drained.emit();
      default:
        return message satisfies never;
    }
  }

  #send(message: ToWorker): void {
    if (!this.#child.connected) return;
    this.#child.send(message, (error) => {
      if (error) this.#options.log.debug("a message to a worker could not be sent", { error });
    });
  }

  /** Kills a worker that hangs. If this process itself was stopped meanwhile, all workers get another chance. */
  #check(): void {
    const now = this.#options.clock.monotonic();
    const late = now - this.#checkedAt > lateMs;
    this.#checkedAt = now;
    if (late) this.#heard = now;
    const silence = now - this.#heard;
    if (this.#begun && silence >= doubtMs && !this.#doubted) {
      this.#doubted = true;
      this.#options.log.warn("a worker does not respond: new connections go elsewhere", {
        worker: this.#options.start.worker,
        pid: this.pid,
        ms: Math.round(silence),
      });
    }
    if (silence < (this.#begun ? silenceMs : maxStartMs)) return;
    this.#options.log.error("a worker hangs; killing it", { worker: this.#options.start.worker, pid: this.pid });
    this.kill();
  }
}

function isCode(code: string): code is ErrorCode {
  return code in errorCodes;
}

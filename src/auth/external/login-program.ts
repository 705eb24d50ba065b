/**
 * Theory of operation: one child process answers many questions at a time, a JSON object a line each way, told apart by
 * their ids. It is started with the server, and again when it ends, after pauses that double; meanwhile every question
 * is answered "unavailable" at once. A question that gets no answer in time is answered "unavailable" and withdrawn; a
 * program from which nothing at all has come since then hangs, and is replaced. It has a session of its own, no
 * environment of ours, and dies with this process.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "../../base/clock.ts";
import { systemCode } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { maxLine, parseAnswer, type LoginAnswer, type LoginQuestion } from "./login-protocol.ts";
import { ProgramLog } from "./program-log.ts";
import { Secrets } from "./secrets.ts";

/** What the program is run with. */
export interface LoginProgramOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Time for each answer. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** One login at the program, from the question to the last answer. Disposing withdraws it. */
export interface Exchange extends Disposable {
  /** The next answer, always within the time limit. To be called again only after `waiting`, or after `reply`. */
  next(): Promise<LoginAnswer>;
  /** Passes on what the person answered to prompts. */
  reply(answers: readonly string[]): void;
}

/** Time after which a program that was started again is thought to work, until it is asked. */
const provenMs = 1000;
/** A program that lived longer is replaced at once; otherwise after a pause, which doubles until one lives longer. */
const longLifeMs = 10_000;
const firstPauseMs = 250;
const maxPauseMs = 30_000;
/** Time that a program has to end, after the end of its input and after SIGTERM each. */
const endMs = 2000;
/** Bytes that a program may leave unread before it counts as hung. */
const maxUnread = 1024 * 1024;
/** Lines in a row that belong to no question: late answers of withdrawn ones are fine, a flood is not. */
const maxStray = 200;
/** The longest conversation, however often the program asks for time: as long as the person has to answer (ssh/). */
const maxConversationMs = 180_000;
const finalResults: ReadonlySet<LoginAnswer["result"]> = new Set(["accepted", "rejected", "unavailable"]);

/** The program that knows accounts from elsewhere. */
export class LoginProgram implements AsyncDisposable {
  readonly #options: LoginProgramOptions;
  readonly #secrets: Secrets;
  readonly #open = new Map<number, OpenExchange>();
  #child: ChildProcessWithoutNullStreams | undefined;
  #nextId = 1;
  #pauseMs = 0;
  #restart: Disposable | undefined;
  #closing = false;
  /** When the last line came. */
  #heard = Number.NEGATIVE_INFINITY;
  #stray = 0;
  #trouble: string | undefined;

  constructor(options: LoginProgramOptions) {
    this.#options = options;
    this.#secrets = new Secrets(options.clock);
    this.#start();
  }

  /** Why nobody can be asked about now; undefined when the last question was answered, or none was asked yet. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Process id, for tests; undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Questions that are open. */
  get count(): number {
    return this.#open.size;
  }

  /** Asks the program. */
  ask(question: LoginQuestion): Exchange {
    const id = this.#nextId++;
    const { clock, timeoutSeconds } = this.#options;
    const forget = question.type === "password" ? [this.#secrets.hold(question.password)] : [];
    const exchange = new OpenExchange({
      timeoutMs: timeoutSeconds * 1000,
      clock,
      send: (message) => this.#send({ id, ...message }),
      hold: (answers) => forget.push(...answers.map((answer) => this.#secrets.hold(answer))),
      late: (askedAt) => this.#late(askedAt),
      settled: (answer) => (this.#trouble = answer.result === "unavailable" ? answer.reason : undefined),
      ended: () => {
        this.#open.delete(id);
        for (const release of forget) release();
      },
    });
    if (this.#child === undefined || this.#closing) {
      exchange.take({ result: "unavailable", reason: this.#trouble ?? "the login program does not run" });
      return exchange;
    }
    this.#open.set(id, exchange);
    this.#send({ id, ...question });
    return exchange;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#restart?.[Symbol.dispose]();
    const child = this.#child;
    this.#failAll("the server is ending");
    if (!child) return;
    const gone = once(child, "close");
    child.stdin.end();
    using _terminate = this.#options.clock.after(endMs, () => signal(child, "SIGTERM"));
    using _kill = this.#options.clock.after(2 * endMs, () => signal(child, "SIGKILL"));
    await gone;
  }

  /** A reason goes to the log and to doctor, whatever a careless program puts into it. */
  #withoutSecrets<T extends { readonly result: string }>(answer: T): T {
    const { reason } = answer as { readonly reason?: unknown };
    return typeof reason === "string" ? { ...answer, reason: this.#secrets.cover(reason) } : answer;
  }

  #start(): void {
    const { command, clock, log } = this.#options;
    const started = clock.monotonic();
    const child = spawn("/usr/bin/setpriv", ["--pdeathsig", "KILL", "--", ...command], {
      cwd: "/",
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", HOME: "/nonexistent" },
      stdio: "pipe",
      // A session of its own: signals to the server's process group do not reach it, and its children end with it.
      detached: true,
    });
    const said = new ProgramLog(log, this.#secrets, clock);
    this.#child = child;
    this.#stray = 0;
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > maxLine) this.#give(child, "a line is too long");
      for (const line of lines) if (this.#child === child) this.#line(child, line);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => said.add(text));
    // A program that has ended does not read; "close" tells it.
    child.stdin.on("error", () => undefined);
    const proven = clock.after(provenMs, () => {
      if (this.#child === child) this.#trouble = undefined;
    });
    let failure: string | undefined;
    child.on("error", (error) => (failure = systemCode(error) ?? error.message));
    child.on("close", (status, name) => {
      proven[Symbol.dispose]();
      said[Symbol.dispose]();
      this.#ended(child, failure ?? name ?? `status ${status}`, clock.monotonic() - started);
    });
  }

  #line(child: ChildProcessWithoutNullStreams, line: string): void {
    if (line.trim() === "") return;
    this.#heard = this.#options.clock.monotonic();
    let parsed: ReturnType<typeof parseAnswer>;
    try {
      if (line.length > maxLine) throw new Error("the line is too long");
      parsed = parseAnswer(line);
    } catch (error) {
      // The text of a JSON error quotes the line.
      const why = error instanceof SyntaxError ? "the line is not JSON" : (error as Error).message;
      this.#give(child, why);
      return;
    }
    const exchange = this.#open.get(parsed.id);
    if (exchange?.take(this.#withoutSecrets(parsed.answer))) this.#stray = 0;
    else if (++this.#stray > maxStray) this.#give(child, "it answers what nobody asked");
  }

  /** Gives up a program that breaks the protocol or hangs; another one follows. */
  #give(child: ChildProcessWithoutNullStreams, why: string): void {
    if (this.#child !== child) return;
    this.#options.log.error("the login program is ended, because it does not answer as it should", { why });
    signal(child, "SIGKILL");
    this.#lose(`the login program does not answer as it should: ${why}`);
  }

  /** An answer did not come in time. */
  #late(askedAt: number): void {
    const child = this.#child;
    if (child && this.#heard < askedAt) this.#give(child, "nothing came in time");
  }

  #ended(child: ChildProcessWithoutNullStreams, how: string, livedMs: number): void {
    if (this.#child === child) this.#lose(`the login program ended (${how})`);
    if (this.#closing) return;
    const { clock, log } = this.#options;
    const pause = livedMs > longLifeMs ? 0 : this.#pauseMs;
    this.#pauseMs = Math.min(maxPauseMs, Math.max(firstPauseMs, pause * 2));
    log.error("the login program ended", { ended: how, lived: Math.round(livedMs / 1000), pauseMs: pause });
    this.#restart = clock.after(pause, () => this.#start());
  }

  #lose(why: string): void {
    this.#child = undefined;
    this.#failAll(why);
    this.#trouble = why;
  }

  #failAll(reason: string): void {
    for (const exchange of this.#open.values()) exchange.take({ result: "unavailable", reason });
  }

  #send(message: object): void {
    const child = this.#child;
    if (!child) return;
    if (child.stdin.writableLength > maxUnread) this.#give(child, "it does not read");
    else child.stdin.write(`${JSON.stringify(message)}\n`);
  }
}

/** Sends a signal to the program and its children. */
function signal(child: ChildProcessWithoutNullStreams, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    child.kill(name); // it has not come so far as to have a group of its own, or has ended
  }
}

interface ExchangeOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly send: (message: object) => void;
  readonly hold: (answers: readonly string[]) => void;
  /** Called when an answer did not come in time, with when it was asked for. */
  readonly late: (askedAt: number) => void;
  readonly settled: (answer: LoginAnswer) => void;
  /** Called once, when no more answers are expected. */
  readonly ended: () => void;
}

class OpenExchange implements Exchange {
  readonly #options: ExchangeOptions;
  readonly #begun: number;
  /** An answer that nobody has asked for yet. */
  #ready: LoginAnswer | undefined;
  #waiter: ((answer: LoginAnswer) => void) | undefined;
  #deadline: Disposable | undefined;
  /** Whether it is the program's turn. */
  #asked = true;
  #over = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#begun = options.clock.monotonic();
    this.#await();
  }

  next(): Promise<LoginAnswer> {
    const ready = this.#ready;
    this.#ready = undefined;
    if (ready) return Promise.resolve(ready);
    if (this.#over) return Promise.resolve({ result: "unavailable", reason: "the login is over" });
    return new Promise((resolve) => (this.#waiter = resolve));
  }

  reply(answers: readonly string[]): void {
    if (this.#over) return;
    this.#options.hold(answers);
    this.#asked = true;
    this.#await();
    this.#options.send({ type: "answers", answers });
  }

  /** An answer of the program; false when it was not asked. */
  take(answer: LoginAnswer): boolean {
    if (this.#over || (!this.#asked && answer.result !== "unavailable")) return false;
    this.#deadline?.[Symbol.dispose]();
    if (answer.result === "waiting") this.#await();
    else this.#asked = false;
    this.#options.settled(answer);
    if (finalResults.has(answer.result)) this.#end();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter) waiter(answer);
    // Several "waiting" in a row, before anybody looked, are one.
    else this.#ready = answer;
    return true;
  }

  [Symbol.dispose](): void {
    if (this.#over) return;
    this.#options.send({ type: "cancel" });
    this.#end();
    this.#waiter?.({ result: "unavailable", reason: "the login was given up" });
  }

  /** Waits for the program, for the time that one answer may take, and no longer than a conversation may. */
  #await(): void {
    const { clock, timeoutMs } = this.#options;
    const askedAt = clock.monotonic();
    this.#deadline?.[Symbol.dispose]();
    this.#deadline = clock.after(Math.min(timeoutMs, this.#begun + maxConversationMs - askedAt), () => {
      this.#options.send({ type: "cancel" });
      this.take({ result: "unavailable", reason: "the login program did not answer in time" });
      this.#options.late(askedAt);
    });
  }

  #end(): void {
    this.#over = true;
    this.#deadline?.[Symbol.dispose]();
    this.#options.ended();
  }
}

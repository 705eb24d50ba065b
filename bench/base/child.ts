/** Child processes that end with the bench, whatever ends it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

export interface ServerProcessOptions {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Becomes this account; only root can. */
  readonly account?: Account | undefined;
  /** How long it may take to end after SIGTERM, milliseconds. */
  readonly patience: number;
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** What a server writes is kept for error messages, the last so many characters of it. */
const maxKept = 8000;

/** A server in a process of its own. It is sent SIGTERM when disposed, and by the kernel when the bench dies. */
export class ServerProcess implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #options: ServerProcessOptions;
  readonly #waiters = new Set<() => void>();
  #output = "";
  #ended = false;

  constructor(options: ServerProcessOptions) {
    this.#options = options;
    const { account, file, args, env, directory } = options;
    const identity = account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups"] : [];
    // A process group of its own: Ctrl-C reaches the bench alone, which then ends things in order.
    const child = spawn("setpriv", [...identity, "--pdeathsig", "TERM", "--", file, ...args], {
      env,
      cwd: directory,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.once("error", (error) => this.#end(String(error)));
    child.once("exit", (status, signal) => this.#end(`${options.name} ended with ${signal ?? `status ${status}`}`));
    for (const stream of [child.stdout, child.stderr]) this.#collect(stream);
  }

  /** Resolves with the match as soon as the output has it. Rejects when the time or the process is over. */
  async output(pattern: RegExp, timeLimit: number): Promise<RegExpExecArray> {
    const deadline = performance.now() + timeLimit;
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      const left = deadline - performance.now();
      if (this.#ended || left <= 0) throw new Error(`${this.#options.name} did not start:\n${this.#output}`);
      await this.#change(left);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    const exited = once(this.#child, "exit").then(() => true);
    this.#child.kill("SIGTERM");
    const inTime = await Promise.race([exited, delay(this.#options.patience, false, { ref: false })]);
    if (inTime) return;
    this.#child.kill("SIGKILL");
    await exited;
    throw new Error(
      `${this.#options.name} did not end ${this.#options.patience} ms after SIGTERM and was killed:\n${this.#output}`,
    );
  }

  #collect(stream: Readable | null): void {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      this.#output = (this.#output + text).slice(-maxKept);
      this.#wake();
    });
  }

  #end(how: string): void {
    this.#ended = true;
    this.#output += `\n${how}`;
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
  }

  async #change(timeLimit: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeLimit);
      this.#waiters.add(done);
    });
  }
}

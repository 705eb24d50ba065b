/** The parent's side of programs/worker.ts. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { eventually } from "../support/eventually.ts";
import type { Job } from "./programs/worker.ts";
import { loader } from "../support/program.ts";

const program = fileURLToPath(new URL("programs/worker.ts", import.meta.url));

export interface WorkerSummary {
  readonly sections: number;
  readonly refused: number;
}

export class WorkerProcess implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #closed: Promise<unknown>;
  #output = "";
  #errors = "";

  constructor(job: Job) {
    this.#child = spawn(process.execPath, [...loader, program, JSON.stringify(job)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#closed = once(this.#child, "close");
    // It may be killed while we write to it.
    this.#child.stdin.on("error", () => undefined);
    this.#child.stdout.on("data", (chunk) => (this.#output += String(chunk)));
    this.#child.stderr.on("data", (chunk) => (this.#errors += String(chunk)));
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async ready(): Promise<void> {
    await eventually(() => this.#output.includes("ready\n") || !this.running);
    if (!this.running) throw new Error(`the worker ended: ${this.#errors}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.running) this.#child.kill("SIGKILL");
    await this.#closed;
  }

  /** Ends it in order. Rejects when it fails. */
  async finish(): Promise<WorkerSummary> {
    this.#child.stdin.end();
    await this.#closed;
    const line = this.#output.trim().split("\n").at(-1) ?? "";
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0) throw new Error(`the worker failed (${signalCode ?? exitCode}): ${this.#errors}`);
    return JSON.parse(line) as WorkerSummary;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

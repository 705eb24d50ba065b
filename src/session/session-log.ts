/** The log of one session: each line names the session, its person and, while a program runs, the run. */
import { randomBytes } from "node:crypto";
import type { Log } from "../base/log.ts";

/** A log whose lines can be told apart by session and run. */
export class SessionLog {
  readonly log: Log;
  #run: string | undefined;

  constructor(log: Log, names: { readonly session: string; readonly user: string }) {
    this.log = log.child(() => ({ ...names, run: this.#run }));
  }

  /** From now on lines belong to a new run. */
  beginRun(): void {
    this.#run = newRunId();
  }

  /** From now on lines belong to no run. */
  endRun(): void {
    this.#run = undefined;
  }
}

/** An id that tells the lines of one run. */
export function newRunId(): string {
  return randomBytes(4).toString("hex");
}

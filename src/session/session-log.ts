/** The log of one session: each line names the session, its person and, while a program runs, the run. */
import { randomBytes } from "node:crypto";
import type { Log } from "../base/log.ts";

/** A log whose lines can be told apart by session and run. */
export class SessionLog {
  readonly log: Log;
  /** The ids of the runs in progress, by where they run; the newest last. */
  readonly #runs = new Map<object, string>();

  constructor(log: Log, names: { readonly session: string; readonly user: string }) {
    this.log = log.child(() => ({ ...names, run: [...this.#runs.values()].at(-1) }));
  }

  /** Logs a line. From then on lines belong to a new run, which goes on in `where`. */
  beginRun(where: object, message: string): void {
    this.#runs.delete(where);
    this.#runs.set(where, newRunId());
    this.log.info(message);
  }

  /** Logs a last line of the run in `where`. */
  endRun(where: object, message: string, details: object): void {
    this.log.info(message, { ...details, run: this.#runs.get(where) });
    this.#runs.delete(where);
  }
}

/** An id that tells the lines of one run. */
export function newRunId(): string {
  return randomBytes(4).toString("hex");
}

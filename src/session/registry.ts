/** Who is in the IDE right now. Owns every session; closing it ends them all with their unsaved work kept. */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../base/errors.ts";
import { Scope } from "../base/scope.ts";
import { Workbench, type WorkbenchOptions } from "./workbench.ts";

export interface SessionRegistryOptions {
  /** Most sessions at once. */
  readonly limit: number;
}

export class SessionRegistry implements AsyncDisposable {
  readonly #options: SessionRegistryOptions;
  readonly #scope = new Scope("sessions");
  readonly #sessions = new Map<string, Workbench>();
  readonly #leaving = new Map<string, Promise<void>>();
  #draining = false;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
  }

  get sessions(): readonly Workbench[] {
    return [...this.#sessions.values()];
  }

  readonly isLive = (id: string): boolean => this.#sessions.has(id) || this.#leaving.has(id);

  /** Opens a workbench. Throws `too-many-sessions` or `draining`. Release it with `end`. */
  open(options: Omit<WorkbenchOptions, "id" | "isLive">): Workbench {
    if (this.#draining) throw new UserError("draining", "the server is restarting", "Log in again in a minute.");
    if (this.#sessions.size >= this.#options.limit) {
      throw new UserError("too-many-sessions", "the server is full right now", "Try again in a few minutes, or tell your teacher.");
    }
    const id = randomBytes(6).toString("hex");
    const workbench = new Workbench({ ...options, id, isLive: this.isLive });
    this.#sessions.set(id, workbench);
    return workbench;
  }

  /** Ends a session; idempotent. */
  end(workbench: Workbench): Promise<void> {
    const leaving = this.#leaving.get(workbench.id);
    if (leaving) return leaving;
    if (!this.#sessions.delete(workbench.id)) return Promise.resolve();
    const done = workbench[Symbol.asyncDispose]().finally(() => this.#leaving.delete(workbench.id));
    this.#leaving.set(workbench.id, done);
    return done;
  }

  /** No new sessions from now on; the ones that are open are told. */
  drain(): void {
    this.#draining = true;
    for (const workbench of this.#sessions.values()) {
      workbench.notify("warning", "The server is restarting. Your work is kept: log in again in a minute.");
    }
  }

  /** Resolves when all sessions have ended, or after `ms`. */
  async ended(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (this.#sessions.size + this.#leaving.size > 0 && performance.now() < until) {
      await Promise.race([...this.#leaving.values(), delay(50, undefined, { ref: true })]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true;
    await Promise.all(this.sessions.map((workbench) => this.end(workbench)));
    await Promise.all(this.#leaving.values());
    await this.#scope.close();
  }
}

/**
 * Theory of operation: the registry owns every session. A session lives from its owner's login until the owner quits,
 * has been away for `keepMinutes` or idle for `idleMinutes`, or the server ends; connections come and go meanwhile. At
 * most `maxAway` sessions are kept while their owners are away: those that have been away longest are ended first.
 * Whatever ends a session, its unsaved text is kept, and a person's next session begins only after the old one has put
 * it away.
 */
import { randomBytes } from "node:crypto";
import { counted } from "../base/counted.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import { Turns } from "../base/turns.ts";
import type { Settings } from "../config/schema.ts";
import { Workbench, type WorkbenchOptions } from "./workbench.ts";

/** The bounds of the registry. */
export interface SessionRegistryOptions {
  /** Most sessions of this process at once. */
  readonly limit: number;
  readonly settings: Settings["session"];
  readonly clock: Clock;
  readonly log: Log;
}

const sweepMs = 5_000;
/** Minutes between the warning of an idle person and the end of the session. */
const warningMinutes = 5;

interface Leaving {
  readonly username: string;
  readonly done: Promise<void>;
}

/** The sessions of this process. */
export class SessionRegistry implements AsyncDisposable {
  readonly #options: SessionRegistryOptions;
  readonly #scope = new Scope("sessions");
  readonly #turns: Turns;
  readonly #sessions = new Map<string, Workbench>();
  readonly #leaving = new Map<string, Leaving>();
  readonly #ended = new Emitter<string>();
  #draining = false;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
    this.#turns = this.#scope.own(new Turns(options.clock, (error) => logBug(error, options.log)));
    this.#scope.own(options.clock.every(sweepMs, () => this.sweep()));
  }

  /** The open sessions. */
  get sessions(): readonly Workbench[] {
    return [...this.#sessions.values()];
  }

  /** Fires with a session's id when it has ended and everything of it is released. */
  get onEnded() {
    return this.#ended.on;
  }

  /** The session with an id; undefined when it is not open here. */
  find(id: string): Workbench | undefined {
    return this.#sessions.get(id);
  }

  /** The sessions of a person, the newest first. */
  of(username: string): readonly Workbench[] {
    return this.sessions.filter(({ person }) => person.username === username).toReversed();
  }

  /** Whether a session is open, or still ending. */
  readonly isLive = (id: string): boolean => this.#sessions.has(id) || this.#leaving.has(id);

  /** Resolves when all sessions of this person that are ending have put their unsaved text away. */
  async whenEnded(username: string): Promise<void> {
    await Promise.all(
      [...this.#leaving.values()].filter((leaving) => leaving.username === username).map(({ done }) => done),
    );
  }

  /** An id for a new session. */
  static newId(): string {
    return randomBytes(6).toString("hex");
  }

  /** Opens a session, which the registry ends. Throws `too-many-sessions` or `draining`. */
  open(options: Omit<WorkbenchOptions, "id" | "isLive" | "turns"> & { readonly id?: string }): Workbench {
    this.#admit();
    const { id = SessionRegistry.newId() } = options;
    const workbench = new Workbench({ ...options, id, isLive: this.isLive, turns: this.#turns });
    this.#sessions.set(id, workbench);
    return workbench;
  }

  /** Throws `draining` when no new sessions are opened any more. */
  assertServing(): void {
    if (this.#draining) throw new UserError("draining", "the server is shutting down", "Log in again when it is back.");
  }

  /** Ends a session if its owner is away; false when there is none such. Resolves when everything of it is released. */
  async retire(id: string, why: string): Promise<boolean> {
    const workbench = this.#sessions.get(id);
    if (workbench?.attendance.awaySince === undefined) return false;
    this.#options.log.info("session of an absent person ended", { session: id, why });
    await this.end(workbench, "");
    return true;
  }

  /** Makes room for one more session in this process. */
  #admit(): void {
    this.assertServing();
    if (this.#sessions.size < this.#options.limit) return;
    // Somebody who is here has precedence over somebody who is away.
    if (this.#endLongestAway("the server is full")) return;
    throw serverFull();
  }

  /** Ends a session; its clients leave and show `reason`. Idempotent. Resolves when everything of it is released. */
  end(workbench: Workbench, reason: string): Promise<void> {
    const leaving = this.#leaving.get(workbench.id);
    if (leaving) return leaving.done;
    if (!this.#sessions.delete(workbench.id)) return Promise.resolve();
    workbench.end(reason);
    const { log } = this.#options;
    const done = workbench[Symbol.asyncDispose]()
      .catch((error: unknown) => log.error("session did not end cleanly", { session: workbench.id, error }))
      .finally(() => {
        this.#leaving.delete(workbench.id);
        this.#ended.emit(workbench.id);
      });
    this.#leaving.set(workbench.id, { username: workbench.person.username, done });
    return done;
  }

  /** Ends sessions that have been away or idle too long, and warns people who have been idle for long. */
  sweep(): void {
    const { settings, clock } = this.#options;
    const now = clock.now();
    for (const workbench of this.#sessions.values()) {
      const { awaySince } = workbench.attendance;
      if (awaySince !== undefined && now - awaySince >= settings.keepMinutes * 60_000) void this.end(workbench, "");
      else if (awaySince === undefined) this.#sweepIdle(workbench);
    }
    let surplus = this.#away().length - settings.maxAway;
    while (surplus-- > 0) this.#endLongestAway("many people are away");
  }

  /** Opens no new sessions from now on, and tells the open ones. */
  drain(sentence = "The server is shutting down. Your work is kept; log in again when it is back."): void {
    this.#draining = true;
    for (const workbench of this.#sessions.values()) {
      workbench.notices.tell("warning", sentence);
    }
  }

  /** Ends all sessions. Resolves when everything of them is released. */
  async endAll(reason: string): Promise<void> {
    await Promise.all(this.sessions.map((workbench) => this.end(workbench, reason)));
    await Promise.all([...this.#leaving.values()].map(({ done }) => done));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true;
    await this.endAll("The server has shut down. Your work is kept.");
    await this.#scope.close();
  }

  #sweepIdle(workbench: Workbench): void {
    const { idleMinutes } = this.#options.settings;
    if (idleMinutes === 0) return;
    const minutes = workbench.attendance.idleMs / 60_000;
    if (minutes >= idleMinutes) {
      void this.end(
        workbench,
        `You were idle for ${counted(idleMinutes, "minute")}, so classh logged you out. Your work is kept.`,
      );
    } else if (minutes >= idleMinutes - warningMinutes && workbench.attendance.takeWarning()) {
      workbench.notices.tell(
        "warning",
        `Are you still there? classh logs you out in ${counted(warningMinutes, "minute")}; your work is kept. Press any key to stay.`,
      );
    }
  }

  /** The sessions with an absent owner, the longest absent first. */
  #away(): readonly Workbench[] {
    return this.sessions
      .flatMap((workbench) =>
        workbench.attendance.awaySince === undefined ? [] : [{ workbench, since: workbench.attendance.awaySince }],
      )
      .toSorted((a, b) => a.since - b.since)
      .map(({ workbench }) => workbench);
  }

  #endLongestAway(why: string): boolean {
    const [longest] = this.#away();
    if (!longest) return false;
    void this.retire(longest.id, why);
    return true;
  }
}

/** The error `too-many-sessions`. */
export function serverFull(): UserError {
  return new UserError(
    "too-many-sessions",
    "the server is full right now",
    "Try again in a few minutes, or tell your teacher.",
  );
}

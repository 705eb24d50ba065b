/**
 * Theory of operation: a person has one session, on one node. The table live_sessions says where; its unique username
 * makes two logins at the same moment on two nodes agree. A row exists exactly as long as the lease of its node
 * (foreign key), so a killed node's sessions vanish with it. Each node writes changes of its own sessions once a
 * second, all in one statement, which also restores rows that went with an earlier lease.
 *
 * Without a database sessions go on, and new ones begin on the knowledge of this process alone. When the database is
 * back they are entered; if a person has begun another session elsewhere meanwhile, `onDisplaced` reports the one here.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import { Emitter, type Event } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type {
  NodeAddress,
  SessionDetail,
  SessionRow,
  SessionState,
  SessionTable,
  SessionUpdate,
} from "./session-table.ts";

/** A session of this process, as the directory sees it. */
export interface LocalSession {
  readonly id: string;
  readonly username: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** State of the session; called once a second. */
  describe(): { readonly state: SessionState; readonly detail: SessionDetail };
  /** Fires when something changed that others should see sooner than in a second. */
  readonly onMove?: Event<void>;
}

/** What the directory works with. */
export interface SessionDirectoryOptions {
  readonly table: SessionTable;
  /** Node id of this process's lease, while it has one. */
  readonly node: () => string | undefined;
  /** Bound of sessions of all nodes together. */
  readonly maxSessions: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whether a person's session may begin here. */
export type SessionClaim =
  /** It may: then `track` the session under this id, or `abandon` it. */
  | { readonly kind: "here" }
  | { readonly kind: "elsewhere"; readonly session: string; readonly at: NodeAddress }
  /** Their session here is beginning or ending at this moment: ask again. */
  | { readonly kind: "soon" }
  /** All nodes together have as many as they may; `absent` is the session whose person has been away longest. */
  | { readonly kind: "full"; readonly absent: { readonly session: string; readonly at: NodeAddress } | undefined };

const flushMs = 1000;
/** Least time between two writes of changes that others wait for. */
const soonMs = 300;
/** Sessions in one statement. */
const maxAtOnce = 500;
/** Sessions checked in one turn of the event loop: about half a millisecond. */
const maxInTurn = 32;
/**
 * Resolution of the time of the last activity: if it were exact, a class that types would have all of its rows written
 * every second.
 */
const activeStepMs = 5000;
/** Paths of unsaved files that are written, and characters of each: they fit into a row whatever they contain. */
const maxUnsaved = 10;
const maxPath = 200;

interface Tracked {
  readonly session: LocalSession;
  /** What was written last; "" for nothing yet, or under an earlier lease. */
  written: string;
  readonly listening: Disposable | undefined;
}

/** What is to be written about a session. */
interface Change {
  readonly tracked: Tracked;
  readonly update: SessionUpdate;
  readonly text: string;
}

/** Who has which session. */
export class SessionDirectory implements AsyncDisposable {
  readonly #options: SessionDirectoryOptions;
  readonly #scope = new Scope("session directory");
  readonly #sessions = new Map<string, Tracked>();
  /** Claimed and not tracked yet. */
  readonly #beginning = new Set<string>();
  /** Ended here; their rows may still exist. */
  readonly #leaving = new Set<string>();
  readonly #displaced = new Emitter<string>();
  #flushing: Promise<void> | undefined;
  #soonTimer: Disposable | undefined;

  constructor(options: SessionDirectoryOptions) {
    this.#options = options;
    this.#scope.own(options.clock.every(flushMs, () => void this.flush()));
  }

  /** Fires with the id of a session here whose person has another one elsewhere: it has to end. */
  get onDisplaced() {
    return this.#displaced.on;
  }

  /**
   * Claims the person's one session, under this id. Without a database or a lease the knowledge of this process
   * decides.
   */
  async claim(session: string, username: string): Promise<SessionClaim> {
    this.#beginning.add(session);
    const claim = await this.#ask(session, username);
    if (claim.kind !== "here") this.#beginning.delete(session);
    return claim;
  }

  /** Withdraws a claim: the session has not begun. */
  async abandon(session: string): Promise<void> {
    this.#beginning.delete(session);
    await this.#remove(session);
  }

  /** Follows a session that was claimed. */
  track(session: LocalSession): void {
    this.#beginning.delete(session.id);
    this.#sessions.set(session.id, { session, written: "", listening: session.onMove?.(() => this.#soon()) });
  }

  /** Removes a tracked session that has ended and saved everything. */
  async ended(session: string): Promise<void> {
    if (!this.#sessions.has(session)) return;
    this.#leaving.add(session);
    this.#forget(session);
    // A write under way would bring its row back.
    await this.#flushing;
    await this.#remove(session);
  }

  /** Notes a new lease: nothing that was written exists any more. */
  renew(): void {
    for (const tracked of this.#sessions.values()) tracked.written = "";
    void this.flush();
  }

  /**
   * Sessions of this node that have to end, since more than `most` people are away in all. Throws
   * `database-unavailable`.
   */
  async surplus(max: number): Promise<readonly string[]> {
    const node = this.#options.node();
    return node === undefined ? [] : await this.#options.table.surplus(node, max);
  }

  /**
   * Sessions of this node among the `most` of its machine whose people have been away longest. Throws
   * `database-unavailable`.
   */
  async longestAway(max: number): Promise<readonly string[]> {
    const node = this.#options.node();
    return node === undefined ? [] : await this.#options.table.longestAway(node, max);
  }

  /** All sessions of all nodes, or one person's. Throws `database-unavailable`. */
  async list(username?: string): Promise<readonly SessionRow[]> {
    return await this.#options.table.list(username);
  }

  /** Writes changes. Never rejects: what could not be written is written next time. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush()
      .catch((error: unknown) => logBug(error, this.#options.log))
      .finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    this.#soonTimer?.[Symbol.dispose]();
    for (const { listening } of this.#sessions.values()) listening?.[Symbol.dispose]();
    await this.#flushing;
  }

  #forget(session: string): void {
    this.#sessions.get(session)?.listening?.[Symbol.dispose]();
    this.#sessions.delete(session);
  }

  /** Writes soon; what happens until then goes into the same statement. */
  #soon(): void {
    if (this.#scope.closed) return;
    this.#soonTimer ??= this.#options.clock.after(soonMs, () => {
      this.#soonTimer = undefined;
      // The write under way may have read this session before the change.
      void (this.#flushing ?? Promise.resolve()).then(() => this.flush());
    });
  }

  async #ask(session: string, username: string): Promise<SessionClaim> {
    const node = this.#options.node();
    if (node === undefined) return { kind: "here" };
    try {
      const answer = await this.#options.table.claim(session, username, node, this.#options.maxSessions);
      if (answer.kind === "full" || answer.kind === "soon") return answer;
      if (answer.kind !== "elsewhere") return { kind: "here" };
      if (answer.at.node !== node) return answer;
      // The row is ours. If no session here has it, its removal failed.
      const known =
        this.#sessions.has(answer.session) || this.#beginning.has(answer.session) || this.#leaving.has(answer.session);
      if (!known) await this.#remove(answer.session);
      return { kind: "soon" };
    } catch (error) {
      if (error instanceof UserError && error.code === "database-unavailable") return { kind: "here" };
      this.#beginning.delete(session);
      throw error;
    }
  }

  async #remove(session: string): Promise<void> {
    this.#leaving.add(session);
    try {
      await this.#options.table.remove([session]);
      this.#leaving.delete(session);
    } catch (error) {
      // The next flush tries again.
      if (!(error instanceof UserError)) throw error;
    }
  }

  async #flush(): Promise<void> {
    const { table, node: leased } = this.#options;
    const node = leased();
    if (node === undefined) return;
    const leaving = [...this.#leaving];
    if (leaving.length > 0) {
      await table.remove(leaving);
      for (const session of leaving) this.#leaving.delete(session);
    }
    const changed = await this.#changed();
    for (let at = 0; at < changed.length; at += maxAtOnce) {
      const part = changed.slice(at, at + maxAtOnce);
      const displaced = await table.update(
        node,
        part.map(({ update }) => update),
      );
      // Under a lease that began meanwhile nothing is written yet, and `renew` has passed.
      if (leased() !== node) return;
      for (const { tracked, text } of part) tracked.written = text;
      for (const session of displaced) this.#tellDisplaced(session);
    }
  }

  /**
   * Finds changes, a few sessions in each turn of the event loop: all of a large class at once would delay everybody's
   * keys.
   */
  async #changed(): Promise<readonly Change[]> {
    const changed: Change[] = [];
    let checked = 0;
    for (const tracked of this.#sessions.values()) {
      if (++checked % maxInTurn === 0) await nextTurn();
      const update = updateOf(tracked.session);
      const text = JSON.stringify(update);
      if (text !== tracked.written) changed.push({ tracked, update, text });
    }
    return changed;
  }

  #tellDisplaced(session: string): void {
    const tracked = this.#sessions.get(session);
    if (!tracked) return;
    // Its row belongs to another session by now; nothing is to be removed.
    this.#forget(session);
    this.#options.log.warn("session displaced by another one elsewhere", { session, user: tracked.session.username });
    this.#displaced.emit(session);
  }
}

function updateOf(session: LocalSession): SessionUpdate {
  const { state, detail } = session.describe();
  const activeAt = detail.activeAt - (detail.activeAt % activeStepMs);
  const small = {
    ...detail,
    activeAt,
    file: detail.file === null ? null : shorten(detail.file),
    unsaved: detail.unsaved.slice(0, maxUnsaved).map(shorten),
  };
  return {
    session: session.id,
    username: session.username,
    since: new Date(session.since).toISOString(),
    state,
    detail: small,
  };
}

/** A path for the table: PostgreSQL takes no lone surrogates. */
function shorten(path: string): string {
  return Buffer.from(path.slice(0, maxPath)).toString();
}

/**
 * Raised hands: at most one per student, answered in the order in which they went up. They are in the database, so they
 * survive a disconnect and a restart.
 */
import type { Account } from "../auth/account.ts";
import type { Accounts } from "../auth/accounts.ts";
import { spokenName } from "../auth/person-name.ts";
import { teaches } from "../auth/teaching.ts";
import { people } from "../auth/users-table.ts";
import { UserError } from "../base/errors.ts";
import type { Database } from "../db/database.ts";
import { presence } from "./presence.ts";
import { noteText } from "./message-text.ts";

/** A raised hand. */
export interface Hand {
  readonly username: string;
  /** The student's full name; may be empty. */
  readonly name: string;
  readonly section: string | undefined;
  /** What it is about; may be empty. */
  readonly note: string;
  readonly raisedAt: Date;
  /** The teacher who is coming; undefined while nobody is. */
  readonly claimedBy: { readonly username: string; readonly name: string } | undefined;
  /** Whether the student is still in the IDE: a hand stays up when its owner leaves. */
  readonly state: "here" | "away" | "offline";
  /**
   * The position in the queue, from 1, among the section's hands that nobody has claimed; undefined for a claimed one.
   */
  readonly position: number | undefined;
}

/** What hands are kept in, and for how long. */
export interface HandsOptions {
  readonly database: Database;
  readonly accounts: Accounts;
  /** Hours after which a hand goes down by itself. */
  readonly hours: number;
}

/** Tells all nodes that hands have changed; see migrations/0006_classroom.sql. */
const told = "pg_notify('classh_classroom', 'hands')";
const maxListed = 1000;

/** The raised hands as a table for joins: username, note, raised_at, claimed_by. */
export const handsUp = "(SELECT username, note, raised_at, claimed_by FROM hands)";

interface Row {
  readonly username: string;
  readonly name: string;
  readonly section: string | null;
  readonly note: string;
  readonly raised_at: Date;
  readonly claimed_by: string | null;
  readonly claimer: string | null;
  readonly session_state: string | null;
  readonly position: number;
}

/** The raised hands of the whole server. */
export class Hands {
  readonly #options: HandsOptions;

  constructor(options: HandsOptions) {
    this.#options = options;
  }

  /**
   * All raised hands, the one that has waited longest first, claimed ones after all others. Throws
   * `database-unavailable`.
   */
  async list(): Promise<readonly Hand[]> {
    const { database, hours } = this.#options;
    const rows = await database.queryRepeatable<Row>(
      `SELECT h.username, u.name, u.section, h.note, h.raised_at, h.claimed_by, c.name AS claimer, l.state AS session_state,
         row_number() OVER (PARTITION BY u.section, h.claimed_by IS NULL ORDER BY h.raised_at, h.username) AS position
       FROM hands h JOIN ${people} u USING (username) LEFT JOIN ${people} c ON c.username = h.claimed_by
         LEFT JOIN ${presence} l ON l.username = h.username
       WHERE h.raised_at > clock_timestamp() - $1 * interval '1 hour' ORDER BY h.claimed_by IS NOT NULL, h.raised_at, h.username LIMIT ${maxListed}`,
      [hours],
    );
    return rows.map(handOf);
  }

  /**
   * Raises a student's hand, or changes its note; the position in the queue stays. Throws `not-permitted` for teachers,
   * `too-large`.
   */
  async raise(account: Account, note: string): Promise<Hand> {
    if (account.role !== "student")
      throw new UserError(
        "not-permitted",
        "only students raise their hands",
        '"message USER TEXT" writes to somebody.',
      );
    const { database, hours } = this.#options;
    await database.query(
      `WITH raised AS (
         INSERT INTO hands AS h (username, note) VALUES ($1, $2)
         ON CONFLICT (username) DO UPDATE SET
           note = CASE WHEN excluded.note = '' AND h.raised_at > clock_timestamp() - $3 * interval '1 hour' THEN h.note ELSE excluded.note END,
           raised_at = CASE WHEN h.raised_at > clock_timestamp() - $3 * interval '1 hour' THEN h.raised_at ELSE excluded.raised_at END,
           claimed_by = CASE WHEN h.raised_at > clock_timestamp() - $3 * interval '1 hour' THEN h.claimed_by END
         RETURNING 1)
       SELECT ${told} FROM raised`,
      [account.username, noteText(note), hours],
    );
    return (await this.#find(account.username)) ?? gone(account.username);
  }

  /** Lowers a person's own hand. Throws `hand-not-found`. */
  async lower(account: Account): Promise<void> {
    if (!(await this.#remove(account.username)))
      throw new UserError("hand-not-found", "your hand is not up", '"hand raise" raises it.');
  }

  /**
   * Notes that this teacher is coming. Throws `hand-not-found`, `not-permitted`, or `in-use` when another teacher is.
   */
  async claim(teacher: Account, username: string): Promise<Hand> {
    await this.#permit(teacher, username);
    const { database, hours } = this.#options;
    const rows = await database.query(
      `WITH claimed AS (
         UPDATE hands SET claimed_by = $2, claimed_at = clock_timestamp()
         WHERE username = $1 AND raised_at > clock_timestamp() - $3 * interval '1 hour' AND (claimed_by IS NULL OR claimed_by = $2)
         RETURNING 1)
       SELECT ${told} FROM claimed`,
      [username, teacher.username, hours],
    );
    const hand = (await this.#find(username)) ?? gone(username);
    if (rows.length > 0) return hand;
    const who = hand.claimedBy ? spokenName(hand.claimedBy) : "another teacher";
    throw new UserError("in-use", `somebody else is helping ${username}: ${who}`, '"hand list" shows all hands.');
  }

  /** Lowers a student's hand, because the question is answered. Throws `hand-not-found` or `not-permitted`. */
  async close(teacher: Account, username: string): Promise<void> {
    await this.#permit(teacher, username);
    if (!(await this.#remove(username))) gone(username);
  }

  /** Deletes hands that nobody has answered in time. */
  async prune(): Promise<void> {
    const { database, hours } = this.#options;
    await database.query("DELETE FROM hands WHERE raised_at <= clock_timestamp() - $1 * interval '1 hour'", [hours]);
  }

  async #find(username: string): Promise<Hand | undefined> {
    return (await this.list()).find((hand) => hand.username === username);
  }

  async #remove(username: string): Promise<boolean> {
    const rows = await this.#options.database.query(
      `WITH gone AS (DELETE FROM hands WHERE username = $1 RETURNING 1) SELECT ${told} FROM gone`,
      [username],
    );
    return rows.length > 0;
  }

  async #permit(teacher: Account, username: string): Promise<void> {
    const student = await this.#options.accounts.get(username);
    if (teaches(teacher, student)) return;
    throw new UserError(
      "not-permitted",
      `you don't teach ${username}`,
      '"hand list" shows the hands of your students.',
    );
  }
}

function handOf(row: Row): Hand {
  const { username, name, section, note, raised_at, claimed_by, claimer, session_state, position } = row;
  return {
    username,
    name,
    note,
    section: section ?? undefined,
    raisedAt: raised_at,
    state: session_state === null ? "offline" : session_state === "away" ? "away" : "here",
    claimedBy: claimed_by === null ? undefined : { username: claimed_by, name: claimer ?? "" },
    position: claimed_by === null ? position : undefined,
  };
}

function gone(username: string): never {
  throw new UserError("hand-not-found", `no hand is up for ${username}`, "It may have been answered already.");
}

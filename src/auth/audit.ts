/**
 * The audit trail: who logged in, what was changed, and what was refused. It is a table, since it must be complete and
 * searchable; the log is about the server's health. It never holds a password, a key or the content of a file.
 */
import { UserError } from "../base/errors.ts";
import { replaceUnseen } from "../base/invisible.ts";
import type { Log } from "../base/log.ts";
import type { Database } from "../db/database.ts";
import { people } from "./users-table.ts";

/** What happened. */
export interface AuditEntry {
  /** Who did it: a user name (for a failed login, what was typed), or "system" for the server. */
  readonly actor: string;
  /** Address of the person's connection. */
  readonly address?: string | undefined;
  /** What was done, as NOUN.VERB: "login", "user.add", "user.disable", "password.change", "key.add". */
  readonly action: string;
  /** Whom or what it was done to, if not the actor. */
  readonly subject?: string | undefined;
  readonly result: "ok" | "failed" | "refused";
  /** Short facts: the method, the role, a fingerprint, the reason of a failure. */
  readonly detail?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

/** A stored entry. */
export interface AuditRecord extends AuditEntry {
  readonly id: number;
  readonly at: Date;
}

interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  readonly address: string | null;
  readonly action: string;
  readonly subject: string | null;
  readonly result: AuditEntry["result"];
  readonly detail: Record<string, string | number | boolean>;
}

/** What `list` selects; everything given must match. */
export interface AuditFilter {
  /** Actor or subject of the entries. */
  readonly user?: string | undefined;
  /** Users of whom one must be actor or subject; without it anybody. */
  readonly about?: readonly string[] | undefined;
  /** An action ("user.add"), or all of a noun ("user"). */
  readonly action?: string | undefined;
  readonly since?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
  /** At most 1000; default 100. */
  readonly limit?: number | undefined;
}

const maxText = 200;
const maxListed = 1000;
/**
 * Entries that may wait for the database, which takes thousands a second. With more it is stuck, and they go to the
 * log.
 */
const maxWaiting = 5000;
const batchSize = 100;

interface FormerName {
  readonly username: string;
  readonly since: Date;
  readonly until: Date;
}

/** Entries under earlier names of the account, at the time it had them. */
const formerly = `OR EXISTS (SELECT FROM unnest($6::text[], $7::timestamptz[], $8::timestamptz[]) AS f (name, since, until)
             WHERE f.name IN (actor, subject) AND at >= f.since AND at < f.until)`;

interface Waiting {
  readonly entry: AuditEntry;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The audit trail.
 *
 * Theory of operation: writers of the trail form a line, since the hash of each entry covers the previous one. So a
 * process writes with one connection only, all entries that came meanwhile in one statement: a storm of logins blocks
 * neither its other connections nor other processes.
 */
export class Audit {
  readonly #database: Database;
  readonly #log: Log;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** Entries that wait for the database. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Writes one entry; resolves when it is stored. Never rejects: what it tells of has already happened, so while the
   * database is down the entry goes to the server's log instead.
   */
  record(entry: AuditEntry): Promise<void> {
    if (this.#waiting.length >= maxWaiting) {
      this.#notStored(entry, "too many entries are waiting");
      return Promise.resolve();
    }
    return new Promise((done, failed) => {
      this.#waiting.push({ entry, done, failed });
      if (!this.#writing) void this.#write();
    });
  }

  /** Entries that match, newest first. */
  async list({ user, about, action, since, until, limit = 100 }: AuditFilter = {}): Promise<AuditRecord[]> {
    const before = user === undefined ? [] : await this.#formerNames(user);
    const rows = await this.#database.queryRepeatable<AuditRow>(
      `SELECT id, at, actor, address, action, subject, result, detail FROM audit_log
       WHERE ($1::text IS NULL OR subject = $1 OR actor = $1 OR (action = 'user.rename' AND detail->>'from' = $1)
           ${formerly}) AND ($2::text IS NULL OR action = $2 OR starts_with(action, $2 || '.'))
         AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4)
         AND ($9::text[] IS NULL OR subject = ANY ($9) OR actor = ANY ($9))
       ORDER BY id DESC LIMIT $5`,
      [
        user,
        action,
        since,
        until,
        Math.min(limit, maxListed),
        before.map(({ username }) => username),
        before.map((name) => name.since),
        before.map((name) => name.until),
        about,
      ],
    );
    return rows.map((row) => ({ ...row, address: row.address ?? undefined, subject: row.subject ?? undefined }));
  }

  /**
   * Earlier names of an account, each with the time during which it had it: before and after, the name was somebody
   * else's.
   */
  async #formerNames(user: string): Promise<readonly FormerName[]> {
    return await this.#database.queryRepeatable<FormerName>(
      `SELECT f.username, f.until,
         coalesce((SELECT max(g.until) FROM former_names g WHERE g.user_id = f.user_id AND g.until < f.until), u.created_at) AS since
       FROM former_names f JOIN ${people} u ON u.id = f.user_id WHERE u.username = $1 ORDER BY f.until DESC LIMIT 100`,
      [user],
    );
  }

  /** Writes what waits. Never rejects: those who wait are told of a failure. */
  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchSize);
      try {
        await this.#insert(batch.map(({ entry }) => entry));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { entry, done, failed } of batch) {
          if (!(error instanceof UserError)) failed(error);
          else {
            this.#notStored(entry, error.message);
            done();
          }
        }
      }
    }
    this.#writing = false;
  }

  async #insert(entries: readonly AuditEntry[]): Promise<void> {
    const column = (value: (entry: AuditEntry) => string | undefined): (string | null)[] =>
      entries.map((entry) => value(entry) ?? null);
    await this.#database.query(
      `INSERT INTO audit_log (actor, address, action, subject, result, detail)
       SELECT actor, address, action, subject, result, detail
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[])
         WITH ORDINALITY AS entry (actor, address, action, subject, result, detail, ordinal)
       ORDER BY ordinal`,
      [
        column(({ actor }) => short(actor)),
        column(({ address }) => short(address)),
        column(({ action }) => action),
        column(({ subject }) => short(subject)),
        column(({ result }) => result),
        column(detailOf),
      ],
    );
  }

  #notStored(entry: AuditEntry, why: string): void {
    this.#log.error("audit entry not stored", { ...entry, detail: detailOf(entry), why });
  }
}

/** A text as it may be stored: bounded, without control characters. Strangers' user names end up here. */
function short(text: string | undefined): string | undefined {
  return text === undefined ? undefined : replaceUnseen(text, "?").slice(0, maxText);
}

/** Details without fields that are named like secrets: a second fence. */
function detailOf(entry: AuditEntry): string {
  const fields = Object.entries(entry.detail ?? {}).filter(
    ([name]) => !/password|passphrase|secret|token|hash/i.test(name),
  );
  return JSON.stringify(
    Object.fromEntries(fields.map(([name, value]) => [name, typeof value === "string" ? short(value) : value])),
  );
}

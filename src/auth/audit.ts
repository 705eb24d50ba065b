/**
 * The audit trail: who logged in, and what was done to accounts. It is a table, since it must be complete and
 * searchable; the log is for the server's health. It never holds a password, a key or the content of a file.
 */
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Database } from "../db/database.ts";

export interface AuditEntry {
  /** Who did it: a user name, as typed for a failed login; "system" for the server itself. */
  readonly actor: string;
  /** Where the person was connected from. */
  readonly address?: string | undefined;
  /** What was done, as NOUN.VERB: "login", "user.add", "user.disable", "password.change", "key.add". */
  readonly action: string;
  /** Whom or what it was done to, when that is not the actor. */
  readonly subject?: string | undefined;
  readonly result: "ok" | "failed" | "refused";
  /** Short facts: the method, the role, a fingerprint, the reason of a failure. */
  readonly detail?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

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

const longestText = 200;
const mostListed = 1000;

export class Audit {
  readonly #database: Database;
  readonly #log: Log;

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /**
   * Writes one entry. While the database is down the entry goes to the server's log instead, so that it is not lost,
   * and nothing is thrown: what it is about has already happened.
   */
  async record(entry: AuditEntry): Promise<void> {
    try {
      await this.#database.query(
        "INSERT INTO audit_log (actor, address, action, subject, result, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        [short(entry.actor), short(entry.address), entry.action, short(entry.subject), entry.result, detailOf(entry)],
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#log.error("audit entry not stored", { ...entry, detail: detailOf(entry), why: error.message });
    }
  }

  /** The newest entries first. */
  async list(filter: { readonly subject?: string | undefined; readonly action?: string | undefined; readonly limit?: number | undefined } = {}): Promise<AuditRecord[]> {
    const rows = await this.#database.read<AuditRow>(
      `SELECT id, at, actor, address, action, subject, result, detail FROM audit_log
       WHERE ($1::text IS NULL OR subject = $1 OR actor = $1) AND ($2::text IS NULL OR action = $2)
       ORDER BY id DESC LIMIT $3`,
      [filter.subject, filter.action, Math.min(filter.limit ?? 100, mostListed)],
    );
    return rows.map((row) => ({ ...row, address: row.address ?? undefined, subject: row.subject ?? undefined }));
  }
}

/** What strangers type as a user name ends up here: bounded, and nothing that a terminal would obey. */
function short(text: string | undefined): string | undefined {
  return text?.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "?").slice(0, longestText);
}

/** A second fence against secrets in the trail: a field that is named like one is not stored. */
function detailOf(entry: AuditEntry): string {
  const fields = Object.entries(entry.detail ?? {}).filter(([name]) => !/password|passphrase|secret|token|hash/i.test(name));
  return JSON.stringify(Object.fromEntries(fields.map(([name, value]) => [name, typeof value === "string" ? short(value) : value])));
}

/** The public keys of accounts in the database. */
import { UserError } from "../base/errors.ts";
import type { Database } from "../db/database.ts";
import { isDuplicate } from "../db/database-failures.ts";
import type { Queryable } from "../db/queryable.ts";
import type { Account, AccountRow } from "./account.ts";
import { fingerprint, parsePublicKey } from "./public-keys.ts";
import { lockUser, people } from "./users-table.ts";

/** A public key of an account. */
export interface AccountKey {
  readonly algorithm: string;
  readonly fingerprint: string;
  readonly comment: string;
  readonly addedAt: Date;
}

interface KeyRow {
  readonly algorithm: string;
  readonly fingerprint: string;
  readonly comment: string;
  readonly added_at: Date;
}

/**
 * Keys of one account. A login offers keys one by one, so a long list only slows it down; nobody has twenty computers.
 */
export const maxKeys = 20;

const columns = "algorithm, fingerprint, comment, added_at";

/** The keys of all accounts; `Accounts` has the errors. */
export class AccountKeys {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(account: Account): Promise<AccountKey[]> {
    const rows = await this.#database.queryRepeatable<KeyRow>(
      `SELECT ${columns} FROM user_keys WHERE user_id = $1 ORDER BY id`,
      [account.id],
    );
    return rows.map(fromRow);
  }

  async add(account: Account, line: string): Promise<AccountKey> {
    const key = parsePublicKey(line);
    try {
      return await this.#database.transaction(async (transaction) => {
        // Without the lock two additions at once could both become the twentieth.
        await lockUser(transaction, account.id);
        const counted = await transaction.query<{ count: number }>(
          "SELECT count(*) FROM user_keys WHERE user_id = $1",
          [account.id],
        );
        if ((counted[0]?.count ?? 0) >= maxKeys) {
          throw new UserError(
            "bad-key",
            `too many keys: the limit is ${maxKeys}`,
            'Remove one that you don\'t use, with "key list" and "key remove".',
          );
        }
        const rows = await transaction.query<KeyRow>(
          `INSERT INTO user_keys (user_id, algorithm, blob, fingerprint, comment) VALUES ($1, $2, $3, $4, $5) RETURNING ${columns}`,
          [account.id, key.algorithm, key.blob, key.fingerprint, key.comment],
        );
        return fromRow(rows[0] as KeyRow);
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new UserError("exists", "the account has this key already", '"key list" shows all keys.', { cause: error });
    }
  }

  async remove(account: Account, which: string | number): Promise<AccountKey> {
    const keys = await this.list(account);
    const number = typeof which === "number" ? which : /^\d{1,3}$/.test(which) ? Number(which) : undefined;
    const key = number === undefined ? keys.find(({ fingerprint }) => fingerprint === which) : keys[number - 1];
    const rows = key
      ? await this.#database.query<KeyRow>(
          `DELETE FROM user_keys WHERE user_id = $1 AND fingerprint = $2 RETURNING ${columns}`,
          [account.id, key.fingerprint],
        )
      : [];
    if (rows[0]) return fromRow(rows[0]);
    throw new UserError(
      "key-not-found",
      `there is no key ${String(which).slice(0, 80)}`,
      '"key list" shows all keys with their numbers.',
    );
  }

  /** The active account of this name, if it has the key. */
  async owner(username: string, algorithm: string, blob: Buffer): Promise<AccountRow | undefined> {
    const rows = await this.#database.queryRepeatable<AccountRow>(
      `SELECT * FROM ${people} p
       WHERE username = $1 AND state = 'active' AND EXISTS (
         SELECT FROM user_keys k WHERE k.user_id = p.id AND k.fingerprint = $2 AND k.algorithm = $3 AND k.blob = $4)`,
      [username, fingerprint(blob), keyAlgorithm(algorithm), blob],
    );
    return rows[0];
  }
}

/** Removes all keys of these accounts; resolves with the user id of each. */
export async function deleteKeysOf(queryable: Queryable, userIds: readonly number[]): Promise<readonly number[]> {
  const rows = await queryable.query<{ user_id: number }>(
    "DELETE FROM user_keys WHERE user_id = ANY ($1) RETURNING user_id",
    [userIds],
  );
  return rows.map(({ user_id }) => user_id);
}

/** Type of the key for the algorithm of a signature: RSA keys sign under other names than their own (RFC 8332). */
export function keyAlgorithm(algorithm: string): string {
  return algorithm === "rsa-sha2-256" || algorithm === "rsa-sha2-512" ? "ssh-rsa" : algorithm;
}

function fromRow(row: KeyRow): AccountKey {
  return { algorithm: row.algorithm, fingerprint: row.fingerprint, comment: row.comment, addedAt: row.added_at };
}

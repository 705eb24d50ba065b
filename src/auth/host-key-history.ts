/**
 * Which host keys clients have met. When the key changes, every client warns and OpenSSH refuses to connect: if the key
 * was lost, or another directory was given by mistake, an admin must hear of it before the class does.
 */
import type { Database } from "../db/database.ts";

/** The host key of a start. */
export interface HostKeyFacts {
  readonly fingerprint: string;
  /** Whether it was made at this start. */
  readonly made: boolean;
  /** Fingerprint of the key that clients are told to expect next. */
  readonly next: string | undefined;
  /** Whether there were accounts before this start. */
  readonly hadAccounts: boolean;
}

/** An unannounced change of the host key. */
export interface HostKeyChange {
  readonly fingerprint: string;
  /** Fingerprint of the previous key; undefined when none was noted. */
  readonly before: string | undefined;
}

/** Days for which `doctor` reports a change. */
const toldDays = 30;
/** Noted for a fingerprint that is not known. */
const unknown = "";

/**
 * Notes the keys of a start; resolves with the change if the key is not the one that clients know and was not
 * announced.
 */
export async function noteHostKey(
  database: Database,
  { fingerprint, made, next, hadAccounts }: HostKeyFacts,
): Promise<HostKeyChange | undefined> {
  const change = await database.transaction(async (transaction) => {
    // Several machines may start at once: they read and write one after the other.
    await transaction.query("LOCK TABLE host_keys IN SHARE ROW EXCLUSIVE MODE");
    const [known] = await transaction.query("SELECT FROM host_keys WHERE fingerprint = $1", [fingerprint]);
    const [last] = await transaction.query<{ fingerprint: string }>(
      "SELECT fingerprint FROM host_keys WHERE last_used_at IS NOT NULL AND fingerprint <> $1 ORDER BY last_used_at DESC LIMIT 1",
      [fingerprint],
    );
    // A class older than this table has accounts and no row: its key is the right one, unless it was made just now.
    const replaced = known ? undefined : last ? last.fingerprint : made && hadAccounts ? unknown : undefined;
    await transaction.query(
      `INSERT INTO host_keys AS k (fingerprint, first_used_at, last_used_at, replaced) VALUES ($1, now(), now(), $2)
       ON CONFLICT (fingerprint) DO UPDATE SET first_used_at = coalesce(k.first_used_at, now()), last_used_at = now()`,
      [fingerprint, replaced],
    );
    return replaced === undefined ? undefined : { fingerprint, before: replaced || undefined };
  });
  if (next)
    await database.query(
      "INSERT INTO host_keys (fingerprint, announced_at) VALUES ($1, now()) ON CONFLICT DO NOTHING",
      [next],
    );
  return change;
}

/** The newest unannounced change of the last weeks, if the key that it brought is still in use. */
export async function lastHostKeyChange(
  database: Database,
): Promise<(HostKeyChange & { readonly at: Date }) | undefined> {
  const [row] = await database.queryRepeatable<{ fingerprint: string; replaced: string | null; first_used_at: Date }>(
    "SELECT fingerprint, replaced, first_used_at FROM host_keys WHERE last_used_at IS NOT NULL ORDER BY last_used_at DESC LIMIT 1",
  );
  if (!row || row.replaced === null || Date.now() - row.first_used_at.getTime() > toldDays * 24 * 3600_000)
    return undefined;
  return { fingerprint: row.fingerprint, before: row.replaced || undefined, at: row.first_used_at };
}

/** The warning for an admin, without a full stop. */
export function hostKeyWarning({ fingerprint, before }: HostKeyChange): string {
  return `the host key has changed, and clients will refuse to connect: it is now ${fingerprint} and was ${before ?? "another one, which is not known"}`;
}

/** What an admin can do about it. */
export const hostKeyHint =
  "If you did not mean to change it, stop the server, put the old key back into DIR/host-key, and start again.";

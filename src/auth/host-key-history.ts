/**
 * Which host keys clients have met. A key that changes makes every client warn, and OpenSSH refuse: when it was lost, or another
 * directory was given by mistake, an admin must hear of it before the class does.
 */
import type { Database } from "../db/database.ts";

export interface HostKeyFacts {
  readonly fingerprint: string;
  /** It was made at this start. */
  readonly made: boolean;
  /** The key that clients are told to expect next. */
  readonly next: string | undefined;
  /** There were accounts before this start. */
  readonly hadAccounts: boolean;
}

/** A host key that came unannounced. */
export interface HostKeyChange {
  readonly fingerprint: string;
  /** The one before; undefined when none was noted. */
  readonly before: string | undefined;
}

/** How long `doctor` tells of a change. */
const toldDays = 30;
/** What is noted in place of a fingerprint that nobody knows. */
const unknown = "";

/** Notes the keys of a start. Returns the change, if the key is not the one that clients know and was not announced to them. */
export async function noteHostKey(
  database: Database,
  { fingerprint, made, next, hadAccounts }: HostKeyFacts,
): Promise<HostKeyChange | undefined> {
  const change = await database.transaction(async (transaction) => {
    // Several machines may start at once: one after the other they look and write.
    await transaction.query("LOCK TABLE host_keys IN SHARE ROW EXCLUSIVE MODE");
    const [known] = await transaction.query("SELECT FROM host_keys WHERE fingerprint = $1", [fingerprint]);
    const [last] = await transaction.query<{ fingerprint: string }>(
      "SELECT fingerprint FROM host_keys WHERE last_used_at IS NOT NULL AND fingerprint <> $1 ORDER BY last_used_at DESC LIMIT 1",
      [fingerprint],
    );
    // A class from before this table has accounts and no row: its key is the right one, unless it was made just now.
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

/** What an admin reads; without a full stop. */
export function hostKeyWarning({ fingerprint, before }: HostKeyChange): string {
  return `the host key has changed, and clients will refuse to connect: it is now ${fingerprint} and was ${before ?? "another one, which is not known"}`;
}

/** What to do about it. */
export const hostKeyHint =
  "If you did not mean to change it, stop the server, put the old key back into DIR/host-key, and start again.";

/**
 * Theory of operation: releases that follow each other work on one database at the same time, while machines are upgraded one by one. So a
 * migration adds, and what it replaces is removed by one of a later release. A migration that removes or changes something says in its first
 * comment what a program must know to go on working, the name of a migration: `-- needs: 0031_new_column`. That is stored with it, since an
 * older program does not have the file; so is the version that applied it, for the message.
 */
import { UserError } from "../base/errors.ts";

/** A migration as the database has it. */
export interface AppliedMigration {
  readonly name: string;
  readonly sha256: string;
  /** The classh that applied it; null for 0.2.0 and older. */
  readonly version: string | null;
  /** The migration that a program must know to work with this one; null when any may. */
  readonly needs: string | null;
}

/** What the first comment of a migration says after `needs:`. */
export function needsOf(sql: string): string | undefined {
  const comment = /^(?:--.*(?:\n|$))*/.exec(sql)?.[0];
  return /^-- *needs: *(\w+) *$/m.exec(comment ?? "")?.[1];
}

/**
 * Applied migrations that this program does not have, all of which it can work with. Throws `migration-failed` with
 * both versions when there is one that it can't.
 */
export function migrationsBeyond(
  applied: readonly AppliedMigration[],
  known: ReadonlySet<string>,
  version: string,
): readonly AppliedMigration[] {
  const beyond = applied.filter(({ name }) => !known.has(name));
  const refused = beyond.find(({ needs }) => needs !== null && !known.has(needs));
  if (!refused) return beyond;
  const by = refused.version ?? "a newer version";
  throw new UserError(
    "migration-failed",
    `this is classh ${version}, and the database was changed by classh ${by} in a way that this one can't work with (${refused.name})`,
    "The database is unchanged. Start that version or a newer one; to go back, restore a backup that was made before the upgrade.",
  );
}

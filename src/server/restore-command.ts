/** `classh --data NEWDIR backup restore FILE`: a whole server out of a backup, while none runs there. */
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { counted } from "../base/counted.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Settings } from "../config/schema.ts";
import { packageVersion } from "../base/package-version.ts";

/** Whether a command line asks for that, and not for one person's files on the running server. */
export function isRestore(words: readonly string[]): boolean {
  return (
    words[0] === "backup" && words[1] === "restore" && !words.some((word) => /^--(only(=|$)|help$)|^-h$/.test(word))
  );
}

/** Restores; resolves with the exit status. */
export async function restoreCommand(settings: Settings, words: readonly string[], log: Log): Promise<number> {
  const { values, positionals } = readWords(words.slice(2));
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new UserError("usage", "one backup is needed", "classh --data NEWDIR backup restore FILE [--identity FILE]");
  const { restoreBackup } = await import("../backup/restore.ts");
  const manifest = await restoreBackup({
    file: resolve(file),
    identity: values.identity,
    data: settings.data,
    databaseUrl: settings.database.url,
    binaries: settings.database.binaries,
    version: await packageVersion(),
    log,
  });
  const rows = manifest.database.tables.reduce((sum, table) => sum + table.rows, 0);
  process.stdout.write(
    `classh: restored ${counted(rows, "row")} and ${counted(manifest.entries, "file")} of ${manifest.madeAt} into ${resolve(settings.data)}\nStart it: bin/start --data ${resolve(settings.data)}\n`,
  );
  return 0;
}

function readWords(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { identity: { type: "string" } },
      allowPositionals: true,
      strict: true,
    });
  } catch (cause) {
    throw new UserError(
      "usage",
      cause instanceof Error ? cause.message : String(cause),
      "classh --data NEWDIR backup restore FILE [--identity FILE]",
    );
  }
}

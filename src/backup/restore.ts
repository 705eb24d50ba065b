/** Making a server's data directory, or one person's files, out of a backup. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { systemCode, UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import { fillDatabase, requireKnown } from "../db/copy-database.ts";
import { startEmbeddedPostgres } from "../db/embedded.ts";
import { knownMigrations } from "../db/migrate.ts";
import { dataName, finished, openMember, startTool, tableName, type Manifest } from "./backup-file.ts";
import { plainArchive } from "./create.ts";
import { verifyBackup } from "./verify.ts";

/** What is restored, and where. */
export interface RestoreOptions {
  readonly file: string;
  /** File with the private key of age(1), for an encrypted backup. */
  readonly identity: string | undefined;
  /** The new data directory: it must not exist, or be empty. */
  readonly data: string;
  /** URL of an empty database; empty for the embedded one. */
  readonly databaseUrl: string;
  readonly binaries: string;
  /** Version of this classh. */
  readonly version: string;
  readonly log: Log;
}

/** Restores everything. What fails leaves nothing behind. Resolves with what the backup says about itself. */
export async function restoreBackup(options: RestoreOptions): Promise<Manifest> {
  const { file, identity, databaseUrl, binaries, version, log } = options;
  const data = resolve(options.data);
  await requireEmptyDirectory(data);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const scratch = join(data, "restoring.tar");
  let whole = false;
  try {
    const plain = await plainArchive(file, identity, scratch);
    const { manifest, problems } = await verifyBackup(plain);
    if (problems.length > 0)
      throw new UserError(
        "backup-unusable",
        `the backup is damaged: ${problems.slice(0, 3).join("; ")}`,
        "Nothing was restored. Take another one.",
      );
    requireKnown(manifest.database.migrations, await knownMigrations(), `${manifest.version}; this is ${version}`);
    await unpackData(plain, data);
    await using scope = new Scope("restore");
    const url =
      databaseUrl ||
      scope.own(
        await startEmbeddedPostgres({ directory: join(data, "postgres"), binaries: binaries || undefined, log }),
      ).url;
    await fillDatabase(url, log, { copy: manifest.database, read: (table) => Promise.resolve(rowsOf(plain, table)) });
    whole = true;
    return manifest;
  } finally {
    if (whole) await rm(scratch, { force: true });
    else await emptyDirectory(data);
  }
}

async function requireEmptyDirectory(data: string): Promise<void> {
  const names = await readdir(data).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  if (names.some((name) => name !== "lost+found"))
    throw new UserError(
      "data-in-use",
      `not an empty directory: ${data}`,
      "A restore never writes over anything: name a new directory with --data.",
    );
}

async function emptyDirectory(data: string): Promise<void> {
  for (const name of await readdir(data))
    if (name !== "lost+found") await rm(join(data, name), { recursive: true, force: true });
}

/** Unpacks the files, or only what lies below `only`. */
async function unpackData(plain: string, into: string, only?: string): Promise<void> {
  const { stream, done } = openMember(plain, dataName);
  const tar = startTool("tar", [
    "--extract",
    "--gzip",
    "--file=-",
    "--preserve-permissions",
    "--no-same-owner",
    "--delay-directory-restore",
    `--directory=${into}`,
    ...(only === undefined ? [] : ["--", only]),
  ]);
  await Promise.all([pipeline(stream, tar.stdin), finished(tar, "unpack the files"), done()]);
}

function rowsOf(plain: string, table: string): Readable {
  const { stream, done } = openMember(plain, tableName(table));
  const rows = new PassThrough();
  pipeline(stream, createGunzip(), rows, { end: false })
    .then(done)
    .then(
      () => rows.end(),
      (error: unknown) => rows.destroy(error as Error),
    );
  return rows;
}

/** One person's files out of a backup, as a tar archive. Disposing ends what reads them and removes the copy. */
export interface FilesOfOne extends AsyncDisposable {
  readonly archive: Readable;
}

/** Opens the files that an account had. Throws `user-not-found` when it had none. */
export async function openFilesOf(
  {
    file,
    identity,
    directory,
  }: { readonly file: string; readonly identity: string | undefined; readonly directory: string },
  username: string,
): Promise<FilesOfOne> {
  const scratch = await mkdtemp(join(directory, "restoring-"));
  const dispose = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    const plain = await plainArchive(file, identity, join(scratch, "plain.tar"));
    const home = `files/Local/${username}`;
    try {
      await unpackData(plain, scratch, home);
    } catch (cause) {
      throw new UserError("user-not-found", `the backup has no files of ${username}`, "backup list shows the others.", {
        cause,
      });
    }
    const tar = startTool("tar", ["--create", "--file=-", `--directory=${join(scratch, home)}`, "."]);
    tar.stdin.end();
    return {
      archive: tar.stdout,
      async [Symbol.asyncDispose]() {
        tar.child.kill();
        await tar.ended.catch(() => undefined); // what it did not send nobody wanted
        await dispose();
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

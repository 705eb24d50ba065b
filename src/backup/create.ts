/**
 * Making a backup while people work. The database comes first, at one moment of it, then the files: a file may be newer than the database, so
 * nothing that the database knows of is missing. What is being written is complete under a name that ends in .partial, is put on the disk,
 * and then gets its own.
 */
import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { syncDirectoryAt } from "../base/durable.ts";
import { UserError, systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { copyDatabase } from "../db/copy-database.ts";
import {
  dataName,
  finished,
  manifestName,
  Meter,
  startTool,
  tableName,
  type Manifest,
  type Member,
} from "./backup-file.ts";

/** What a backup is made of. */
export interface BackupSource {
  /** DIR. */
  readonly data: string;
  readonly databaseUrl: string;
  readonly version: string;
  readonly server: string;
}

/** Where it goes. */
export interface BackupTarget {
  readonly directory: string;
  /** The public key of age(1) that it is encrypted to; empty for none. */
  readonly recipient: string;
}

/** A backup that was made. */
export interface MadeBackup {
  readonly file: string;
  readonly bytes: number;
  readonly manifest: Manifest;
}

/** What lasts in the data directory. The database is copied by itself; sockets, locks, logs and throw-away copies are made anew. */
const lasting = [
  "files",
  "recovery",
  "archive",
  "server-writes",
  "projects",
  "host-key",
  "host-key.next",
  "cluster-key",
  "first-login.txt",
];

/** Makes a backup. `now` is milliseconds since the epoch. */
export async function createBackup(
  source: BackupSource,
  { directory, recipient }: BackupTarget,
  { now, log }: { readonly now: number; readonly log: Log },
): Promise<MadeBackup> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const name = `classh-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "")}.tar${recipient === "" ? "" : ".age"}`;
  const file = join(directory, name);
  const staging = `${file}.staging`;
  const partial = `${file}.partial`;
  try {
    await mkdir(join(staging, "database"), { recursive: true, mode: 0o700 });
    const manifest = await stage(source, staging, { now, log });
    await writeArchive(staging, partial, recipient);
    await rename(partial, file);
    await syncDirectoryAt(dirname(file));
    return { file, bytes: (await stat(file)).size, manifest };
  } catch (error) {
    if (systemCode(error) === "ENOSPC")
      throw new UserError(
        "disk-full",
        `there is no room for a backup in ${directory}`,
        "Make room there, or remove old ones: backup prune.",
        { cause: error },
      );
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
    await rm(partial, { force: true });
  }
}

/** Age after which nobody reads any more what `verify` and `restore` have unpacked. */
const unpackedMs = 86_400_000;

/** Removes what a server that was killed left half made or unpacked. Only who has the right to make a backup may call it. */
export async function sweepBackups(directory: string, now: number): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  for (const name of names) {
    const path = join(directory, name);
    const unpacked = /^(verifying|restoring)-\w{6}$/.test(name) && now - (await stat(path)).mtimeMs > unpackedMs;
    if (unpacked || /^classh-.*\.(staging|partial)$/.test(name)) await rm(path, { recursive: true, force: true });
  }
}

async function stage(
  source: BackupSource,
  staging: string,
  { now, log }: { readonly now: number; readonly log: Log },
): Promise<Manifest> {
  const members: Member[] = [];
  const database = await copyDatabase(source.databaseUrl, log, async (table, rows) => {
    members.push(await keep(rows.pipe(createGzip({ level: 1 })), staging, tableName(table)));
  });
  const present = await namesIn(source.data);
  const tool = startTool("tar", [
    "--create",
    "--sparse",
    "--ignore-failed-read",
    "--warning=no-file-changed",
    "--use-compress-program=gzip -1",
    "--file=-",
    `--directory=${source.data}`,
    // Without any names it would refuse to make an archive.
    "--files-from=/dev/null",
    "--",
    ...lasting.filter((name) => present.includes(name)),
  ]);
  tool.stdin.end();
  members.push(await keep(tool.stdout, staging, dataName));
  // 1: a file changed while it was read. People are at work.
  await finished(tool, "copy the files", [0, 1]);
  const manifest: Manifest = {
    format: 1,
    version: source.version,
    madeAt: new Date(now).toISOString(),
    server: source.server,
    members,
    database,
    entries: await entriesOf(join(staging, dataName)),
  };
  await writeFile(join(staging, manifestName), JSON.stringify(manifest, undefined, 1), { mode: 0o600 });
  return manifest;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory);
}

/** Writes a member, and measures it. */
async function keep(from: Readable, staging: string, name: string): Promise<Member> {
  const meter = new Meter();
  const measure = new Transform({
    transform(piece: Buffer, _encoding, done) {
      meter.take(piece);
      done(null, piece);
    },
  });
  await pipeline(from, measure, createWriteStream(join(staging, name), { mode: 0o600 }));
  return { name, bytes: meter.bytes, sha256: meter.sha256 };
}

/** The number of files and folders in an archive; reads all of it. */
export async function entriesOf(archive: string): Promise<number> {
  const tool = startTool("tar", ["--list", "--gzip", `--file=${archive}`]);
  tool.stdin.end();
  const entries = await countLines(tool.stdout);
  await finished(tool, `read ${basename(archive)}`);
  return entries;
}

/** Counts the line ends of a stream. */
export async function countLines(stream: Readable): Promise<number> {
  let lines = 0;
  for await (const piece of stream) {
    const bytes = piece as Buffer;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  }
  return lines;
}

/** Writes the one file, encrypted if there is a recipient, to the disk. */
async function writeArchive(staging: string, file: string, recipient: string): Promise<void> {
  const tar = startTool("tar", ["--create", "--file=-", `--directory=${staging}`, manifestName, "database", dataName]);
  tar.stdin.end();
  const target = createWriteStream(file, { mode: 0o600 });
  if (recipient === "") await pipeline(tar.stdout, target);
  else {
    const age = startTool("age", ["--encrypt", "--recipient", recipient]);
    await Promise.all([
      pipeline(tar.stdout, age.stdin),
      pipeline(age.stdout, target),
      finished(age, "encrypt it with age"),
    ]);
  }
  await finished(tar, "write the backup");
  const handle = await open(file, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The plain tar archive of a backup: itself, or decrypted with an identity of age(1) into `scratch`. */
export async function plainArchive(file: string, identity: string | undefined, scratch: string): Promise<string> {
  if (!file.endsWith(".age")) return file;
  if (identity === undefined)
    throw new UserError(
      "backup-unusable",
      `the backup is encrypted: ${file}`,
      "Name the file with the private key: --identity FILE.",
    );
  const age = startTool("age", ["--decrypt", "--identity", identity, file]);
  age.stdin.end();
  await pipeline(age.stdout, createWriteStream(scratch, { mode: 0o600 }));
  await finished(age, "decrypt it with age");
  return scratch;
}

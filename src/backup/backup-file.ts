/**
 * A backup is one file: a tar archive of
 *   manifest.json          what is in it, with sizes and checksums
 *   database/TABLE.gz      the rows of each table, as PostgreSQL's COPY writes them
 *   data.tar.gz            files, unsaved text, archives, keys and what else lasts in the data directory
 * encrypted as a whole by age where a recipient is set. tar does not compress it, so that a member is found without reading the others.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { UserError } from "../base/errors.ts";
import type { DatabaseCopy } from "../db/copy-database.ts";

/** A member of a backup. */
export interface Member {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a backup says about itself. */
export interface Manifest {
  /** 1. */
  readonly format: number;
  /** Version of classh. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly server: string;
  readonly members: readonly Member[];
  readonly database: DatabaseCopy;
  /** Files and folders in data.tar.gz. */
  readonly entries: number;
}

export const manifestName = "manifest.json";
export const dataName = "data.tar.gz";
export const tableName = (table: string): string => `database/${table}.gz`;

/** Bytes of the largest manifest that is read. */
const maxManifest = 16 << 20;
const keptComplaints = 2000;

/** A program that works on a backup, with its streams. */
export interface Tool {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves with its exit status and what it complained of. */
  readonly ended: Promise<{ readonly status: number | null; readonly complaints: string }>;
  readonly child: ChildProcess;
}

/** Starts a program at a low priority. */
export function startTool(program: string, args: readonly string[]): Tool {
  const child = spawn("nice", ["-n", "10", program, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" },
  });
  child.stdin.on("error", () => child.stdin.destroy()); // it ended before: its status says why
  let complaints = "";
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (complaints = (complaints + text).slice(0, keptComplaints)));
  const ended = once(child, "close").then(([status]) => ({ status: status as number | null, complaints }));
  ended.catch(() => undefined); // whoever waits for it hears of it
  // Node.js throws away what nobody reads yet when the child ends.
  return { stdin: child.stdin, stdout: child.stdout.pipe(new PassThrough()), ended, child };
}

/** Waits for a program. Throws `backup-unusable` with what it complained of. */
export async function finished({ ended }: Tool, what: string, allowed: readonly number[] = [0]): Promise<void> {
  const { status, complaints } = await ended;
  if (status !== null && allowed.includes(status)) return;
  const [first = `status ${status}`] = complaints.split("\n").filter((line) => !/Exiting with failure/.test(line));
  throw new UserError("backup-unusable", `could not ${what}: ${first}`);
}

/** A member's bytes; `done` rejects when the backup is damaged there. */
export function openMember(
  file: string,
  name: string,
): { readonly stream: Readable; readonly done: () => Promise<void> } {
  const tool = startTool("tar", ["--extract", "--to-stdout", "--occurrence=1", `--file=${file}`, "--", name]);
  tool.stdin.end();
  return { stream: tool.stdout, done: () => finished(tool, `read ${name}`) };
}

/** Reads what a backup says about itself. Throws `backup-unusable` when the file is none. */
export async function readManifest(file: string): Promise<Manifest> {
  const { stream, done } = openMember(file, manifestName);
  let text = "";
  for await (const piece of stream.setEncoding("utf8")) {
    text += String(piece);
    if (text.length > maxManifest) break;
  }
  try {
    await done();
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.format === 1 && Array.isArray(manifest.members) && Array.isArray(manifest.database?.tables))
      return manifest;
  } catch (cause) {
    throw notABackup(file, cause);
  }
  throw notABackup(file);
}

function notABackup(file: string, cause?: unknown): UserError {
  return new UserError(
    "backup-unusable",
    `not a backup of classh, or a damaged one: ${file}`,
    "Take another one: backup list shows them. An encrypted one (.age) needs --identity FILE.",
    { cause },
  );
}

/** Counts and hashes what passes. */
export class Meter {
  readonly #hash = createHash("sha256");
  bytes = 0;

  take(piece: Buffer): void {
    this.#hash.update(piece);
    this.bytes += piece.length;
  }

  get sha256(): string {
    return this.#hash.copy().digest("hex");
  }
}

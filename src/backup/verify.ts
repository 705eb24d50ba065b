/** Reading a backup back: every member whole, with its checksum, the rows of each table and the entries of the files. */
import { createGunzip } from "node:zlib";
import { pipeline } from "node:stream/promises";
import { PassThrough, type Readable } from "node:stream";
import { counted } from "../base/counted.ts";
import {
  dataName,
  finished,
  Meter,
  openMember,
  readManifest,
  startTool,
  tableName,
  type Manifest,
} from "./backup-file.ts";
import { countLines } from "./create.ts";

/** What was found. */
export interface Verified {
  readonly manifest: Manifest;
  /** What is wrong; empty for a good backup. */
  readonly problems: readonly string[];
}

/** Reads all of a plain archive. Throws `backup-unusable` when it has no manifest. */
export async function verifyBackup(file: string): Promise<Verified> {
  const manifest = await readManifest(file);
  const problems: string[] = [];
  for (const member of manifest.members) {
    const meter = new Meter();
    try {
      const { stream, done } = openMember(file, member.name);
      const [{ expected, found }] = await Promise.all([countOf(manifest, member.name, stream, meter), done()]);
      if (meter.bytes !== member.bytes || meter.sha256 !== member.sha256) problems.push(`${member.name} is damaged`);
      else if (expected !== found)
        problems.push(`${member.name} has ${counted(found, "entry", "entries")} instead of ${expected}`);
    } catch (error) {
      problems.push(`${member.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const missing = [dataName, ...manifest.database.tables.map(({ name }) => tableName(name))].filter(
    (name) => !manifest.members.some((member) => member.name === name),
  );
  return { manifest, problems: [...problems, ...missing.map((name) => `${name} is missing`)] };
}

/** Counts what a member holds, and measures it. */
async function countOf(
  manifest: Manifest,
  name: string,
  stream: Readable,
  meter: Meter,
): Promise<{ readonly expected: number; readonly found: number }> {
  stream.on("data", (piece: Buffer) => meter.take(piece));
  if (name === dataName) {
    const tar = startTool("tar", ["--list", "--gzip", "--file=-"]);
    const [found] = await Promise.all([
      countLines(tar.stdout),
      pipeline(stream, tar.stdin),
      finished(tar, `list ${name}`),
    ]);
    return { expected: manifest.entries, found };
  }
  const rows = new PassThrough();
  const [found] = await Promise.all([countLines(rows), pipeline(stream, createGunzip(), rows)]);
  return { expected: manifest.database.tables.find((table) => tableName(table.name) === name)?.rows ?? -1, found };
}

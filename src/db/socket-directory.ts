/**
 * The directory of the server's socket. The path of a socket may have 107 bytes (sun_path, unix(7)), and data
 * directories can be longer: then the socket is in the temporary directory, under a name derived from the data
 * directory, so that a start after a crash takes the same one instead of leaving another behind.
 */
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCode } from "../base/errors.ts";

const maxPath = 107;
const socketName = "/.s.PGSQL.5432.lock"; // the longest name that the server makes there

/** A directory of mode 0700 for the server of the cluster in `directory`, made if need be. */
export async function makeSocketDirectory(directory: string): Promise<string> {
  const beside = `${directory}.socket`;
  if (fits(beside) && (await makePrivate(beside))) return beside;
  const name = `classh-${createHash("sha256").update(directory).digest("hex").slice(0, 16)}`;
  for (const parent of [tmpdir(), "/tmp"]) {
    const candidate = join(parent, name);
    if (fits(candidate) && (await makePrivate(candidate))) return candidate;
  }
  // Somebody else took the name; a fresh one is always ours.
  return await mkdtemp("/tmp/classh-");
}

function fits(path: string): boolean {
  // The setting is a list separated by commas, with quoting: plain names only.
  return Buffer.byteLength(path + socketName) <= maxPath && /^[\w./-]+$/.test(path);
}

/** Whether `path` is a directory of ours that nobody else can enter; made if need be. */
async function makePrivate(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") return false;
  }
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
  await chmod(path, 0o700);
  return true;
}

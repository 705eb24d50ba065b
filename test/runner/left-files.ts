/** What a program has left in a directory, one line for each file. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { barePython } from "./corpus.ts";

const maxShown = 2000;

/**
 * Everything in a directory, with its kind, mode and links, and what is in it. Where the bytes differ from run to run it is what `look` prints, Python
 * that is run in the folder `place`.
 */
export async function leftIn(directory: string, place: string, look?: string): Promise<string[]> {
  // First: it may wait for what is still to come.
  const last = look === undefined ? [] : [await seen(look, place)];
  const names = (await namesBelow(directory)).toSorted();
  const lines = await Promise.all(
    names.map(async (name) => `${name}: ${await describe(join(directory, name), look === undefined)}`),
  );
  return [...lines, ...last];
}

/** Every name, without what links lead to: `readdir` itself follows them. */
async function namesBelow(directory: string, above = ""): Promise<string[]> {
  const entries = await readdir(join(directory, above), { withFileTypes: true });
  const names = entries.map(async (entry) => {
    const name = join(above, entry.name);
    return [name, ...(entry.isDirectory() ? await namesBelow(directory, name) : [])];
  });
  return (await Promise.all(names)).flat();
}

async function describe(path: string, withContent: boolean): Promise<string> {
  const found = await lstat(path);
  const facts = `${(found.mode & 0o7777).toString(8)}, ${found.nlink}`;
  if (found.isDirectory()) return `folder, ${(found.mode & 0o7777).toString(8)}`;
  if (found.isSymbolicLink()) return `link to ${await readlink(path)}`;
  if (found.isFIFO()) return `FIFO, ${facts}`;
  if (found.isSocket()) return `socket, ${facts}`;
  return `file, ${facts}, ${withContent ? await content(path) : ""}`;
}

async function content(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return "closed to its owner"; // by the program
  }
  if (bytes.length > maxShown) return `${bytes.length} bytes, ${createHash("sha256").update(bytes).digest("hex")}`;
  return JSON.stringify(bytes.toString("latin1"));
}

async function seen(look: string, place: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(barePython, ["-c", look], { cwd: place }).catch(
    (failed: { stdout: string; stderr: string }) => failed,
  );
  return stdout + stderr;
}

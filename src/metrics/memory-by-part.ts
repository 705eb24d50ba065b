/** Memory of processes and their descendants, from /proc. What they share (libraries, the database's buffers) is left out: added up, it would count as often as there are processes. */
import { readdir, readFile } from "node:fs/promises";

/** Most processes that are looked at. */
const maxProcesses = 10_000;

/** Bytes that a process has for itself; 0 when it has gone. */
export async function memoryOf(pid: number): Promise<number> {
  const text = await textOf(`/proc/${pid}/status`);
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(text)?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** Bytes that all descendants of a process have for themselves, without its own. */
export async function memoryBelow(pid: number): Promise<number> {
  let bytes = 0;
  let seen = 0;
  let level = await childrenOf(pid);
  while (level.length > 0 && seen < maxProcesses) {
    seen += level.length;
    const sizes = await Promise.all(level.map(memoryOf));
    bytes += sizes.reduce((sum, size) => sum + size, 0);
    level = (await Promise.all(level.map(childrenOf))).flat();
  }
  return bytes;
}

/** The processes that any thread of a process has started. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []); // it has gone
  const texts = await Promise.all(threads.map((thread) => textOf(`/proc/${pid}/task/${thread}/children`)));
  return texts.flatMap((text) => text.split(" ").filter((word) => word.trim() !== "")).map(Number);
}

/** Empty for a process that has gone. */
async function textOf(file: string): Promise<string> {
  return await readFile(file, "utf8").catch(() => "");
}

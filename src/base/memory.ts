/**
 * How much memory is left: on the machine (/proc/meminfo), and in every control group that this process is in (a
 * container's limit, systemd's MemoryMax). What the kernel can drop, the file cache, counts as free. Both versions of
 * control groups: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory,
 * https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCode } from "./errors.ts";

/** Names of the memory files of a control group. */
interface GroupFiles {
  readonly max: string;
  readonly used: string;
  /** The line of memory.stat that counts the cache. */
  readonly cache: string;
}

const second: GroupFiles = { max: "memory.max", used: "memory.current", cache: "inactive_file" };
const first: GroupFiles = {
  max: "memory.limit_in_bytes",
  used: "memory.usage_in_bytes",
  cache: "total_inactive_file",
};

/** Bytes of memory left for this process; undefined where the system does not tell. `root` is for tests. */
export async function availableMemory(root = "/"): Promise<number | undefined> {
  const machine = numberAfter(await textOf(join(root, "proc/meminfo")), "MemAvailable:");
  const groups = await Promise.all((await ownGroups(root)).map(({ directory, files }) => leftIn(directory, files)));
  const known = [machine === undefined ? undefined : machine * 1024, ...groups].filter((bytes) => bytes !== undefined);
  return known.length === 0 ? undefined : Math.max(0, Math.min(...known));
}

/** The control groups of this process and those around them: each limit applies. */
async function ownGroups(root: string): Promise<readonly { readonly directory: string; readonly files: GroupFiles }[]> {
  return ((await textOf(join(root, "proc/self/cgroup"))) ?? "").split("\n").flatMap((line) => {
    const [, controllers, ...rest] = line.split(":");
    const path = rest.join(":");
    if (controllers === "")
      return ancestors(path).map((group) => ({ directory: join(root, "sys/fs/cgroup", group), files: second }));
    if (!controllers?.split(",").includes("memory")) return [];
    return ancestors(path).map((group) => ({ directory: join(root, "sys/fs/cgroup/memory", group), files: first }));
  });
}

/** "/a/b", "/a" and "/"; a container sees its own group as "/" whatever its path is. */
function ancestors(path: string): readonly string[] {
  return path === "/" || !path.startsWith("/") ? ["/"] : [path, ...ancestors(dirname(path))];
}

/** Bytes left in a group; undefined for one that can't be seen here, or has no limit. */
async function leftIn(directory: string, { max, used, cache }: GroupFiles): Promise<number | undefined> {
  const limit = Number((await textOf(join(directory, max))) ?? Number.NaN);
  const taken = Number((await textOf(join(directory, used))) ?? Number.NaN);
  if (!Number.isFinite(limit) || !Number.isFinite(taken)) return undefined;
  return limit - taken + (numberAfter(await textOf(join(directory, "memory.stat")), cache) ?? 0);
}

function numberAfter(text: string | undefined, word: string): number | undefined {
  const line = text?.split("\n").find((each) => each.startsWith(`${word} `));
  return line === undefined ? undefined : Number.parseInt(line.slice(word.length), 10);
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

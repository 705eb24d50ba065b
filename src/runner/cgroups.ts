/**
 * Which control groups this machine lets us use. What is found here is only a candidate: the runner starts a real jail
 * in it before relying on it (probe.ts). bin/prepare-cgroups, run by root, makes the directories that are looked for.
 */
import { access, constants, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CgroupPlan } from "./protocol.ts";

/** A kind of control groups, and what to write for each jail. */
export interface CgroupSupport {
  readonly mode: "v2" | "v1" | "none";
  /** The groups of one jail. */
  readonly plans: (limits: CgroupLimits) => readonly CgroupPlan[];
}

/** No control groups. */
export const noCgroups: CgroupSupport = { mode: "none", plans: () => [] };

/** The limits that groups enforce. */
export interface CgroupLimits {
  readonly runMemoryMebibytes: number;
  readonly runProcesses: number;
  readonly runThreads: number;
}

/** Memory for all processes of a jail beside one Python's: bwrap, children, a tmpfs, the kernel's own. */
export const furtherMebibytes = 64;
/** The same for processes. */
export const furtherProcesses = 16;

/** What the kernel counts: threads, of which each process has one. */
export function tasksOf({ runProcesses, runThreads }: Pick<CgroupLimits, "runProcesses" | "runThreads">): number {
  return Math.max(runProcesses, runThreads);
}

/**
 * Mebibytes that sockets of a jail may hold in all: a v1 group does not count them as memory, and without a group
 * nothing does.
 */
export function socketMebibytes(limits: Pick<CgroupLimits, "runMemoryMebibytes">): number {
  return Math.ceil(limits.runMemoryMebibytes / 2);
}

/** One core: 100 ms of 100 ms. */
const periodMicroseconds = 100_000;

/** Name of the directory that bin/prepare-cgroups makes in each hierarchy. */
const ours = "classh";

/** All candidates, best first. Moves this process into a group of its own where that is needed (v2, delegated). */
export async function findCgroups(): Promise<CgroupSupport[]> {
  const mounts = parseMounts(await readFile("/proc/self/mountinfo", "utf8"));
  const own = parseOwn(await readFile("/proc/self/cgroup", "utf8"));
  const found = [await findV2(mounts, own), await findV1(mounts, own)];
  return found.filter((support) => support !== undefined);
}

interface CgroupMount {
  readonly directory: string;
  /** Controllers of v1; undefined for v2. */
  readonly controllers: readonly string[] | undefined;
}

/** The cgroup file systems in the text of /proc/self/mountinfo. */
export function parseMounts(text: string): CgroupMount[] {
  return text.split("\n").flatMap((line): CgroupMount[] => {
    const [before, after] = line.split(" - ");
    const directory = before?.split(" ")[4];
    const [type, , options] = after?.split(" ") ?? [];
    if (directory === undefined) return [];
    if (type === "cgroup2") return [{ directory, controllers: undefined }];
    if (type === "cgroup") return [{ directory, controllers: options?.split(",") ?? [] }];
    return [];
  });
}

/** Our own group by controller, from the text of /proc/self/cgroup; that of v2 under "". */
export function parseOwn(text: string): Map<string, string> {
  const own = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, ...path] = line.split(":");
    for (const controller of controllers?.split(",") ?? []) own.set(controller, path.join(":"));
  }
  return own;
}

/** Groups of version 1 that we may use, from the mounts and our own groups; undefined if a needed one is missing. */
export async function findV1(
  mounts: readonly CgroupMount[],
  own: ReadonlyMap<string, string>,
): Promise<CgroupSupport | undefined> {
  const found: { readonly directory: string; readonly controller: "memory" | "pids" | "cpu" }[] = [];
  for (const [controller, needed] of [
    ["memory", true],
    ["pids", true],
    ["cpu", false],
  ] as const) {
    const mount = mounts.find(({ controllers }) => controllers?.includes(controller));
    const directory =
      mount && (await firstWritable(candidatesV1(mount.directory, controller, own.get(controller) ?? "/")));
    if (directory !== undefined) found.push({ directory, controller });
    else if (needed) return undefined;
  }
  const plans = (limits: CgroupLimits): CgroupPlan[] =>
    found.map(({ directory, controller }) => ({ directory, limits: limitsV1(controller, limits) }));
  return { mode: "v1", plans };
}

/** Candidates for the processors; the group with less weight than the server's comes first. */
function candidatesV1(mount: string, controller: string, own: string): string[] {
  // Not below the group that the server itself was moved into.
  const around = basename(own) === "server" ? dirname(dirname(own)) : own;
  const groups = [join(mount, around, ours), join(mount, ours)];
  return controller === "cpu" ? [...groups.map((group) => join(group, "jails")), ...groups] : groups;
}

function limitsV1(controller: "memory" | "pids" | "cpu", limits: CgroupLimits): CgroupPlan["limits"] {
  const memory = memoryBytes(limits);
  switch (controller) {
    case "memory":
      return [
        { file: "memory.limit_in_bytes", value: memory },
        // Missing where the kernel does not count swap.
        { file: "memory.memsw.limit_in_bytes", value: memory, optional: true },
        { file: "memory.swappiness", value: "0", optional: true },
        // A v1 group does not count what TCP and UDP hold as memory, but has a separate limit for it, where the kernel
        // has one. It bounds what is taken between two checks of the broker, which ends the program at half of it: at
        // this limit the program would only wait, or lose its datagrams.
        {
          file: "memory.kmem.tcp.limit_in_bytes",
          value: String(2 * socketMebibytes(limits) * (1 << 20)),
          optional: true,
        },
      ];
    case "pids":
      return [{ file: "pids.max", value: String(tasksOf(limits) + furtherProcesses) }];
    case "cpu":
      return [
        { file: "cpu.cfs_period_us", value: String(periodMicroseconds) },
        { file: "cpu.cfs_quota_us", value: String(periodMicroseconds) },
      ];
    default:
      return controller satisfies never;
  }
}

/**
 * In v2 a group with processes can't give controllers to its children, so the server is in `server` and the jails in
 * `jails`, both below one group that is ours (by bin/prepare-cgroups, or by systemd's Delegate=yes).
 */
async function findV2(
  mounts: readonly CgroupMount[],
  own: ReadonlyMap<string, string>,
): Promise<CgroupSupport | undefined> {
  const mount = mounts.find(({ controllers }) => controllers === undefined);
  const path = own.get("");
  if (!mount || path === undefined) return undefined;
  const here = join(mount.directory, path);
  const parent = basename(here) === "server" ? dirname(here) : await moveToServer(here);
  const jails = parent && (await firstWritable([join(parent, "jails")]));
  if (!jails) return undefined;
  const controllers = (await readText(join(jails, "cgroup.subtree_control"))).split(/\s+/);
  if (!controllers.includes("memory") || !controllers.includes("pids")) return undefined;
  const plan = (limits: CgroupLimits): CgroupPlan => ({
    directory: jails,
    limits: [
      { file: "memory.max", value: memoryBytes(limits) },
      { file: "memory.swap.max", value: "0", optional: true },
      { file: "pids.max", value: String(tasksOf(limits) + furtherProcesses) },
      { file: "cpu.max", value: `${periodMicroseconds} ${periodMicroseconds}`, optional: true },
    ],
  });
  return { mode: "v2", plans: (limits) => [plan(limits)] };
}

/** Makes `server` and `jails` in a group that was delegated to us; undefined if it was not. */
async function moveToServer(group: string): Promise<string | undefined> {
  const available = (await readText(join(group, "cgroup.controllers"))).trim().split(/\s+/);
  if (!available.includes("memory") || !available.includes("pids")) return undefined;
  const wanted = ["memory", "pids", "cpu"]
    .filter((name) => available.includes(name))
    .map((name) => `+${name}`)
    .join(" ");
  try {
    await mkdir(join(group, "server"), { recursive: true });
    for (const pid of (await readText(join(group, "cgroup.procs"))).split("\n").filter(Boolean)) {
      await writeFile(join(group, "server", "cgroup.procs"), pid);
    }
    await writeFile(join(group, "cgroup.subtree_control"), wanted);
    await mkdir(join(group, "jails"), { recursive: true });
    await writeFile(join(group, "jails", "cgroup.subtree_control"), wanted);
    await giveLessWeight(join(group, "jails"));
    return group;
  } catch {
    return undefined; // not delegated to us: that is what we wanted to know
  }
}

/**
 * Lowers the weight of jails: a fifth is left for programs when the server needs everything, as bin/prepare-cgroups
 * does it. Without the controller there is no such file.
 */
async function giveLessWeight(jails: string): Promise<void> {
  await writeFile(join(jails, "cpu.weight"), "25").catch(() => undefined);
}

function memoryBytes(limits: CgroupLimits): string {
  return String((limits.runMemoryMebibytes + furtherMebibytes) * (1 << 20));
}

async function firstWritable(directories: readonly string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const writable = await access(directory, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (writable) return directory;
  }
  return undefined;
}

async function readText(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}

/**
 * Which control groups this machine lets us use. What is found here is only a candidate: the runner starts a real jail in
 * it before it believes in it (probe.ts). bin/prepare-cgroups, run by root, makes the directories that are looked for.
 */
import { access, constants, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CgroupPlan } from "./protocol.ts";

export interface CgroupSupport {
  readonly mode: "v2" | "v1" | "none";
  readonly plans: readonly CgroupPlan[];
}

export const noCgroups: CgroupSupport = { mode: "none", plans: [] };

export interface CgroupLimits {
  readonly runMemoryMebibytes: number;
  readonly runProcesses: number;
}

/** What all processes of a jail may take beside what one Python may: bwrap, children, a tmpfs, the kernel's own. */
const furtherMebibytes = 64;
const furtherProcesses = 16;

/** What sockets of a jail may hold in all: a v1 group does not count it as memory, and without a group nobody does. */
export function socketMebibytes(limits: Pick<CgroupLimits, "runMemoryMebibytes">): number {
  return Math.ceil(limits.runMemoryMebibytes / 2);
}

/** One core: 100 ms of 100 ms. */
const periodMicroseconds = 100_000;

/** The directory that bin/prepare-cgroups makes in each hierarchy. */
const ours = "classh";

/** All candidates, best first. Moves this process into a group of its own where that is needed (v2, delegated). */
export async function findCgroups(limits: CgroupLimits): Promise<CgroupSupport[]> {
  const mounts = parseMounts(await readFile("/proc/self/mountinfo", "utf8"));
  const own = parseOwn(await readFile("/proc/self/cgroup", "utf8"));
  const found = [await findV2(mounts, own, limits), await findV1(mounts, own, limits)];
  return found.filter((support) => support !== undefined);
}

interface CgroupMount {
  readonly directory: string;
  /** Of v1; undefined for v2. */
  readonly controllers: readonly string[] | undefined;
}

/** The cgroup file systems in /proc/self/mountinfo. */
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

/** /proc/self/cgroup: our own group by controller; v2's under "". */
export function parseOwn(text: string): Map<string, string> {
  const own = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, ...path] = line.split(":");
    for (const controller of controllers?.split(",") ?? []) own.set(controller, path.join(":"));
  }
  return own;
}

/** The groups of version 1 that we may use, from the mounts and our own group by controller; undefined without those that are needed. */
export async function findV1(
  mounts: readonly CgroupMount[],
  own: ReadonlyMap<string, string>,
  limits: CgroupLimits,
): Promise<CgroupSupport | undefined> {
  const plans: CgroupPlan[] = [];
  for (const [controller, needed] of [
    ["memory", true],
    ["pids", true],
    ["cpu", false],
  ] as const) {
    const mount = mounts.find(({ controllers }) => controllers?.includes(controller));
    const directory =
      mount && (await firstWritable(candidatesV1(mount.directory, controller, own.get(controller) ?? "/")));
    if (directory !== undefined) plans.push({ directory, limits: limitsV1(controller, limits) });
    else if (needed) return undefined;
  }
  return { mode: "v1", plans };
}

/** Of the processors, the group that has less weight than the server's comes first. */
function candidatesV1(mount: string, controller: string, own: string): string[] {
  // Not below the group that the server itself was moved to.
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
        // What TCP and UDP hold is no memory to a v1 group, but has this limit of its own, where the kernel has it. It bounds what is taken between
        // two looks of the broker, which ends the program at half of it: at this limit it would only wait, or lose its datagrams.
        {
          file: "memory.kmem.tcp.limit_in_bytes",
          value: String(2 * socketMebibytes(limits) * (1 << 20)),
          optional: true,
        },
      ];
    case "pids":
      return [{ file: "pids.max", value: String(limits.runProcesses + furtherProcesses) }];
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
 * In v2 a group with processes has no controllers to give to its children, so the server sits in `server` and the jails
 * in `jails`, both below one group that is ours (by bin/prepare-cgroups, or by systemd's Delegate=yes).
 */
async function findV2(
  mounts: readonly CgroupMount[],
  own: ReadonlyMap<string, string>,
  limits: CgroupLimits,
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
  const memory = memoryBytes(limits);
  const plan: CgroupPlan = {
    directory: jails,
    limits: [
      { file: "memory.max", value: memory },
      { file: "memory.swap.max", value: "0", optional: true },
      { file: "pids.max", value: String(limits.runProcesses + furtherProcesses) },
      { file: "cpu.max", value: `${periodMicroseconds} ${periodMicroseconds}`, optional: true },
    ],
  };
  return { mode: "v2", plans: [plan] };
}

/** Makes `server` and `jails` in a group that was delegated to us; undefined where it was not. */
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

/** A fifth is for programs when the server wants everything: as bin/prepare-cgroups does it. Without the controller there is no such file. */
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

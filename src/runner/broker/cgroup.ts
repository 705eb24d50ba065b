/** The cgroups of one jail: made before it starts, read after it ended, removed. */
import { readFileSync, readlinkSync } from "node:fs";
import { access, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { systemCode } from "../../base/errors.ts";
import type { CgroupPlan } from "../protocol.ts";
import { sendSignal } from "./ending.ts";

/** Directories already swept. */
const swept = new Set<string>();

/**
 * Our pid namespace: containers can share one tree of control groups, and pids of another namespace mean nothing here.
 * The number is the namespace's inode (namespaces(7)).
 */
const namespace = /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";

/** Removes groups of brokers of this namespace that were killed. Names are NAMESPACE-PID-NUMBER. */
async function sweepOnce(directory: string): Promise<void> {
  if (swept.has(directory)) return;
  swept.add(directory);
  for (const name of await readdir(directory)) {
    const [, home, pid] = /^(\d+)-(\d+)-\d+$/.exec(name) ?? [];
    const alive =
      pid === undefined ||
      home !== namespace ||
      (await access(`/proc/${pid}`).then(
        () => true,
        () => false,
      ));
    if (alive) continue;
    for (const left of (await readFile(join(directory, name, "cgroup.procs"), "latin1").catch(() => "")).split("\n")) {
      // A process outside our namespace shows as 0, which kill(2) would take for our own process group.
      if (Number(left) > 0) sendSignal(Number(left), "SIGKILL");
    }
    void new JailCgroup([join(directory, name)]).remove();
  }
}

/** The cgroups of one jail. */
export class JailCgroup {
  readonly #directories: readonly string[];

  constructor(directories: readonly string[]) {
    this.#directories = directories;
  }

  /** Makes the directories with their limits; after a failure none is left. */
  static async create(name: string, plans: readonly CgroupPlan[]): Promise<JailCgroup> {
    const made: string[] = [];
    try {
      for (const plan of plans) {
        await sweepOnce(plan.directory);
        const directory = join(plan.directory, `${namespace}-${name}`);
        await mkdir(directory);
        made.push(directory);
        for (const { file, value, optional } of plan.limits) {
          await writeFile(join(directory, file), value).catch((error: unknown) => {
            if (!optional) throw error;
          });
        }
      }
    } catch (error) {
      await new JailCgroup(made).remove();
      throw error;
    }
    return new JailCgroup(made);
  }

  /** Files into which a process writes its pid to join. */
  get joins(): readonly string[] {
    return this.#directories.map((directory) => join(directory, "cgroup.procs"));
  }

  /** Bytes of memory that processes here have made, without copies of files; undefined where no group counts that. */
  usedBytes(): number | undefined {
    for (const directory of this.#directories) {
      const text = readIfThere(join(directory, "memory.stat"));
      // v2 and v1.
      const [, bytes] = /^(?:anon|rss) (\d+)$/m.exec(text) ?? [];
      if (bytes !== undefined) return Number(bytes);
    }
    return undefined;
  }

  /** Whether the kernel killed a process here for lack of memory. */
  async outOfMemory(): Promise<boolean> {
    for (const directory of this.#directories) {
      // v2 and v1.
      for (const file of ["memory.events", "memory.oom_control"]) {
        const text = await readFile(join(directory, file), "latin1").catch(() => "");
        if (Number(/^oom_kill (\d+)/m.exec(text)?.[1] ?? 0) > 0) return true;
      }
    }
    return false;
  }

  /** Removes the cgroups, which is possible once the last process has been reaped, some milliseconds after its end. */
  async remove(): Promise<void> {
    for (const directory of this.#directories) {
      for (let tries = 0; tries < 50; tries++) {
        try {
          await rmdir(directory);
          break;
        } catch (error) {
          if (systemCode(error) !== "EBUSY") break; // gone already, or not ours: nothing to wait for
          await sleep(10 + tries * 4);
        }
      }
    }
  }
}

/** A file of the kernel's; empty when it is gone. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

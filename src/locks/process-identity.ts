/**
 * Theory of operation: whether a process on the same machine is gone can be known for certain, long before its lease runs
 * out. A process is named by its machine (boot and pid namespace: containers share a kernel, not their pids), its pid, and
 * its start time, since pids are used again.
 */
import { readFile, readlink } from "node:fs/promises";
import { systemCode } from "../base/errors.ts";

export interface ProcessIdentity {
  /** Equal for processes that can look each other up. */
  readonly host: string;
  readonly pid: number;
  /** Ticks from boot to the process's start. */
  readonly start: string;
}

/** This process's. */
export async function identifyProcess(): Promise<ProcessIdentity> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  const namespace = await readlink("/proc/self/ns/pid");
  const found = await readStat(process.pid);
  return { host: `${boot.trim()} ${namespace}`, pid: process.pid, start: found?.start ?? "unknown" };
}

/** Whether that process has certainly ended. Whatever can't be found out counts as alive. */
export async function hasEnded(process: { readonly pid: number; readonly start: string }): Promise<boolean> {
  return (await lookUp(process)) === "ended";
}

/** What can be said about a process of this machine for certain. */
export async function lookUp({
  pid,
  start,
}: {
  readonly pid: number;
  readonly start: string;
}): Promise<"lives" | "ended" | "unknown"> {
  try {
    const found = await readStat(pid);
    // With hidepid (proc(5)) other accounts' processes look absent: only the kernel's "no such process" counts.
    if (!found) return exists(pid) ? "unknown" : "ended";
    if (found.state === "Z" || (start !== "unknown" && found.start !== start)) return "ended";
    return start === "unknown" ? "unknown" : "lives";
  } catch (error) {
    if (["EACCES", "EPERM"].includes(systemCode(error) ?? "")) return "unknown";
    throw error;
  }
}

/** State and start time, fields 3 and 22 of proc(5)'s stat; the name before them may hold blanks and parentheses. */
async function readStat(pid: number): Promise<{ state: string; start: string } | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", start: fields[19] ?? "unknown" };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}

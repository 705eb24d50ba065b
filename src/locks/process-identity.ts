/**
 * Theory of operation: on the same machine one can know for certain, long before its lease ends, that a process is
 * gone. A process is identified by its machine (boot id and pid namespace: containers share a kernel, not their pids),
 * its pid, and its start time, since pids are reused.
 */
import { readFile, readlink } from "node:fs/promises";
import { systemCode } from "../base/errors.ts";

/** What identifies a process. */
export interface ProcessIdentity {
  /** Equal for processes that can look each other up. */
  readonly host: string;
  readonly pid: number;
  /** Start of the process, in ticks since boot. */
  readonly start: string;
}

/** The identity of this process. */
export async function identifyProcess(): Promise<ProcessIdentity> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  const namespace = await readlink("/proc/self/ns/pid");
  const found = await readStat(process.pid);
  return { host: `${boot.trim()} ${namespace}`, pid: process.pid, start: found?.start ?? "unknown" };
}

/** Whether a process has certainly ended; what can't be found out counts as alive. */
export async function hasEnded(process: { readonly pid: number; readonly start: string }): Promise<boolean> {
  return (await lookUp(process)) === "ended";
}

/** What is certain about a process of this machine. */
export async function lookUp({
  pid,
  start,
}: {
  readonly pid: number;
  readonly start: string;
}): Promise<"lives" | "ended" | "unknown"> {
  try {
    const found = await readStat(pid);
    // With hidepid (proc(5)) processes of other accounts look absent: only the kernel's "no such process" counts.
    if (!found) return exists(pid) ? "unknown" : "ended";
    if (found.state === "Z" || (start !== "unknown" && found.start !== start)) return "ended";
    return start === "unknown" ? "unknown" : "lives";
  } catch (error) {
    if (["EACCES", "EPERM"].includes(systemCode(error) ?? "")) return "unknown";
    throw error;
  }
}

/** State and start time, fields 3 and 22 of proc(5)'s stat; the name before them may contain blanks and parentheses. */
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

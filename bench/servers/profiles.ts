/** V8's CPU profiles of all processes of a server: one file each, named after what the process was. */
import { chown, mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Account } from "../base/child.ts";
import type { ProcessInfo } from "../base/proc.ts";

/** For the server's first process; those that it starts get them too (src/base/program-file.ts). */
export function profilingFlags(directory: string | undefined): readonly string[] {
  return directory === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${directory}`];
}

/** The server writes there, as its own account. */
export async function prepareProfileDirectory(directory: string, account: Account | undefined): Promise<void> {
  await mkdir(directory, { recursive: true });
  if (account) await chown(directory, account.uid, account.gid);
}

export interface Profiled {
  /** The first process. */
  readonly primary: number;
  /** It, and its workers. */
  readonly servers: readonly ProcessInfo[];
  readonly brokers: readonly ProcessInfo[];
}

/** Gives the files the names `primary-PID`, `worker-PID` and `broker-PID`, with `-thread-N` for those of their threads. To be called when the processes have ended: they write at their end. */
export async function nameProfiles(directory: string, { primary, servers, brokers }: Profiled): Promise<void> {
  const roles = new Map<string, string>([
    ...servers.map(({ pid }) => [String(pid), "worker"] as const),
    ...brokers.map(({ pid }) => [String(pid), "broker"] as const),
    [String(primary), "primary"],
  ]);
  for (const name of await readdir(directory)) {
    // CPU.DATE.TIME.PID.THREAD.NUMBER.cpuprofile
    const [, , , pid = "", thread = "0"] = name.split(".");
    const role = roles.get(pid);
    if (role === undefined || !name.startsWith("CPU.")) continue;
    const of = thread === "0" ? "" : `-thread-${thread}`;
    await rename(join(directory, name), join(directory, `${role}-${pid}${of}.cpuprofile`));
  }
}

import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { systemCode } from "../../base/errors.ts";
import { sessionOf } from "./processes.ts";

/**
 * Lower priority than the server's: whoever types must not wait for somebody's endless loop, nor a class that logs in
 * for its sixty Pythons to start. What the server leaves, programs may use.
 */
const niceness = 10;

/** Lowers the priority of a jail that was just started, and of everything that it starts. */
export function yieldToServer(pid: number): void {
  try {
    setPriority(pid, niceness);
  } catch (error) {
    if (systemCode(error) !== "ERR_SYSTEM_ERROR") throw error; // it has ended already
  }
}

/**
 * Lowers the priority of a jail's whole session: where the kernel groups processes by session (sched_autogroup_enabled,
 * sched(7)), a niceness counts only within a session, and each session gets the same share. False when it has to be
 * tried again: the kernel takes ten such changes a second from everybody together, and the jail must have its own
 * session already, otherwise ours would be lowered.
 */
export function sessionYields(pid: number): boolean {
  const session = sessionOf(pid);
  if (session === undefined) return true; // it has ended already
  if (session !== pid) return false;
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
    return true;
  } catch (error) {
    return systemCode(error) !== "EAGAIN"; // any other error: it has ended, or this kernel does not group
  }
}

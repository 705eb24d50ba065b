import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { systemCode } from "../../base/errors.ts";
import { sessionOf } from "./processes.ts";

/**
 * Behind the server: whoever types must not wait for somebody's endless loop, nor a class that logs in for its sixty Pythons to
 * start. Where the server leaves time, programs have all of it.
 */
const niceness = 10;

/** Lets a jail that was just started, and all that it starts, run after the server. */
export function yieldToServer(pid: number): void {
  try {
    setPriority(pid, niceness);
  } catch (error) {
    if (systemCode(error) !== "ERR_SYSTEM_ERROR") throw error; // it has ended already
  }
}

/**
 * Where the kernel groups processes by session (sched_autogroup_enabled, sched(7)), a niceness counts only within a session, and
 * each session gets the same share: so a jail's whole session yields as well. False when it has to be tried again: the kernel takes
 * ten such changes a second of everybody together, and the jail must have its session already, else it is ours that would yield.
 */
export function sessionYields(pid: number): boolean {
  const session = sessionOf(pid);
  if (session === undefined) return true; // it has ended already
  if (session !== pid) return false;
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
    return true;
  } catch (error) {
    return systemCode(error) !== "EAGAIN"; // else: it has ended, or this kernel does not group
  }
}

import { setPriority } from "node:os";
import { systemCode } from "../../base/errors.ts";

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

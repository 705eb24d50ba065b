/** Random early drop of connections that have not logged in, like OpenSSH's MaxStartups `start:rate:full`. */
import type { Socket } from "node:net";
import type { Clock } from "../base/clock.ts";

/** What those read who are refused. */
export const tooMany = "Too many people are logging in. Try again in a moment.";

export interface StartupLimits {
  /** Up to this many are all accepted. */
  readonly start: number;
  /** From then on this many per cent are refused, rising evenly to all of them at `full`. */
  readonly ratePercent: number;
  readonly full: number;
}

/** Whether one more connection is refused when `waiting` others have not logged in. `chance` is in [0, 1). */
export function refuseStartup(limits: StartupLimits, waiting: number, chance: number): boolean {
  if (waiting < limits.start) return false;
  if (waiting >= limits.full) return true;
  const rise = (waiting - limits.start) / (limits.full - limits.start);
  const percent = limits.ratePercent + (100 - limits.ratePercent) * rise;
  return chance * 100 < percent;
}

/** As sshd does it: a line before the protocol begins; OpenSSH shows it with -v. */
export function refuse(socket: Socket, text: string, clock: Clock): void {
  socket.on("error", () => socket.destroy());
  socket.resume();
  socket.end(`${text}\r\n`);
  const timer = clock.after(1000, () => socket.destroy());
  socket.once("close", () => timer[Symbol.dispose]());
}

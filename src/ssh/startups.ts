/** Random early drop of connections that have not logged in, like OpenSSH's MaxStartups `start:rate:full`. */
import type { Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import type { Settings } from "../config/schema.ts";
import { addressKey } from "../limits/address.ts";
import { RateLimiter } from "../limits/rate.ts";

/** What those read who are refused. */
const tooMany = "Too many people are logging in. Try again in a moment.";

const tooOften = "Too many connections from your address. Try again in a minute.";

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

/** Decides about newcomers before anything is read from them or computed for them. */
export class StartupGate {
  readonly #settings: Settings["ssh"];
  readonly #isTrusted: (address: string) => boolean;
  readonly #rate: RateLimiter;

  /** `isTrusted` tells the addresses of proxies: behind one are many people, and who they are is not known yet. */
  constructor(options: { readonly settings: Settings["ssh"]; readonly isTrusted: (address: string) => boolean; readonly clock: Clock }) {
    this.#settings = options.settings;
    this.#isTrusted = options.isTrusted;
    this.#rate = new RateLimiter({ perMinute: options.settings.connectionsPerMinute, clock: options.clock });
  }

  /** What to tell a newcomer who may not come in; undefined lets them in. `waiting` have not logged in yet. */
  refusal(address: string, waiting: number): string | undefined {
    if (!this.#isTrusted(address) && !this.#rate.take(addressKey(address)).allowed) return tooOften;
    return refuseStartup(this.#settings.maxStartups, waiting, Math.random()) ? tooMany : undefined;
  }
}

/** As sshd does it: a line before the protocol begins; OpenSSH shows it with -v. */
export function refuse(socket: Socket, text: string, clock: Clock): void {
  socket.on("error", () => socket.destroy());
  socket.resume();
  socket.end(`${text}\r\n`);
  const timer = clock.after(1000, () => socket.destroy());
  socket.once("close", () => timer[Symbol.dispose]());
}

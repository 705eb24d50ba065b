/** Waits for the machine to be at rest: the kernel takes minutes to clear away the jails of hundreds of people. */
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** Of all cores together. */
const busyShare = 0.05;
const lookMs = 3000;
const maxMs = 240_000;

/** Resolves with whether it came to rest, within four minutes. */
export async function machineAtRest(tell: (line: string) => void): Promise<boolean> {
  const end = performance.now() + maxMs;
  for (let told = false; ; told = true) {
    const before = total();
    await delay(lookMs);
    const now = total();
    const busy = (now.busy - before.busy) / (now.all - before.all);
    if (busy < busyShare) return true;
    if (performance.now() > end) return false;
    if (!told) tell(`waiting until the machine is at rest: it is busy to ${Math.round(busy * 100)} %\n`);
  }
}

/** Milliseconds of all cores since the boot. */
function total(): { readonly busy: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const idle = times.reduce((sum, each) => sum + each.idle, 0);
  const all = times.reduce((sum, { user, nice, sys, irq, idle: rest }) => sum + user + nice + sys + irq + rest, 0);
  return { busy: all - idle, all };
}

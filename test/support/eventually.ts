import { setTimeout as sleep } from "node:timers/promises";
import { patience } from "./patience.ts";

/** The longest pause between two looks, milliseconds. */
const longestPause = 200;

/**
 * Waits until `condition` holds; fails after `seconds`. For effects that announce themselves by no event. It looks every 5 ms, and less often
 * where a look takes long (a client that logs in, a long log): looks must not take the time from what they wait for.
 */
export async function eventually(condition: () => boolean | Promise<boolean>, seconds = patience): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const began = performance.now();
    if (await condition()) return;
    const now = performance.now();
    if (now > deadline) throw new Error(`not within ${seconds} s: ${condition.toString()}`);
    await sleep(Math.min(Math.max(5, 2 * (now - began)), longestPause));
  }
}

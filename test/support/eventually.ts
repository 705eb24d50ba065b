import { setTimeout as sleep } from "node:timers/promises";
import { patience } from "./patience.ts";

/** Waits until `condition` holds; fails after `seconds`. For effects that announce themselves by no event. */
export async function eventually(condition: () => boolean | Promise<boolean>, seconds = patience): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${condition.toString()}`);
    await sleep(5);
  }
}

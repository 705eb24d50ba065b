/** How the processes of a peer are measured: all below one, without jails. */
import { cpuSecondsNow, processTree, proportionalMemory } from "../base/proc.ts";
import type { BenchServer } from "./target.ts";

export function metersOf(pid: number): Pick<BenchServer, "meter" | "started" | "memory"> {
  return {
    async meter() {
      const tree = await processTree(pid);
      return async () => ({ cpuSeconds: await cpuSecondsNow(tree), cpuSecondsByPart: {} });
    },
    started: () => Promise.resolve({ cpuSeconds: 0, jails: 0 }),
    memory: async () => ({ own: await proportionalMemory(await processTree(pid)), jails: 0 }),
  };
}

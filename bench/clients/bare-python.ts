/** A small process that starts Python as a shell would: forking from a large one would be charged to Python. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { serveCalls } from "../base/worker.ts";

const calls = {
  /** Milliseconds from starting `python FILE` to its first output. */
  async run({ python, file }: { python: string; file: string }): Promise<number> {
    const begin = performance.now();
    const child = spawn(python, [file], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    const end = performance.now();
    await exited;
    return end - begin;
  },
};

export type BarePythonCalls = typeof calls;

serveCalls(calls);

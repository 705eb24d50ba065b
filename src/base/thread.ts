/** Threads that run a file of ours, compiled or not. */
import { readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker, type WorkerOptions } from "node:worker_threads";

/** A new thread, without our environment. A file that is not compiled needs tsx, which a thread does not inherit. */
export function startThread(file: URL, options: WorkerOptions): Worker {
  const alone: WorkerOptions = { ...options, env: {} };
  if (extname(fileURLToPath(file)) !== ".ts") return new Worker(file, alone);
  const tsx = import.meta.resolve("tsx/esm/api");
  const code = `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(file.href)}); })`;
  return new Worker(code, { ...alone, eval: true });
}

/** Niceness of threads that can wait: beside a thread that people wait for they get a quarter of a processor. */
const behind = 5;

/**
 * Lowers the priority of the calling thread below all threads that people wait for. On Linux a thread has its own
 * niceness, which setpriority(2) sets by the thread's number; /proc/thread-self leads to PID/task/NUMBER (proc(5)).
 */
export function runBehind(): void {
  if (isMainThread) return;
  const thread = Number(basename(readlinkSync("/proc/thread-self")));
  // A process that was started with a higher niceness (nice, a unit's Nice=) may not lower it.
  if (getPriority(thread) < behind) setPriority(thread, behind);
}

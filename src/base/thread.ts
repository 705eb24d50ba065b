/** Threads that run a file of ours, compiled or not. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";

/** Starts a thread, which gets nothing of our environment. A file that is not compiled needs tsx, which a thread does not inherit. */
export function startThread(file: URL, options: WorkerOptions): Worker {
  const alone: WorkerOptions = { ...options, env: {} };
  if (extname(fileURLToPath(file)) !== ".ts") return new Worker(file, alone);
  const tsx = import.meta.resolve("tsx/esm/api");
  const code = `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(file.href)}); })`;
  return new Worker(code, { ...alone, eval: true });
}

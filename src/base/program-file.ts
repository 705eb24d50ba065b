/** Where our own programs and threads are. */
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A program to start with Node.js. */
export interface ProgramFile {
  readonly file: URL;
  /** Arguments that Node.js needs to run it: tsx for a file that is not compiled; and those that this process is profiled with. */
  readonly execArgv: readonly string[];
}

/** Whoever profiles a process (`node --cpu-prof`) wants to see those that it starts, too. */
const profiling = process.execArgv.filter((flag) => flag.startsWith("--cpu-prof"));

let root = new URL("../", import.meta.url);
let extension = extname(fileURLToPath(import.meta.url));

/** The program of a path in src/, without `.ts`; compiled if this file is. */
export function programFile(name: string): ProgramFile {
  return {
    file: new URL(name + extension, root),
    execArgv: [...profiling, ...(extension === ".ts" ? ["--import", import.meta.resolve("tsx")] : [])],
  };
}

/**
 * For tests, which run uncompiled: from now on programs start as they are in this build, which takes a third of the
 * time.
 */
export function startFromBuild(directory: string): void {
  root = pathToFileURL(`${directory}/`);
  extension = ".js";
}

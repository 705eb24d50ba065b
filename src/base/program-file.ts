/** Where our own programs and threads are. */
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A program to start with Node.js. */
export interface ProgramFile {
  readonly file: URL;
  /** Arguments that Node.js needs to run it: tsx for a file that is not compiled. */
  readonly execArgv: readonly string[];
}

let root = new URL("../", import.meta.url);
let extension = extname(fileURLToPath(import.meta.url));

/** The program of a path in src/, without `.ts`; compiled if this file is. */
export function programFile(name: string): ProgramFile {
  return {
    file: new URL(name + extension, root),
    execArgv: extension === ".ts" ? ["--import", import.meta.resolve("tsx")] : [],
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

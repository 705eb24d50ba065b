/** Where the programs and threads are that we start of our own. */
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface ProgramFile {
  readonly file: URL;
  /** What Node.js needs to run it: tsx for a file that is not compiled. */
  readonly execArgv: readonly string[];
}

let root = new URL("../", import.meta.url);
let extension = extname(fileURLToPath(import.meta.url));

/** A file of src/ by its path there, without `.ts`; compiled when this one is. */
export function programFile(name: string): ProgramFile {
  return {
    file: new URL(name + extension, root),
    execArgv: extension === ".ts" ? ["--import", import.meta.resolve("tsx")] : [],
  };
}

/** For tests, which run what is not compiled: from now on programs are started as they are in this build, which takes a third of the time. */
export function startFromBuild(directory: string): void {
  root = pathToFileURL(`${directory}/`);
  extension = ".js";
}

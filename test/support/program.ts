/** The words with which tests start classh's own programs as processes, behind those of Node.js. */
import { fileURLToPath } from "node:url";

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** A file of src/, by its path in there without `.ts`: as bin/test has built it a moment ago (half the work at each start), else as it is. */
export function programWords(name: string): readonly string[] {
  if (process.env.TEST_BUILT === "yes") return [path(`dist/${name}.js`)];
  return ["--import", import.meta.resolve("tsx"), path(`src/${name}.ts`)];
}

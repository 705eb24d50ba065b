/** The words with which tests start classh's own programs as processes, behind those of Node.js. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** What Node.js needs before a file of the checkout: tsx, unless scripts/translate-tests.mjs has translated them all. */
export const loader: readonly string[] = import.meta.url.endsWith(".ts")
  ? ["--import", import.meta.resolve("tsx")]
  : [];

/** A file of src/, by its path in there without `.ts`: as bin/test has built it a moment ago (half the work at each start), else as it is. */
export function programWords(name: string): readonly string[] {
  if (process.env.TEST_BUILT === "yes") return [path(`dist/${name}.js`)];
  return [...loader, path(`src/${name}${extname(import.meta.url)}`)];
}

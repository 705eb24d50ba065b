/** Copies what is not TypeScript from src/ to the build: `copy-assets.mjs [BUILD]`, dist by default. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");
const build = join(root, process.argv[2] ?? "dist");

for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.name.endsWith(".ts") || entry.name === "tsconfig.json") continue;
  const from = join(entry.parentPath, entry.name);
  const to = join(build, from.slice(source.length));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

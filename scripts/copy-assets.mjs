/** Copies what is not TypeScript from src/ to the build: `copy-assets.mjs [BUILD [ROOT]]`, dist of this checkout by default. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = process.argv[3] ?? fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");
const build = resolve(root, process.argv[2] ?? "dist");

for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.name.endsWith(".ts") || entry.name === "tsconfig.json") continue;
  const from = join(entry.parentPath, entry.name);
  const to = join(build, from.slice(source.length));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

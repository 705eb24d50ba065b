/**
 * Translates src/, test/, bench/ and scripts/ for a run of the whole suite: `translate-tests.mjs DIRECTORY` makes a checkout there in which the
 * JavaScript of each file lies beside it; what is built or installed is a link to this one, all else a copy, since a test may write to it. Five
 * runs of mocha and every program that a test starts would translate the same files again: with tsx a start costs four times the processor time.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = resolve(process.argv[2] ?? "");
const translated = ["bench", "scripts", "src", "test"];
/** What else tests read. Other folders are somebody's own: a server's data, say, which is copied nowhere. */
const copied = [".ci", "bin", "completion", "config", "deploy", "docs", "man", "migrations"];
/** Large, and never written to by a test. */
const linked = ["dist", "node_modules"];

mkdirSync(output, { recursive: true });
for (const entry of readdirSync(root, { withFileTypes: true })) {
  const { name } = entry;
  const isOurs = translated.includes(name) || copied.includes(name) || (entry.isFile() && name !== ".mocharc.json");
  if (linked.includes(name)) symlinkSync(join(root, name), join(output, name));
  else if (isOurs) cpSync(join(root, name), join(output, name), { recursive: true });
}

const entryPoints = translated.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file)),
);
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints,
  outbase: root,
  outdir: output,
  format: "esm",
  target: "node20.11",
  sourcemap: "inline",
  sourcesContent: false,
  logLevel: "warning",
  write: false,
});
for (const { path, text } of outputFiles) writeFileSync(path, withNames(text));

const {
  "node-option": options,
  require: hooks,
  ...rest
} = JSON.parse(readFileSync(join(root, ".mocharc.json"), "utf8"));
const plain = {
  ...rest,
  "node-option": options.filter((option) => !option.includes("tsx")),
  require: hooks.map((file) => file.replace(/\.ts$/, ".js")),
};
writeFileSync(join(output, ".mocharc.json"), JSON.stringify(plain));

/** Imports, and the programs and threads that are started, by their new names: of the same length, as the source map wants it. */
function withNames(text) {
  return text.replace(/((?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*"[^"]*)\.ts"(?=[;),]| with)/g, '$1.js"');
}

/**
 * Builds what runs: `build.mjs [BUILD]`, dist of this checkout by default. Types are not checked here (`npm run typecheck` does).
 * The files of src/ are bundled, since finding and linking 500 of them took a third of a worker's start (1.2 s of processor time, now 0.8);
 * a line of a stack trace is found by the comment with the file's name above its code. What is no TypeScript is copied beside.
 */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");
const output = resolve(root, process.argv[2] ?? "dist");

/** What is started as a process or a thread of its own. */
const entries = [
  "cli",
  "server/worker",
  "server/quota-limits",
  "server/privileged-port",
  "runner/broker",
  "runner/broker/counting-thread",
  "workspace/tree-thread",
  "courses/checks/pattern-thread",
  "session/picture-thread",
];
/** Packages of many ES modules, taken into the bundle; all others stay packages, as many of them look for files beside their own. */
const inlined = /^(zod|@codemirror\/|@noble\/|@lezer\/)/;
/** Stands for the way from an output file to the build's directory, which is known only when the files are laid out. */
const toBuild = "@to-build@/";

const plugin = {
  name: "classh",
  setup(build) {
    // What comes from a package is found as that package finds it; of ours only the names in `inlined` are not left as packages.
    build.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) =>
      kind === "entry-point" || relative(root, importer).startsWith("node_modules/") || inlined.test(path)
        ? undefined
        : { path, external: true },
    );
    // A file of ours finds what lies beside it by its own place in src/, not by the bundle's.
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const own = relative(source, path).replaceAll(sep, "/").replace(/\.ts$/, ".js");
      return {
        loader: "ts",
        contents: text.replaceAll("import.meta.url", `new URL("${own}", new URL("${toBuild}", import.meta.url)).href`),
      };
    });
  },
};

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: entries.map((entry) => ({ in: `src/${entry}.ts`, out: entry })),
  outdir: output,
  bundle: true,
  splitting: true,
  chunkNames: "parts/[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20.11",
  logLevel: "warning",
  write: false,
  plugins: [plugin],
});

for (const { path, text } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text.replaceAll(toBuild, `${relative(dirname(path), output).replaceAll(sep, "/") || "."}/`));
}
for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || entry.name.endsWith(".ts") || entry.name === "tsconfig.json") continue;
  const from = join(entry.parentPath, entry.name);
  const to = join(output, from.slice(source.length));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

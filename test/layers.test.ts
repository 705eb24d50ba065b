/** Holds the table of ARCHITECTURE.md: who may import whom, and which library has one home. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src", import.meta.url));

/** Folder -> folders that it may import, besides itself. Files directly in src/ wire everything and may import all. */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  editor: [],
  config: ["base"],
  db: ["base", "config"],
  auth: ["base", "config", "db"],
  limits: ["base", "config", "db"],
  locks: ["base", "config", "db"],
  workspace: ["base", "config", "db"],
  runner: ["base", "config", "db"],
  classroom: ["base", "config", "db", "auth"],
  cluster: ["base", "config", "db", "locks", "classroom", "ssh"],
  session: ["base", "config", "editor", "auth", "limits", "locks", "workspace", "runner", "classroom"],
  commands: ["base", "config", "db", "editor", "auth", "limits", "locks", "cluster", "workspace", "runner", "classroom", "session"],
  tui: ["base", "config", "editor", "auth", "limits", "locks", "workspace", "runner", "classroom", "session", "commands"],
  ssh: ["base", "config", "auth", "limits"],
};

/** Library -> the only folder that may import it. */
const homes: Readonly<Record<string, string>> = {
  blessed: "tui",
  ssh2: "ssh",
  "@noble": "ssh",
  tweetnacl: "ssh",
  pg: "db",
  "node-pg-migrate": "db",
  "node-pty": "runner",
  bcrypt: "auth",
  diff: "session",
  chokidar: "workspace",
  winston: "base",
  zod: "config",
  "csv-parse": "commands",
  "csv-stringify": "commands",
  yaml: "config",
};

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
}

describe("layers", () => {
  const imports = files(source).flatMap(importsOf);

  it("finds the imports it judges", () => {
    assert.ok(imports.length > 200, `only ${imports.length} imports found`);
    const folders = new Set(imports.map(({ folder }) => folder).filter(Boolean));
    assert.deepEqual([...folders].filter((folder) => !(folder in layers)), [], "folders that the table does not know");
  });

  it("is told in ARCHITECTURE.md, which names every folder", () => {
    const map = readFileSync(new URL("../ARCHITECTURE.md", import.meta.url), "utf8");
    assert.deepEqual(Object.keys(layers).filter((folder) => !map.includes(`| \`src/${folder}/\` |`)), []);
  });

  it("lets each folder import only the folders below it", () => {
    const wrong = imports.filter(({ file, folder, target }) => {
      if (!folder || !target.startsWith(".")) return false;
      const to = folderOf(resolve(dirname(join(source, file)), target));
      return to !== folder && !layers[folder]?.includes(to);
    });
    assert.deepEqual(wrong.map(describeImport), []);
  });

  it("keeps each library in its one folder", () => {
    const wrong = imports.filter(({ folder, target }) => {
      const home = homes[target.split("/")[0] ?? ""];
      return home !== undefined && home !== folder;
    });
    assert.deepEqual(wrong.map(describeImport), []);
  });

  it("keeps the editor free of everything but CodeMirror", () => {
    const wrong = imports.filter(({ folder, target }) => folder === "editor" && !target.startsWith(".") && !target.startsWith("@codemirror/"));
    assert.deepEqual(wrong.map(describeImport), []);
  });

  it("reads the environment in config only", () => {
    const wrong = files(source).filter((file) => !file.startsWith("config/") && /\bprocess\.env\b/.test(code(file)));
    assert.deepEqual(wrong, []);
  });
});

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
}

function code(file: string): string {
  return readFileSync(join(source, file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

function importsOf(file: string): Import[] {
  const found = code(file).matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...found].map((match) => ({ file, folder: folderOf(join(source, file)), target: match[1] ?? "" }));
}

/** "" for files directly in src/. */
function folderOf(path: string): string {
  const parts = relative(source, path).split("/");
  return parts.length > 1 ? (parts[0] ?? "") : "";
}

function describeImport({ file, target }: Import): string {
  return `${file} imports ${target}`;
}

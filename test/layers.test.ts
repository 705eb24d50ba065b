/** Holds the table of ARCHITECTURE.md: who may import whom, and which library has one home. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { layers, screens, withImports } from "./layers.ts";
import { circles } from "./support/circles.ts";

const source = fileURLToPath(new URL("../src", import.meta.url));

/** Library -> the only folder that may import it. */
const homes: Readonly<Record<string, string | readonly string[]>> = {
  blessed: "terminal",
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
  // Schemas: of settings, and of assignments.
  zod: ["config", "courses"],
  "temporal-polyfill": "courses",
  "csv-parse": "commands",
  "pg-copy-streams": "db",
  "csv-stringify": "commands",
  yaml: "config",
  "prom-client": "metrics",
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
    assert.deepEqual(
      [...folders].filter((folder) => !(folder in layers)),
      [],
      "folders that the table does not know",
    );
  });

  it("is told in ARCHITECTURE.md: every folder in this order, with what it may import", () => {
    const map = readFileSync(new URL("../ARCHITECTURE.md", import.meta.url), "utf8");
    const told = [...map.matchAll(/^\| `src\/(\w+)\/` \|/gm)].map(([, folder]) => folder);
    assert.deepEqual(told, Object.keys(layers));
    assert.equal(map, withImports(map), "npm run docs writes the column");
  });

  it("finds every file and folder that ARCHITECTURE.md names, and every member of a file", () => {
    const map = readFileSync(new URL("../ARCHITECTURE.md", import.meta.url), "utf8");
    const root = fileURLToPath(new URL("..", import.meta.url));
    const named = [...new Set([...map.matchAll(/`([a-z]+\/[\w./-]+)`/g)].map(([, name = ""]) => name))];
    const ours = named.filter(
      (name) => (name.split("/")[0] ?? "") in layers || existsSync(join(root, name.split("/")[0] ?? "")),
    );
    assert.ok(ours.length > 150, `only ${ours.length} names found`);
    assert.deepEqual(
      ours.filter((name) => !isThere(root, name)),
      [],
      "the page names what is not there",
    );
  });

  it("has no arrow back: each folder stands above all that it may import", () => {
    const order = Object.keys(layers);
    assert.deepEqual(
      Object.entries(layers).flatMap(([folder, below]) =>
        below.filter((each) => order.indexOf(each) < order.indexOf(folder)).map((each) => `${folder} -> ${each}`),
      ),
      [],
    );
  });

  it("lets each folder import only the folders below it", () => {
    const wrong = imports.filter(({ file, folder, target }) => {
      if (!folder || !target.startsWith(".")) return false;
      const to = folderOf(resolve(dirname(join(source, file)), target));
      return to !== folder && !layers[folder]?.includes(to);
    });
    assert.deepEqual(wrong.map(describeImport), []);
  });

  it("lets what draws a session, a class and somebody else's screen stand side by side", () => {
    const room = (path: string): string => path.split("/")[1] ?? "";
    const inside = imports
      .filter(({ folder, target }) => folder === "tui" && target.startsWith("."))
      .map((each) => ({ ...each, from: each.file.split("/").length > 2 ? room(each.file) : "" }));
    const wrong = inside.filter(({ file, from, target }) => {
      const path = relative(source, resolve(dirname(join(source, file)), target));
      if (from === "" || !path.startsWith("tui/")) return false;
      const to = path.split("/").length > 2 ? room(path) : "";
      return to !== from && !screens[from]?.includes(to);
    });
    assert.deepEqual(wrong.map(describeImport), []);
    assert.deepEqual(
      [...new Set(inside.map(({ from }) => from))].filter((from) => from !== "" && !(from in screens)),
      [],
      "rooms that the table does not know",
    );
  });

  it("finds circles of any length", () => {
    const arrows = new Map([
      ["a", ["b", "d"]],
      ["b", ["c"]],
      ["c", ["a"]],
      ["d", ["e", "d"]],
      ["e", []],
    ]);
    assert.deepEqual(new Set(circles(arrows).map((circle) => circle.toSorted().join(" "))), new Set(["a b c", "d"]));
  });

  it("has no circle of imports between files, of types neither", () => {
    const arrows = new Map(files(source).map((file): [string, string[]] => [file, []]));
    for (const { file, target } of imports)
      if (target.startsWith("."))
        arrows.get(file)?.push(relative(source, resolve(dirname(join(source, file)), target)));
    assert.deepEqual(circles(arrows), []);
  });

  it("keeps each library in its one folder", () => {
    const wrong = imports.filter(({ folder, target }) => {
      const home = homes[target.split("/")[0] ?? ""];
      return home !== undefined && ![home].flat().includes(folder);
    });
    assert.deepEqual(wrong.map(describeImport), []);
  });

  it("keeps the editor free of every package but CodeMirror", () => {
    const wrong = imports.filter(
      ({ folder, target }) => folder === "editor" && !target.startsWith(".") && !target.startsWith("@codemirror/"),
    );
    assert.deepEqual(wrong.map(describeImport), []);
  });

  it("has one place for what each module would else do for itself", () => {
    const places = (pattern: RegExp): readonly string[] =>
      files(source)
        .filter((file) => pattern.test(code(file)))
        .toSorted();
    assert.deepEqual(places(/lastIndexOf\("\/"\)/), ["workspace/paths.ts"], "a name or a folder off a path");
    assert.deepEqual(places(/\bclass FrameReader\b/), ["base/frame-reader.ts"]);
    assert.deepEqual(places(/`classh: \$\{\w*message/), ["base/error-report.ts"], "words of an error");
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

/** A path from the root or from src/, with or without its ending, perhaps with a member: "session/session-registry", "front/login.authenticated". */
function isThere(root: string, name: string): boolean {
  const paths = [join(root, name), join(source, name), join(source, `${name}.ts`)];
  if (paths.some((path) => existsSync(path))) return true;
  const [, file, member] = /^(.+)\.(\w+)$/.exec(name) ?? [];
  const path = join(source, `${file}.ts`);
  return file !== undefined && existsSync(path) && new RegExp(`\\b${member}\\b`).test(readFileSync(path, "utf8"));
}

/** "" for files directly in src/. */
function folderOf(path: string): string {
  const parts = relative(source, path).split("/");
  return parts.length > 1 ? (parts[0] ?? "") : "";
}

function describeImport({ file, target }: Import): string {
  return `${file} imports ${target}`;
}

/** Who may import whom: layers.test.ts holds it, and the column of ARCHITECTURE.md is made of it. */

/** Folder -> folders that it may import, besides itself. The one file directly in src/ is where everything begins, and may import all. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  server: [
    "front",
    "tui",
    "commands",
    "session",
    "cluster",
    "courses",
    "classroom",
    "ssh",
    "auth",
    "locks",
    "workspace",
    "runner",
    "limits",
    "backup",
    "metrics",
    "db",
    "config",
    "editor",
    "terminal",
    "base",
  ],
  front: [
    "tui",
    "commands",
    "session",
    "cluster",
    "classroom",
    "ssh",
    "auth",
    "locks",
    "workspace",
    "runner",
    "limits",
    "config",
    "editor",
    "terminal",
    "base",
  ],
  tui: [
    "commands",
    "session",
    "classroom",
    "auth",
    "locks",
    "workspace",
    "runner",
    "limits",
    "config",
    "editor",
    "terminal",
    "base",
  ],
  commands: [
    "session",
    "cluster",
    "courses",
    "classroom",
    "auth",
    "locks",
    "workspace",
    "runner",
    "limits",
    "backup",
    "db",
    "config",
    "editor",
    "base",
  ],
  session: ["classroom", "auth", "locks", "workspace", "runner", "limits", "config", "editor", "base"],
  cluster: ["classroom", "ssh", "locks", "metrics", "db", "config", "base"],
  courses: ["auth", "workspace", "runner", "db", "config", "base"],
  classroom: ["auth", "db", "config", "base"],
  ssh: ["auth", "limits", "config", "base"],
  auth: ["db", "config", "base"],
  locks: ["db", "config", "base"],
  workspace: ["db", "config", "base"],
  runner: ["db", "config", "base"],
  limits: ["db", "config", "base"],
  backup: ["db", "config", "base"],
  metrics: ["base"],
  db: ["config", "base"],
  config: ["base"],
  editor: ["base"],
  terminal: ["base"],
  base: [],
};

/** The same inside src/tui/, whose own files may import all of it. */
export const screens: Readonly<Record<string, readonly string[]>> = {
  client: ["inbox", "parts", "views"],
  class: ["inbox", "parts", "views"],
  watch: ["inbox", "parts", "views"],
  reports: ["parts", "views"],
  inbox: ["parts", "views"],
  parts: ["views"],
  views: [],
};

/** ARCHITECTURE.md with what each folder may import in the last column of its row. */
export function withImports(map: string): string {
  return map.replace(/^(\| `src\/(\w+)\/` \| .* \|) [^|]* \|$/gm, (row, before: string, folder: string) => {
    const below = layers[folder];
    return below
      ? `${before} ${below.join(", ") || "nothing"}${folder === "editor" ? ", `@codemirror/*`" : ""} |`
      : row;
  });
}

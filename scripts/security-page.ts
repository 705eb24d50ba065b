/** docs/security.md: what was tried against a server, from the tests that try it. */
import { readdir } from "node:fs/promises";
import { attackAreas, attacks, type AttackFacts } from "../test/attacks/attack.ts";

const directory = new URL("../test/attacks/", import.meta.url);

const titles: Readonly<Record<AttackFacts["area"], string>> = {
  jail: "From inside the jail",
  disk: "Against the disk",
  output: "Through what a program prints",
  connection: "From a connection that is logged in",
  login: "Before login",
  permissions: "From somebody with an account",
  files: "Against the server's own file access",
  faults: "Faults of the machine",
};

/** Loads the tests of test/attacks/ without running any, and makes the page from what they declare. */
export async function securityPage(note: string): Promise<string> {
  declareOnly();
  const files = (await readdir(directory)).filter((name) => name.endsWith(".test.ts")).sort();
  for (const name of files) await import(new URL(name, directory).href);
  const tables = attackAreas.map((area) => [area, rowsOf(area)] as const).filter(([, rows]) => rows.length > 0);
  return [
    `# Security\n\n${note}Each row is a test in test/attacks/, which \`bin/test\` runs. Where the outcome depends on the machine, or on how the server was started, the row says so; \`classh doctor\` shows what applies to yours.\n`,
    ...tables.map(
      ([area, rows]) =>
        `## ${titles[area]}\n\n| attack | what happens | where | elsewhere |\n| --- | --- | --- | --- |\n${rows.join("")}`,
    ),
  ].join("\n");
}

/** One row for each attack, however many modes it is tried in. */
function rowsOf(area: AttackFacts["area"]): string[] {
  const rows = attacks
    .filter((facts) => facts.area === area)
    .map(({ attack, outcome, holds = "always", otherwise = "" }) => {
      return `| ${[attack, outcome, holds, otherwise].map(cell).join(" | ")} |\n`;
    });
  return [...new Set(rows)];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Mocha's functions for a file that is only to be read: suites are entered, tests and hooks are not run. */
function declareOnly(): void {
  Object.assign(globalThis, {
    describe: enter,
    it: pass,
    before: pass,
    after: pass,
    beforeEach: pass,
    afterEach: pass,
  });
}

function enter(_title: string, body: () => void): void {
  body();
}

function pass(): void {
  // Not run.
}

/**
 * Records every SQL statement that a release sends, for test/db/two-steps.test.ts, which prepares them in the newest schema:
 *
 *   node scripts/record-statements.mjs CHECKOUT [TEST ...] > test/db/released-statements.json
 *
 * runs those tests of the release's checkout (by default all that reach the database) with this file loaded before them. To be done once for
 * each release, when it is made, and not as root, whom PostgreSQL refuses.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const file = process.env.RECORD_STATEMENTS;
const areas = ["auth", "classroom", "cluster", "commands", "front", "life", "limits", "locks", "session", "workspace"];
/** What has no meaning without a transaction or a table that was made a moment ago; PREPARE takes nothing else either. */
const prepared = /^\s*(SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|VALUES)\b/i;

if (file) record(file);
else main();

/** Notes what the program's own modules send; what its tests send by themselves is no matter. */
function record(output) {
  const { Client } = createRequire(join(process.cwd(), "package.json"))("pg");
  const { query } = Client.prototype;
  const seen = new Set();
  Error.stackTraceLimit = 40;
  Client.prototype.query = function (text, ...rest) {
    const words = typeof text === "string" ? text : text?.text;
    if (typeof words === "string" && prepared.test(words) && !seen.has(words) && sentByProgram(new Error().stack)) {
      seen.add(words);
      appendFileSync(output, `${JSON.stringify(words)}\n`);
    }
    return query.call(this, text, ...rest);
  };
}

/** Whether the nearest caller outside of db/ is the program's. */
function sentByProgram(stack = "") {
  const caller = stack.split("\n").find((line) => /\/(src|test|bench)\//.test(line) && !line.includes("/src/db/"));
  return caller !== undefined && caller.includes("/src/");
}

function main() {
  const [place = "", ...tests] = process.argv.slice(2);
  const checkout = resolve(place);
  const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const scratch = mkdtempSync(join(tmpdir(), "classh-statements-"));
  const raw = join(scratch, "statements");
  writeFileSync(raw, "");
  const self = fileURLToPath(import.meta.url);
  const files = tests.length > 0 ? tests : areas.map((area) => `test/${area}/**/*.test.ts`);
  const { status } = spawnSync("npx", ["mocha", ...files], {
    cwd: checkout,
    stdio: ["ignore", process.stderr, process.stderr],
    env: { ...process.env, RECORD_STATEMENTS: raw, NODE_OPTIONS: `--import ${self}` },
  });
  const texts = readFileSync(raw, "utf8").split("\n").filter(Boolean);
  const statements = [...new Set(texts.map((text) => String(JSON.parse(text)).trim()))].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
  rmSync(scratch, { recursive: true });
  process.stdout.write(`${JSON.stringify({ release: version, statements }, null, 2)}\n`);
  process.stderr.write(`${statements.length} statements of ${version}; the tests ended with status ${status}\n`);
}

/** Every table has one module that reads and writes it; others ask that module, or join what it offers for joins. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src", import.meta.url));
const migrations = fileURLToPath(new URL("../migrations", import.meta.url));

/** Table -> the one module with its SQL. Functions of the database (migrations/) have an owner as well. */
const owners: Readonly<Record<string, string>> = {
  hands: "classroom/hands.ts",
  messages: "classroom/messages.ts",
  usage_days: "classroom/usage-table.ts",
  live_sessions: "cluster/session-table.ts",
  node_endpoints: "cluster/session-table.ts",
  session_claim: "cluster/session-table.ts",
  session_surplus: "cluster/session-table.ts",
  session_update: "cluster/session-table.ts",
  node_lease: "locks/node-lease-table.ts",
  lock_beat: "locks/node-lease-table.ts",
  locks: "locks/lock-table.ts",
  lock_waiters: "locks/lock-table.ts",
  lock_acquire: "locks/lock-table.ts",
  lock_release: "locks/lock-table.ts",
  lock_sweep: "locks/lock-table.ts",
  lock_withdraw: "locks/lock-table.ts",
  lock_fence: "locks/fence.ts", // in the transaction of a write
  login_failures: "limits/login-failures-table.ts",
  rate_limits: "limits/rate-limits-table.ts",
  users: "auth/users-table.ts",
  user_keys: "auth/account-keys.ts",
  sections: "auth/sections-table.ts",
  section_staff: "auth/sections-table.ts",
  former_names: "auth/audit.ts",
  audit_log: "auth/audit.ts",
  audit_anchor: "auth/audit-chain.ts",
  audit_head: "auth/audit-chain.ts",
  audit_prune: "auth/audit-retention.ts",
  host_keys: "auth/host-key-history.ts",
  migration_checksums: "db/migrate.ts",
  schema_record: "db/schema-record.ts",
};

/** Who else names a table, and why it can't ask the owner. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  live_sessions: {
    "classroom/presence.ts":
      "who is here is read in one statement with the class and its hands, twice a second; its owner stands above",
  },
  migration_checksums: {
    "db/copy-database.ts": "a copy must name the migrations of the very moment at which it was made",
  },
  audit_log: { "auth/audit-chain.ts": "the chain is checked in one statement with its two ends" },
};

/** Called by other functions and by triggers only. */
const internal = new Set([
  "lock_enter",
  "lock_grant_next",
  "lock_notify",
  "audit_append",
  "audit_hash",
  "audit_move_anchor",
  "audit_move_head",
  "audit_refuse",
  "audit_remove",
  "follow_rename",
]);

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({
    file,
    text: readFileSync(join(source, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ""),
  }));

describe("tables", () => {
  const names = [...tablesAndFunctions(), "migration_checksums"];
  const uses = new Map(names.map((name) => [name, filesNaming(name)]));

  it("are found in the SQL", () => {
    const unused = names.filter((name) => uses.get(name)?.length === 0 && !internal.has(name));
    assert.deepEqual(unused, []);
  });

  it("are named in the SQL of one module each, but for what is explained", () => {
    const wrong = [...uses].flatMap(([name, files]) => {
      const allowed = [owners[name], ...Object.keys(exceptions[name] ?? {})];
      return files.filter((file) => !allowed.includes(file)).map((file) => `${name} in ${file}`);
    });
    assert.deepEqual(wrong, []);
  });

  it("have no exception that nobody needs", () => {
    const needless = Object.entries(exceptions).flatMap(([name, files]) =>
      Object.keys(files).filter((file) => !uses.get(name)?.includes(file)),
    );
    assert.deepEqual(needless, []);
  });
});

function tablesAndFunctions(): readonly string[] {
  const text = readdirSync(migrations)
    .map((file) => readFileSync(join(migrations, file), "utf8").replaceAll(/--.*$/gm, ""))
    .join("\n");
  return [
    ...new Set(
      [...text.matchAll(/\bCREATE (?:OR REPLACE )?(?:UNLOGGED )?(?:TABLE|FUNCTION) (\w+)/g)].map(
        ([, name = ""]) => name,
      ),
    ),
  ];
}

/** SQL is written with its words in capitals. */
function filesNaming(name: string): readonly string[] {
  const table = new RegExp(
    `\\b(?:FROM|JOIN|INTO|UPDATE|USING|TABLE|ONLY|TRUNCATE)\\s+"?${name}\\b(?!")|\\b${name}\\(\\$|\\bSELECT ${name}\\(`,
  );
  return files.filter(({ text }) => table.test(text)).map(({ file }) => file);
}

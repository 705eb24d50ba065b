/** Tries every command and every file operation as every role, and compares what happens with docs/roles.md. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import type { Account } from "../../src/auth/account.ts";
import { roles, type Role } from "../../src/auth/roles.ts";
import { Emitter } from "../../src/base/events.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { commands, execute } from "../../src/commands/command-registry.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";
import { auditedElsewhere, readsOnly, tries, withoutSample } from "./every-command.ts";
import { differences, parseShape } from "../support/shape.ts";

const page = readFileSync(new URL("../../docs/roles.md", import.meta.url), "utf8");

/** The rows of a table of docs/roles.md: the first word in code, then a cell for each role. */
function table(title: string): ReadonlyMap<string, Readonly<Record<Role, string>>> {
  const [, section = ""] = page.split(`## ${title}\n`);
  const rows = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| `"));
  return new Map(
    rows.map((row) => {
      const [name = "", ...cells] = row
        .split("|")
        .map((cell) => cell.trim())
        .filter(Boolean);
      return [
        name.replace(/^`([^`]+)`.*$/, "$1"),
        Object.fromEntries(roles.map((role, at) => [role, cells[at] ?? ""])) as Record<Role, string>,
      ];
    }),
  );
}

/** One of each role, who asks. tia teaches section A; ada and alan are in it, grace is in B. */
const people: Readonly<Record<Role, string>> = { student: "alan", ta: "tia", professor: "prof", admin: "boss" };

/** For each word of the page: about whom a command is allowed, and about whom not. */
const reaches: Readonly<
  Record<string, Readonly<Record<Role, { readonly yes: readonly string[]; readonly no: readonly string[] }>>>
> = {
  "own sections": everyRole({ yes: ["ada"], no: ["grace"] }),
  "own teachers": everyRole({ yes: ["tia"], no: ["ada", "boss"] }),
  "lower roles": {
    student: { yes: [], no: ["ada"] },
    ta: { yes: ["ada"], no: ["tom"] },
    professor: { yes: ["ada", "grace", "tia"], no: ["pia", "boss"] },
    admin: { yes: ["ada", "grace", "prof"], no: ["root"] },
  },
  yes: everyRole({ yes: ["ada", "grace"], no: [] }),
};

function everyRole<T>(value: T): Readonly<Record<Role, T>> {
  return { student: value, ta: value, professor: value, admin: value };
}

describe("every command", () => {
  let server: TestServer;
  const windows: TerminalClient[] = [];

  before(async () => {
    server = await testServer({ "limits.commandsPerMinute": 10_000 });
    const { sections } = server.server.services.accounts;
    for (const name of ["A", "B", "D"]) await sections.add(name, {});
    const members: readonly (readonly [string, Role, string?])[] = [
      ["ada", "student", "A"],
      ["alan", "student", "A"],
      ["grace", "student", "B"],
      ["leaver", "student", "B"],
      ["tia", "ta", "A"],
      ["tom", "ta", "B"],
      ["prof", "professor", "A"],
      ["pia", "professor"],
      ["boss", "admin"],
      ["root", "admin"],
    ];
    for (const [name, role, section] of members) await server.add(name, role, section);
    for (const name of ["ada", "grace", "leaver"]) windows.push(await server.connect(name));
    await Promise.all(windows.map((window) => window.wait("F1 Help")));
  });
  after(async () => {
    for (const window of windows) await window.close();
    await server[Symbol.asyncDispose]();
  });

  /** Runs a line inside the server as the edge does, but for the connection. */
  async function run(username: string, line: string, stdin = "", more: Partial<Account> = {}) {
    const { services } = server.server;
    const account = { ...((await services.accounts.find(username)) ?? assert.fail(username)), ...more };
    const output = { stdout: "", stderr: "" };
    const collect = (stream: "stdout" | "stderr") =>
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          output[stream] += chunk.toString();
          done();
        },
      });
    const { status } = await execute(line, {
      account,
      address: "198.51.100.7",
      services,
      stdin: Readable.from([Buffer.from(stdin)]),
      stdout: collect("stdout"),
      stderr: collect("stderr"),
      onSignal: new Emitter<string>().on,
      closed: new AbortController().signal,
      log: silentLog,
    });
    return { status, ...output };
  }

  async function attempt(username: string, name: string, person = "ada", more: Partial<Account> = {}) {
    const { line, stdin, before: first = [] } = tries[name] ?? assert.fail(name);
    for (const [who, what] of first) await run(who, what);
    return await run(username, line.replace("@", person), stdin, more);
  }

  it("is tried here and stands in docs/roles.md", () => {
    const names = commands.map(({ name }) => name);
    const untried = names.filter((name) => !(name in tries));
    assert.deepEqual(untried, [], "Say in test/commands/every-command.ts how these commands are tried.");
    assert.deepEqual(
      Object.keys(tries).filter((name) => !names.includes(name)),
      [],
      "These commands are gone: take them out of test/commands/every-command.ts.",
    );
    const silent = names.filter(
      (name) => tries[name]?.writes === undefined && !readsOnly.has(name) && !(name in auditedElsewhere),
    );
    assert.deepEqual(
      silent,
      [],
      "Say in test/commands/every-command.ts what these commands write to the audit trail (writes), or that they only read.",
    );
    assert.deepEqual([...table("Commands").keys()], names, "docs/roles.md is not up to date: npm run docs");
    for (const { reachHeldBy } of Object.values(tries))
      if (reachHeldBy) assert.ok(existsSync(new URL(`../../${reachHeldBy}`, import.meta.url)), reachHeldBy);
  });

  for (const role of roles) {
    it(`is for the role ${role} what docs/roles.md says`, async () => {
      const wrong: string[] = [];
      for (const [name, cells] of table("Commands")) wrong.push(...(await mistakesOf(role, name, cells[role])));
      assert.deepEqual(wrong, []);
    });
  }

  /** What a command does for a role that the page does not say. */
  async function mistakesOf(role: Role, name: string, cell: string): Promise<readonly string[]> {
    const { line, reachHeldBy } = tries[name] ?? assert.fail(name);
    if (cell === "no") {
      const { status, stdout, stderr } = await attempt(people[role], name);
      return status === 3 && stdout === "" ? [] : [`${name} should be refused: ${status} ${stderr}`];
    }
    const reach = (reaches[cell] ?? assert.fail(`${name}: nobody knows what "${cell}" is`))[role];
    if (reachHeldBy === undefined && cell !== "yes" && line.includes("@"))
      return await mistakesOfReach(role, name, reach);
    const { status, stdout, stderr } = await attempt(people[role], name, reach.yes[0]);
    const refused = status === 3 ? [`${name} should be allowed: ${stderr}`] : [];
    return cell === "own sections" && name.endsWith(" list") ? [...refused, ...mistakesOfList(name, stdout)] : refused;
  }

  /** A list shows those whom it may be about, and no others. Sections are known by their own names. */
  function mistakesOfList(name: string, stdout: string): readonly string[] {
    const [mine, other] = name === "section list" ? ["A", "B"] : ["ada", "grace"];
    const shows = (word = ""): boolean => new RegExp(`(^|\\s)${word}\\s`, "m").test(stdout);
    return shows(mine) && !shows(other) ? [] : [`${name} should show ${mine} only:\n${stdout}`];
  }

  async function mistakesOfReach(
    role: Role,
    name: string,
    { yes, no }: { readonly yes: readonly string[]; readonly no: readonly string[] },
  ): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (const person of yes) {
      const { status, stderr } = await attempt(people[role], name, person);
      if (status === 3 || status === 4) wrong.push(`${name} should be allowed about ${person}: ${stderr}`);
    }
    for (const person of no) {
      const { status, stdout, stderr } = await attempt(people[role], name, person);
      if ((status !== 3 && status !== 4) || stdout !== "")
        wrong.push(`${name} should be refused about ${person}: ${status} ${stdout}${stderr}`);
    }
    return wrong;
  }

  it("is refused to a disabled account, and but for a few before an initial password was changed", async () => {
    const open: string[] = [];
    for (const { name } of commands) {
      const disabled = await attempt("boss", name, "ada", { state: "disabled" });
      assert.deepEqual([disabled.status, disabled.stdout], [3, ""], name);
      const fresh = await attempt("boss", name, "ada", { mustChangePassword: true });
      if (fresh.status !== 3) open.push(name);
      else assert.match(fresh.stderr, /have to change your initial password/, name);
    }
    const [, list = ""] = /changed only these work: (.*)\./.exec(page) ?? [];
    assert.deepEqual(
      open,
      [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
  });

  it("with --json prints a document of the shape that its page shows, and leaves an audit entry when it changes something", async () => {
    const wrong: string[] = [];
    for (const { name, json, shape } of commands) {
      if (!json) continue;
      if (shape === undefined)
        wrong.push(`${name} has --json: say on the command what its document looks like (shape)`);
      else wrong.push(...(await mistakesOfDocument(name, parseShape(shape))));
    }
    assert.deepEqual(wrong, []);
  });

  async function mistakesOfDocument(name: string, type: ReturnType<typeof parseShape>): Promise<readonly string[]> {
    if (name in withoutSample) return [];
    const { line, sample = line, stdin, before: first = [], by = "boss", writes } = tries[name] ?? assert.fail(name);
    for (const [who, what] of first) await run(who, what);
    const { status, stdout, stderr } = await run(
      by,
      `${sample.replace("@", "ada")} --json`,
      name === "key add" ? publicKey : stdin,
    );
    const wrong =
      status === 0
        ? differences(type, JSON.parse(stdout)).map((difference) => `${name}: ${difference}`)
        : [`${name}: status ${status}, ${stderr}`];
    return writes === undefined || (await hasAuditEntry(by, writes))
      ? wrong
      : [...wrong, `${name} left no entry ${writes} of ${by} in the audit trail`];
  }

  async function hasAuditEntry(by: string, action: string): Promise<boolean> {
    const [entry] = await server.server.services.audit.list({ user: by, action, limit: 1 });
    return entry?.actor === by && entry.result === "ok" && entry.address === "198.51.100.7";
  }

  it("leaves no word of a secret in the audit trail", async () => {
    const { audit, database } = server.server.services;
    const needle = "needle in the hay stack";
    await run("tom", "passwd", `wrong ${needle}\n${needle}\n${needle}\n`);
    assert.equal((await run("tom", "passwd", `${passwordOf("tom")}\n${needle}\n${needle}\n`)).status, 0);
    await run("tom", `user add '${needle}'`);
    await run("boss", `message ada '${needle}'`);
    await run("boss", `broadcast '${needle}'`);
    await run("ada", `hand raise '${needle}'`);
    const actions = (await audit.list({ user: "tom" })).map(({ action }) => action);
    for (const action of ["password.change", "command.refused"]) assert.ok(actions.includes(action), action);
    const rows = await database.query("SELECT id FROM audit_log a WHERE strpos(a::text, 'needle') > 0");
    assert.deepEqual(rows, []);
  });

  describe("and every file operation", () => {
    const other = "alan";

    /** What can be done at a place. */
    async function abilities(role: Role, where: string): Promise<string> {
      const own = role === "student" ? "ada" : people[role];
      const workspace = server.server.services.workspaces.for({ username: own, role });
      const place = where.replace("/ada", `/${own}`);
      const lists = await works(() => workspace.list(place));
      const path = (name: string): string => `${place === "/" ? "" : place}/${name}`;
      const [file, folder, moved, copied] = [path("tried.py"), path("tried"), path("moved.py"), path("copied.py")];
      const changes = [
        await works(() => workspace.createFile(file)),
        await works(() => workspace.writeText(file, "1\n", { overwrite: true })),
        await works(() => workspace.copy(file, copied)),
        await works(() => workspace.rename(file, moved)),
        await works(() => workspace.createDirectory(folder)),
        await works(() => workspace.remove(folder)),
        await works(() => workspace.remove(moved)),
        await works(() => workspace.remove(copied)),
      ];
      assert.equal(new Set(changes).size, 1, `${role} can do some but not all in ${place}: ${changes.join(" ")}`);
      if (!lists) return changes[0] ? "write without read" : "no";
      if (changes[0]) return "read, write";
      return "read";
    }

    async function works(operation: () => Promise<unknown>): Promise<boolean> {
      try {
        await operation();
        return true;
      } catch (error) {
        if (error instanceof UserError) return false;
        throw error;
      }
    }

    for (const role of roles) {
      it(`is for the role ${role} what docs/roles.md says`, async () => {
        const places = table("Files");
        assert.ok(places.size >= 10 && places.has(`/students/${other}`));
        const found: Record<string, string> = {};
        for (const place of places.keys()) found[place] = await abilities(role, place);
        assert.deepEqual(found, Object.fromEntries([...places].map(([place, cells]) => [place, cells[role]])));
      });
    }
  });
});

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@example\n";

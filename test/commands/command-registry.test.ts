import assert from "node:assert/strict";
import { PassThrough, Readable, Writable } from "node:stream";
import type { Account } from "../../src/auth/account.ts";
import { may, roles, type Role } from "../../src/auth/roles.ts";
import { Emitter } from "../../src/base/events.ts";
import { silentLog } from "../../src/base/log.ts";
import type { CommandContext } from "../../src/commands/command.ts";
import { commands, execute } from "../../src/commands/command-registry.ts";
import type { Services } from "../../src/commands/services.ts";
import { helpFor, overview, usage } from "../../src/commands/usage-text.ts";

/** Whatever a command asks of the server: the command was reached. Refusals go to the audit trail without that. */
const services = new Proxy(
  {},
  {
    get(_, name) {
      if (name === "audit") return { record: () => Promise.resolve() };
      throw new Error("reached the server");
    },
  },
) as Services;

function account(role: Role, more: Partial<Account> = {}): Account {
  return {
    id: 1,
    username: "someone",
    role,
    name: "Some One",
    email: undefined,
    section: undefined,
    sections: [],
    state: "active",
    store: "embedded",
    mustChangePassword: false,
    createdAt: new Date(0),
    lastLoginAt: undefined,
    ...more,
  };
}

async function run(line: string, person: Account = account("admin")) {
  const output = { stdout: "", stderr: "" };
  const collect = (stream: "stdout" | "stderr") =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        output[stream] += chunk.toString();
        done();
      },
    });
  const context: CommandContext = {
    account: person,
    address: "198.51.100.7",
    services,
    stdin: Readable.from([]),
    stdout: collect("stdout"),
    stderr: collect("stderr"),
    onSignal: new Emitter<string>().on,
    closed: new AbortController().signal,
    log: silentLog,
  };
  const { status } = await execute(line, context);
  return { status, ...output };
}

/** A line with as many arguments as the command needs. */
function lineOf(name: string): string {
  const shape = commands.find((command) => command.name === name)?.arguments ?? "";
  return [
    name,
    ...shape
      .split(" ")
      .filter((word) => word && !word.startsWith("["))
      .map(() => "x"),
  ].join(" ");
}

describe("commands", () => {
  it("have names, summaries and usage lines that fit a terminal", () => {
    assert.equal(new Set(commands.map(({ name }) => name)).size, commands.length);
    for (const line of overview(commands).split("\n")) assert.ok(line.length <= 80, line);
    for (const command of commands) {
      assert.match(command.name, /^[a-z]+( [a-z-]+)?$/);
      assert.match(command.summary, /^[A-Z].*[^.]$/, command.name);
      assert.ok(usage(command).length <= 110, usage(command));
      for (const line of helpFor(command).split("\n")) assert.ok(line.length <= 80, `${command.name}: ${line}`);
    }
  });

  it("tell the server's own account what it has none of, and how to name somebody", async () => {
    const local = account("admin", { id: 0, username: "local" });
    for (const [line, things] of [
      ["run area.py", "files"],
      ["key list", "keys"],
      ["key add", "keys"],
      ["key remove 1", "keys"],
      ["passwd", "password"],
    ] as const) {
      const { stderr, status } = await run(line, local);
      const told = `classh: the server's own account has no ${things}\nSay whose you mean: bin/classh --as USER COMMAND\n`;
      assert.deepEqual([stderr, status], [told, 2], line);
    }
  });

  for (const role of roles) {
    it(`are open to the role ${role} exactly as the table of roles says`, async () => {
      for (const command of commands) {
        const { status, stderr } = await run(lineOf(command.name), account(role));
        const refused = status === 3 && stderr.includes(`your role (${role}) does not allow`);
        assert.equal(
          refused,
          command.permission !== undefined && !may(role, command.permission),
          `${command.name}: ${status} ${stderr}`,
        );
      }
    });
  }

  it("are closed to a disabled account, all of them", async () => {
    for (const command of commands) {
      const { status, stderr } = await run(lineOf(command.name), account("admin", { state: "disabled" }));
      assert.equal(status, 3, command.name);
      assert.match(stderr, /account is disabled/);
    }
  });

  it("are closed before an initial password was changed, but for those that help or change it", async () => {
    const open: string[] = [];
    for (const command of commands) {
      const { stderr } = await run(lineOf(command.name), account("admin", { mustChangePassword: true }));
      if (!/have to change your initial password/.test(stderr)) open.push(command.name);
    }
    assert.deepEqual(open, ["help", "whoami", "version", "passwd", "completion"]);
  });

  it("explain themselves: help, help COMMAND and COMMAND --help", async () => {
    const help = await run("help", account("student"));
    assert.equal(help.status, 0);
    assert.match(help.stdout, /run FILE/);
    assert.doesNotMatch(help.stdout, /user add/);
    for (const line of ["help user add", "user add --help", "user add x -h"])
      assert.match((await run(line)).stdout, /^Usage: user add USER/);
    assert.equal((await run("help nothing")).status, 2);
    assert.match((await run("run --help")).stdout, /^Usage: run \[--directory DIR\] \[--raw\] \[--keep\] FILE/);
  });

  it("print one document with --json", async () => {
    const { stdout, status } = await run("whoami --json");
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(stdout), {
      username: "someone",
      role: "admin",
      name: "Some One",
      section: null,
      address: "198.51.100.7",
    });
  });

  it("that meet a bug say only its number", async () => {
    const { status, stderr } = await run("user list");
    assert.equal(status, 1);
    assert.match(stderr, /something went wrong in classh \(error [0-9a-f]{8}\)/);
    assert.doesNotMatch(stderr, /reached the server/);
  });

  it("do not pass escape sequences on", async () => {
    const { stdout } = await run("whoami", account("admin", { name: "\x1b[31mred\x07" }));
    assert.doesNotMatch(stdout, /[\x1b\x07]/);
    assert.doesNotMatch((await run("\x1b]0;x\x07")).stderr, /[\x1b\x07]/);
  });

  it("wait for a client that reads slowly, and not for one that is gone", async () => {
    const closed = new AbortController();
    const stdout = new PassThrough({ highWaterMark: 1 });
    const context: CommandContext = {
      account: account("admin"),
      address: "",
      services,
      stdin: Readable.from([]),
      stdout,
      stderr: new PassThrough(),
      onSignal: new Emitter<string>().on,
      closed: closed.signal,
      log: silentLog,
    };
    let done = false;
    const exit = execute("help", context).then((result) => {
      done = true;
      return result;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(done, false);
    closed.abort();
    assert.equal((await exit).status, 0);
  });
});

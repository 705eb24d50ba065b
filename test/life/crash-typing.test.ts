/** A server is killed while twenty people type: at their next login each finds everything but the last second. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Accounts } from "../../src/auth/accounts.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { Scope } from "../../src/base/scope.ts";
import { startServerProcess, type ServerProcess } from "../cluster/server-process.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { newKeyPair } from "../support/key-pair.ts";
import { clientHome, commandLine, type ClientHome } from "../support/ssh-clients.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";

const people = Array.from({ length: 20 }, (_, index) => `student${index + 1}`);
/** What a kill may cost. */
const secondMs = 1000;
/** The writer looks every 0.75 s; the key's way to it and its own write take their time on a busy machine. A server that answers late gets that on top. */
const marginMs = 500;
const lineEveryMs = 100;
/** Everybody types for this long, and until each has typed so many lines. */
const typingMs = 3500;
const minLines = 15;

interface Typist {
  readonly name: string;
  readonly client: TerminalClient;
  /** When each line was typed, on performance.now(); the first line is number 0. */
  readonly typed: number[];
  /** The longest that a line took to the screen, milliseconds. */
  late: number;
}

describe("twenty people who type while the server is killed with -9", () => {
  let scope: Scope;
  let data: string;
  let home: ClientHome;
  let keyFile: string;
  let database: TestDatabase;
  let server: ServerProcess;

  beforeEach(async () => {
    scope = new Scope("crash test");
    const directory = await mkdtemp(join(tmpdir(), "classh-typing-"));
    scope.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    data = join(directory, "data");
    home = scope.own(await clientHome());
    database = scope.own(await testDatabase());
    const keys = newKeyPair();
    keyFile = join(home.directory, "key");
    await writeFile(keyFile, keys.private, { mode: 0o600 });
    const accounts = new Accounts({
      database: database.database,
      hasher: new PasswordHasher({ cost: 4 }),
      passwordLength: 10,
    });
    for (const username of people) {
      await accounts.add({ username, role: "student" });
      await accounts.addKey(username, keys.public);
      await mkdir(join(data, "files", "Local", username), { recursive: true });
      await writeFile(join(data, "files", "Local", username, "welcome.py"), "#start.\n");
    }
  });
  afterEach(() => scope.close());

  const start = (...args: readonly string[]): Promise<ServerProcess> =>
    startServerProcess(data, args, {
      DATABASE_URL: database.url,
      CLASSH_DATABASE_POOL_SIZE: "4",
      CLASSH_INITIAL_PASSWORD_CHANGE: "off",
      CLASSH_RUNNER_SPARE_JAILS: "off",
    });

  /** The workers that take connections, those of before as well. */
  async function serving(): Promise<readonly number[]> {
    const log = await readFile(join(data, "log", "classh.log"), "utf8");
    return [...log.matchAll(/"worker is ready".*"pid":(\d+)/g)].map(([, pid]) => Number(pid));
  }

  async function connect(user: string): Promise<TerminalClient> {
    const { file, args, env } = commandLine(
      "openssh",
      { host: "127.0.0.1", port: server.port, user, fingerprint: "", keyFile, options: ["-t"] },
      home.directory,
    );
    const client = openTerminalClient(file, args, { env: { ...env, TERM: "xterm-256color" } });
    await client.wait("#start.");
    return client;
  }

  async function typist(name: string): Promise<Typist> {
    const client = await connect(name);
    client.press("F3", "Ctrl-End");
    return { name, client, typed: [], late: 0 };
  }

  /** Types a numbered line now and then until `done`; each is a packet of its own. */
  async function type(typist: Typist, done: () => boolean): Promise<void> {
    const { client, typed } = typist;
    while (!done()) {
      const line = `#${typed.length}.`;
      const now = performance.now();
      client.type(`${line}\r`);
      typed.push(now);
      await client.wait(line);
      typist.late = Math.max(typist.late, performance.now() - now);
      await delay(lineEveryMs);
    }
  }

  /** Logs in again, saves what is there, and gives the lines of the file. */
  async function recovered({ name }: Typist): Promise<readonly string[]> {
    await using client = await connect(name);
    await client.wait("unsaved changes are back");
    client.press("Ctrl-S");
    await client.wait("Saved welcome.py.");
    const text = await readFile(join(data, "files", "Local", name, "welcome.py"), "utf8");
    return text.split("\n").filter(Boolean).slice(1);
  }

  /** Everybody types, `kill` kills, `back` brings the server back; then everybody's losses are counted. */
  async function lose(kill: () => void, back: () => Promise<void>): Promise<void> {
    const typists: Typist[] = [];
    // Not all at once: twenty handshakes keep every core busy, and nobody's typing is measured.
    for (let at = 0; at < people.length; at += 5)
      typists.push(...(await Promise.all(people.slice(at, at + 5).map(typist))));
    const until = performance.now() + typingMs;
    const enough = (): boolean => performance.now() > until && typists.every(({ typed }) => typed.length >= minLines);
    await Promise.all(typists.map((each) => type(each, enough)));
    kill();
    const killed = performance.now();
    for (const { client } of typists) await client.close();
    await back();
    // As late as the server was with somebody's screen it may be with anybody's key, and with the writing down.
    const late = 2 * Math.max(...typists.map((each) => each.late));
    for (let at = 0; at < typists.length; at += 5)
      await Promise.all(typists.slice(at, at + 5).map((each) => check(each, killed, late)));
  }

  async function check(each: Typist, killed: number, late: number): Promise<void> {
    const { name, typed } = each;
    const lines = await recovered(each);
    // The last one may have been under way.
    const complete = lines.slice(0, -1);
    assert.deepEqual(
      complete,
      complete.map((_, number) => `#${number}.`),
      `${name}'s lines are whole, in order, without a gap`,
    );
    const may = secondMs + marginMs + late;
    const due = typed.filter((at) => at < killed - may).length;
    assert.ok(
      lines.length >= due,
      `${name} typed ${due} lines more than ${Math.round(may)} ms before the kill and has ${lines.length}`,
    );
  }

  it("lose at most their last second, in one process", async () => {
    server = await start("--workers", "1");
    scope.defer(async () => await server[Symbol.asyncDispose]());
    await lose(
      () => server.signal("SIGKILL"),
      async () => {
        await server.exited;
        server = await start("--workers", "1");
      },
    );
  });

  it("lose at most their last second, when it is all its workers that are killed", async () => {
    server = await start("--workers", "2");
    scope.defer(async () => await server[Symbol.asyncDispose]());
    const workers = await server.workers();
    await lose(
      () => workers.forEach((pid) => process.kill(pid, "SIGKILL")),
      () => eventually(async () => (await serving()).filter((pid) => !workers.includes(pid)).length === workers.length),
    );
  });
});

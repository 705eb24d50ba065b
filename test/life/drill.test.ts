/**
 * The drill: a class at work, a backup, the server killed and its directory removed, the backup restored. Everybody comes back as who they
 * were, to what they had saved before the backup began. Servers are processes of their own, started and restored as admins do it.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ssh2 from "ssh2";
import { control } from "../../bench/servers/control.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { findPostmaster, isAlive, stopPostmaster } from "../../src/db/postmaster.ts";
import { startServerProcess, type ServerProcess } from "../cluster/server-process.ts";
import { emptyDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { programWords } from "../support/program.ts";
import { clientHome, commandLine, finish, type ClientHome } from "../support/ssh-clients.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";

const run = promisify(execFile);
const people = Array.from({ length: 60 }, (_, number) => `student${number + 1}`);
/** Those who sit in the IDE and type; one more has text that is not saved. The others' files are written to the disk. */
const typists = people.slice(0, 3);
const [idle = ""] = people.slice(typists.length);
const absent = people.slice(typists.length + 1);
const withKey = people.slice(0, 2);

/** A file of its own size and content for each person. */
const workOf = (name: string): string => `# ${name}\n`.repeat(1 + Number(name.slice("student".length)));

interface Class {
  readonly scope: Scope;
  readonly place: string;
  readonly home: ClientHome;
  readonly passwords: ReadonlyMap<string, string>;
  readonly privateKey: string;
  /** Of the first server. */
  readonly hostKey: string;
}

interface Login {
  readonly port: number;
  readonly username: string;
  readonly password?: string | undefined;
  readonly privateKey?: string | undefined;
}

/** Logs in, runs a command; resolves with its output and the hash of the server's key. */
async function command(login: Login, line: string): Promise<{ readonly output: string; readonly hostKey: string }> {
  const client = new ssh2.Client();
  let hostKey = "";
  try {
    await new Promise<void>((resolve, reject) => {
      client.once("ready", resolve).once("error", reject);
      client.connect({
        host: "127.0.0.1",
        ...login,
        readyTimeout: 60_000,
        hostVerifier: (key: Buffer) => {
          hostKey = createHash("sha256").update(key).digest("base64");
          return true;
        },
      });
    });
    const output = await new Promise<string>((resolve, reject) => {
      client.once("error", reject);
      client.exec(line, (error, channel) => {
        if (error) return reject(error);
        let text = "";
        channel.on("data", (part: Buffer) => (text += part.toString()));
        channel.once("close", () => resolve(text));
        return channel.end();
      });
    });
    return { output, hostKey };
  } finally {
    client.end();
  }
}

function connect({ home, passwords }: Class, port: number, user: string): TerminalClient {
  const target = { host: "127.0.0.1", port, user, fingerprint: "", password: passwords.get(user) ?? "" };
  const { file, args, env } = commandLine("openssh", { ...target, options: ["-t"] }, home.directory);
  return openTerminalClient(file, args, { env: { ...env, TERM: "xterm-256color" } });
}

/** Types lines into a file and saves each; notes the saves that the server has acknowledged. */
class Typist {
  readonly acknowledged: string[] = [];
  readonly #client: TerminalClient;
  readonly #name: string;
  #over = false;

  constructor(client: TerminalClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async work(): Promise<void> {
    await this.#client.wait("Welcome");
    this.#client.press("F3");
    for (let number = 1; !this.#over && number < 500; number++) {
      const line = `#${this.#name}.${number}.`;
      const saved = this.#client.wait("Saved welcome.py");
      this.#client.type(`${line}\r`);
      await this.#client.wait(line);
      this.#client.press("Ctrl-S");
      await saved;
      this.acknowledged.push(line);
      // The notice goes with the next key.
      this.#client.type("#");
      await this.#client.wait((screen) => !screen.join("\n").includes("Saved welcome.py"));
      this.#client.press("Backspace");
    }
  }

  stop(): void {
    this.#over = true;
  }
}

/** Ends all of a server at once, its database too, as when the machine loses power; and its directory with it. */
async function destroy(server: ServerProcess, data: string): Promise<void> {
  const workers = await server.workers();
  const database = await findPostmaster(join(data, "postgres"));
  for (const pid of [server.pid, ...workers]) process.kill(pid, "SIGKILL");
  await server.exited;
  await eventually(() => !workers.some(isAlive));
  if (database) await stopPostmaster(database.pid, join(data, "postgres"), silentLog);
  await eventually(() =>
    rm(data, { recursive: true, force: true }).then(
      () => true,
      () => false, // a jail that is about to end
    ),
  );
}

const environmentOf = (databaseUrl: string, backups: string): Readonly<Record<string, string>> => ({
  ...(databaseUrl === "" ? {} : { DATABASE_URL: databaseUrl, CLASSH_DATABASE_POOL_SIZE: "4" }),
  CLASSH_BACKUP_DIRECTORY: backups,
  CLASSH_BACKUP_DAILY: "",
  CLASSH_ACCOUNTS_BCRYPT_COST: "4",
  CLASSH_INITIAL_PASSWORD_CHANGE: "off",
});

/** Accounts with initial passwords, keys, and files. */
async function invite(scope: Scope, place: string, server: ServerProcess, data: string): Promise<Class> {
  const socket = join(data, "control.sock");
  const home = scope.own(await clientHome());
  const passwords = new Map<string, string>();
  const add = async (line: string, name: string): Promise<void> => {
    const { password } = JSON.parse(await control(socket, { line: `${line} --json` })) as { password: string };
    passwords.set(name, password);
  };
  await add("user add hopper --role admin", "hopper");
  const invitePerson = async (name: string): Promise<void> => {
    await add(`user add ${name} --section A`, name);
    if (!absent.includes(name)) return;
    const folder = join(data, "files", "Local", name, "week 1");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "work.py"), workOf(name));
  };
  // So many at once as the server's socket takes.
  for (let next = 0; next < people.length; next += 10)
    await Promise.all(people.slice(next, next + 10).map(invitePerson));
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(place, "key")]);
  const publicKey = await readFile(`${join(place, "key")}.pub`, "utf8");
  for (const name of withKey) await control(socket, { line: "key add", as: name, stdin: publicKey });
  const { hostKey } = await command(
    { port: server.port, username: "hopper", password: passwords.get("hopper") },
    "whoami",
  );
  return { scope, place, home, passwords, privateKey: await readFile(join(place, "key"), "utf8"), hostKey };
}

/** People type, a backup is made meanwhile; resolves with its file and with what had been acknowledged before it began. */
async function backUp(members: Class, server: ServerProcess, data: string) {
  const working = typists.map((name) => {
    const client = members.scope.own(connect(members, server.port, name));
    return { name, client, typist: new Typist(client, name) };
  });
  const lives = working.map(({ typist }) => typist.work());
  const failed = Promise.race(lives.map(async (life) => await life.then(() => new Promise<never>(() => undefined))));
  const enough = (count: number) =>
    eventually(() => working.every(({ typist }) => typist.acknowledged.length >= count));
  await Promise.race([enough(3), failed]);
  const unsaved = members.scope.own(connect(members, server.port, idle));
  await unsaved.wait("Welcome");
  unsaved.press("F3");
  unsaved.type("# not saved ");
  await unsaved.wait("# not saved");
  await eventually(async () => {
    const names = await readdir(join(data, "recovery", idle)).catch(() => []);
    return names.some((name) => name.endsWith(".jsonl"));
  });
  const locks = JSON.parse(await control(join(data, "control.sock"), { line: "lock list --json" })) as unknown[];
  assert.ok(locks.length >= typists.length, "files are locked while the backup is made");
  const before = new Map(working.map(({ name, typist }) => [name, [...typist.acknowledged]]));
  const made = await control(join(data, "control.sock"), { line: "backup create --json" });
  const during = working.map(({ typist }) => typist.acknowledged.length);
  await Promise.race([enough(Math.max(...during) + 1), failed]);
  for (const { typist } of working) typist.stop();
  await Promise.all(lives);
  return { file: (JSON.parse(made) as { file: string }).file, before };
}

describe("the drill: a class at work is backed up, destroyed, restored", () => {
  for (const kind of ["the embedded database", "a database elsewhere"]) {
    it(`with ${kind}: everybody is who they were, and has what they had saved`, async () => {
      await using scope = new Scope("drill");
      const place = await mkdtemp(join(tmpdir(), "classh-drill-"));
      scope.defer(() => rm(place, { recursive: true, force: true, maxRetries: 5 }));
      const databases = kind === "a database elsewhere" ? [await emptyDatabase(), await emptyDatabase()] : [];
      for (const each of databases) scope.own(each);
      const [first, second] = databases.map(({ url }) => environmentOf(url, join(place, "backups")));
      const embedded = environmentOf("", join(place, "backups"));
      const data = join(place, "data");
      await mkdir(data);
      const server = scope.own(await startServerProcess(data, ["--workers", "2"], first ?? embedded));
      const members = await invite(scope, place, server, data);
      const { file, before } = await backUp(members, server, data);
      await destroy(server, data);

      const renewed = join(place, "renewed");
      const words = [...programWords("cli"), "--data", renewed, "backup", "restore", file];
      const env = { PATH: "/usr/bin:/bin", HOME: place, TMPDIR: tmpdir(), ...(second ?? embedded) };
      const restored = await finish(spawn(process.execPath, words, { env, stdio: "pipe" }));
      assert.equal(restored.status, 0, restored.stderr);
      const again = scope.own(await startServerProcess(renewed, ["--workers", "2"], second ?? embedded));

      const locks = await control(join(renewed, "control.sock"), { line: "lock list --json" });
      assert.deepEqual(JSON.parse(locks), [], "no lock of the server that died is in anybody's way");

      const comeBack = async (name: string): Promise<void> => {
        const login = { port: again.port, username: name, password: members.passwords.get(name) };
        const { output, hostKey } = await command(login, "whoami");
        assert.match(output, new RegExp(`\\b${name}\\b`));
        assert.equal(hostKey, members.hostKey, "nobody is warned of another host");
        const file = join(renewed, "files", "Local", name, "week 1", "work.py");
        if (absent.includes(name)) assert.equal(await readFile(file, "utf8"), workOf(name));
      };
      for (let next = 0; next < people.length; next += 10)
        await Promise.all(people.slice(next, next + 10).map(comeBack));
      for (const username of withKey) {
        const { output } = await command({ port: again.port, username, privateKey: members.privateKey }, "whoami");
        assert.match(output, new RegExp(`\\b${username}\\b`));
      }
      for (const [name, lines] of before) {
        const text = await readFile(join(renewed, "files", "Local", name, "welcome.py"), "utf8");
        assert.deepEqual(
          lines.filter((line) => !text.includes(line)),
          [],
          `acknowledged before the backup, and not in it: ${name}`,
        );
      }
      await using returned = connect(members, again.port, idle);
      await returned.wait("# not saved");
      await returned.wait("unsaved changes are back");
      const admin = { port: again.port, username: "hopper", password: members.passwords.get("hopper") };
      assert.match((await command(admin, "audit verify")).output, /head: /);
    });
  }
});

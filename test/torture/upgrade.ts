/**
 * An upgrade from the release before, with its real build: two servers of different versions on one database and the same files, people who type
 * on both sides of it, the older one stopped; then the same on one machine, one server after the other. Prints what was seen; status 1 when
 * something must not be.
 *
 *   node --import tsx test/torture/upgrade.ts [REVISION]      (not as root; REVISION in this repository, the last release by default)
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { control } from "../../bench/servers/control.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { startEmbeddedPostgres } from "../../src/db/embedded.ts";
import released from "../db/released-statements.json" with { type: "json" };
import { eventually } from "../support/eventually.ts";
import { clientHome, commandLine, finish, startSshClient, type ClientHome } from "../support/ssh-clients.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const names = ["ada", "bob", "cat", "dan"];

interface Running {
  readonly port: number;
  readonly data: string;
  readonly said: () => string;
  readonly exited: Promise<number | null>;
  stop(): void;
}

interface StartOptions {
  /** The checkout whose build is started. */
  readonly checkout: string;
  readonly data: string;
  /** Folder with `files` and `recovery`, for a machine of several. */
  readonly shared?: string;
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

const violations: string[] = [];
const must = (holds: boolean, what: string): void => void (holds || violations.push(what));
const tell = (text: string): void => void process.stdout.write(`${text}\n`);
const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

/** The commit that gave the version its number. */
async function releaseCommit(): Promise<string> {
  const asked = process.argv[2];
  if (asked !== undefined) return asked;
  const words = ["log", "--format=%H", `-S"version": "${released.release}"`, "--", "package.json"];
  const { stdout } = await run("git", ["-c", "safe.directory=*", "-C", root, ...words]);
  const commit = stdout.trim().split("\n").at(-1);
  if (!commit) throw new Error(`the history has no ${released.release}: fetch all of it, or name a revision`);
  return commit;
}

/** A checkout of that commit, built. */
async function buildRelease(directory: string): Promise<string> {
  const checkout = join(directory, "release");
  await mkdir(checkout);
  const archive = join(directory, "release.tar");
  await run("git", ["-c", "safe.directory=*", "-C", root, "archive", "-o", archive, await releaseCommit()]);
  await run("tar", ["-xf", archive, "-C", checkout]);
  await symlink(join(root, "node_modules"), join(checkout, "node_modules"));
  await run(process.execPath, ["scripts/build.mjs"], { cwd: checkout });
  return checkout;
}

async function start(scope: Scope, options: StartOptions): Promise<Running> {
  const { checkout, data, shared, port = 0, environment = {} } = options;
  await mkdir(data, { recursive: true });
  // Processes of their own, as those of another machine are.
  const machine: string[] = [];
  if (shared !== undefined) {
    machine.push("bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--die-with-parent");
    for (const name of ["files", "recovery"]) {
      await mkdir(join(data, name), { recursive: true });
      machine.push("--bind", join(shared, name), join(data, name));
    }
    machine.push("--");
  }
  const cli = [process.execPath, join(checkout, "dist", "cli.js"), "serve"];
  const words = [...machine, ...cli, "--data", data, "--listen", `127.0.0.1:${port}`, "--no-demo", "--workers", "2"];
  const child = spawn(words[0] ?? "", words.slice(1), {
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: data,
      TMPDIR: tmpdir(),
      LANG: "C.UTF-8",
      CLASSH_INITIAL_PASSWORD_CHANGE: "off",
      CLASSH_ACCOUNTS_BCRYPT_COST: "4",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  const exited = once(child, "exit").then(([status]) => status as number | null);
  const stop = (): void => void stopServer(child.pid ?? 0);
  scope.defer(async () => {
    stop();
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await exited;
    clearTimeout(late);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const listening = /listening on .*:(\d+),/.exec(line);
    if (!listening) continue;
    child.stdout.resume();
    return { port: Number(listening[1]), data, said: () => said, exited, stop };
  }
  throw new Error(`it ended with ${await exited}: ${said}`);
}

/** SIGTERM for the server itself: bwrap, above it, passes no signals on. */
async function stopServer(pid: number): Promise<void> {
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (command.includes("bwrap")) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
    return await stopServer(Number(children.trim().split(" ")[0]));
  }
  if (command !== "") process.kill(pid, "SIGTERM");
}

class People {
  readonly #home: ClientHome;
  readonly #passwords = new Map<string, string>();

  constructor(home: ClientHome) {
    this.#home = home;
  }

  async add(server: Running, name: string, role = "student"): Promise<void> {
    const line = `user add ${name} --role ${role} --json`;
    const { password } = JSON.parse(await control(join(server.data, "control.sock"), { line })) as { password: string };
    this.#passwords.set(name, password);
  }

  #target(server: Running, user: string) {
    return { host: "127.0.0.1", port: server.port, user, fingerprint: "", password: this.#passwords.get(user) ?? "" };
  }

  connect(server: Running, user: string): TerminalClient {
    const target = { ...this.#target(server, user), options: ["-t"] };
    const { file, args, env } = commandLine("openssh", target, this.#home.directory);
    return openTerminalClient(file, args, { env: { ...env, TERM: "xterm-256color" } });
  }

  async run(server: Running, user: string, command: string) {
    return await finish(startSshClient("openssh", { ...this.#target(server, user), command }, this.#home.directory));
  }
}

/** At the end of the text that is open. */
async function typeLine(client: TerminalClient, text: string): Promise<void> {
  client.press("F3");
  client.type(`${text} `);
  await client.wait(text);
}

async function keptText(shared: string, user: string): Promise<string> {
  const directory = join(shared, "recovery", user);
  const files = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".jsonl"));
  return (await Promise.all(files.map((name) => readFile(join(directory, name), "utf8").catch(() => "")))).join("");
}

const work = async (shared: string, user: string): Promise<string> =>
  await readFile(join(shared, "files", "Local", user, "welcome.py"), "utf8");

async function save(client: TerminalClient, shared: string, user: string, text: string): Promise<void> {
  client.press("Ctrl-S");
  await eventually(async () => (await work(shared, user)).includes(text));
}

/** The older one and this one, beside each other. */
async function sideBySide(directory: string, release: string, home: ClientHome): Promise<void> {
  await using scope = new Scope("side by side");
  const postgres = scope.own(await startEmbeddedPostgres({ directory: join(directory, "pg"), log: silentLog }));
  const shared = join(directory, "shared");
  for (const name of ["files", "recovery"]) await mkdir(join(shared, name), { recursive: true });
  const oldData = join(directory, "old");
  const environment = (name: string): Record<string, string> => ({
    DATABASE_URL: postgres.url,
    CLASSH_CLUSTER_NAME: name,
    CLASSH_CLUSTER_LISTEN: "127.0.0.1:0",
    CLASSH_CLUSTER_KEY_FILE: join(oldData, "cluster-key"),
    CLASSH_DATABASE_POOL_SIZE: "4",
  });
  const older = await start(scope, { checkout: release, data: oldData, shared, environment: environment("old") });
  const people = new People(home);
  for (const name of names) await people.add(older, name);
  await people.add(older, "hopper", "admin");
  const clients = new Map(names.map((name) => [name, scope.own(people.connect(older, name))]));
  for (const [name, client] of clients) {
    await client.wait("Welcome");
    await typeLine(client, `#${name}-before`);
    await save(client, shared, name, `#${name}-before`);
  }

  const began = performance.now();
  const newer = await start(scope, {
    checkout: root,
    data: join(directory, "new"),
    shared,
    environment: environment("new"),
  });
  const known = (await readdir(join(root, "migrations"))).length;
  const had = (await readdir(join(release, "migrations"))).length;
  tell(`side by side: the newer one joined after ${seconds(began)} s and applied ${known - had} migrations`);

  // Those who are on the older one notice nothing: they type, save and run; whoever comes there can log in.
  for (const [name, client] of clients) {
    await typeLine(client, `#${name}-beside`);
    await save(client, shared, name, `#${name}-beside`);
  }
  const ran = await people.run(older, "ada", "run welcome.py");
  must(ran.stdout.includes("What is your name"), `a run on the older one: ${ran.stdout}${ran.stderr}`);
  const asked = await people.run(older, "hopper", "node list --json");
  must(
    asked.status === 0 && asked.stdout.includes("new/1"),
    `the older one's list of nodes: ${asked.stdout}${asked.stderr}`,
  );
  // From the newer one, the way to the session on the older one; and the other way round.
  await using visiting = people.connect(newer, "bob");
  await visiting.wait("You are logged in already");
  visiting.type("s");
  await visiting.wait("#bob-beside");
  await typeLine(visiting, "#bob-relayed");
  await clients.get("bob")?.wait("#bob-relayed");
  await people.add(newer, "eve");
  await using eve = people.connect(newer, "eve");
  await eve.wait("Welcome");
  await using eveElsewhere = people.connect(older, "eve");
  await eveElsewhere.wait("You are logged in already");
  eveElsewhere.type("s");
  await eveElsewhere.wait("Hello,");
  await typeLine(eveElsewhere, "#eve-relayed");
  await eve.wait("#eve-relayed");

  for (const [name, client] of clients) await typeLine(client, `#${name}-unsaved`);
  await eventually(async () => {
    const texts = await Promise.all(
      names.map(async (name) => (await keptText(shared, name)).includes(`#${name}-unsaved`)),
    );
    return texts.every(Boolean);
  });
  const stopped = performance.now();
  older.stop();
  for (const [name, client] of clients) {
    await client.exited;
    must(/work is kept/i.test(client.screen().join("\n")), `${name} was not told: ${client.screen().join("\n")}`);
  }
  tell(`the older one's people were told and gone after ${seconds(stopped)} s`);
  must((await older.exited) === 0, "the older one did not end in order");
  for (const name of names) {
    await using again = people.connect(newer, name);
    await again.wait(`#${name}-unsaved`);
    await again.wait(`#${name}-beside`);
    await save(again, shared, name, `#${name}-unsaved`);
  }
  await eve.wait("#eve-relayed");
  tell(`all of them had their text again after ${seconds(stopped)} s`);
  const audited = await people.run(newer, "hopper", "audit verify");
  must(audited.status === 0, `the audit trail: ${audited.stdout}${audited.stderr}`);
  const back = await start(scope, { checkout: release, data: oldData, shared, environment: environment("old") }).then(
    () => "starts",
    (error: unknown) => String(error).trim().split("\n").join(" "),
  );
  tell(`the older one, started again on the newer database: ${back}`);
}

/** One server after the other on one data directory, as with the embedded database. */
async function oneAfterTheOther(directory: string, release: string, home: ClientHome): Promise<void> {
  await using scope = new Scope("one after the other");
  const data = join(directory, "alone");
  const older = await start(scope, { checkout: release, data });
  const people = new People(home);
  for (const name of names) await people.add(older, name);
  const clients = new Map(names.map((name) => [name, scope.own(people.connect(older, name))]));
  for (const [name, client] of clients) {
    await client.wait("Welcome");
    await typeLine(client, `#${name}-unsaved`);
  }
  const stopped = performance.now();
  older.stop();
  must((await older.exited) === 0, "the older one did not end in order");
  for (const [name, client] of clients) {
    await client.exited;
    must(/work is kept/i.test(client.screen().join("\n")), `${name} was not told: ${client.screen().join("\n")}`);
  }
  const newer = await start(scope, { checkout: root, data, port: older.port });
  tell(`one after the other: nobody could log in for ${seconds(stopped)} s`);
  for (const name of names) {
    await using again = people.connect(newer, name);
    await again.wait(`#${name}-unsaved`);
    await again.wait("unsaved changes are back");
  }
  tell(`all of them had their text again after ${seconds(stopped)} s`);
}

async function main(): Promise<void> {
  await using scope = new Scope("upgrade");
  const directory = await mkdtemp(join(tmpdir(), "classh-upgrade-"));
  scope.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const release = await buildRelease(directory);
  const home = scope.own(await clientHome());
  await sideBySide(directory, release, home);
  await oneAfterTheOther(directory, release, home);
}

await main();
tell(violations.length === 0 ? "all is well" : `MUST NOT BE:\n${violations.join("\n")}`);
process.exit(violations.length === 0 ? 0 : 1);

/**
 * Two machines that share a database and their files: network namespaces on a bridge. One is cut off from the database and from the
 * other while Ada types, and comes back; then one is killed whole. Prints what was seen; status 1 when something must not be.
 *
 *   node --import tsx test/torture/machines.ts      (as root: it makes namespaces; servers run as the account `classh`)
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Scope } from "../../src/base/scope.ts";
import { control } from "../../bench/servers/control.ts";
import { eventually } from "../support/eventually.ts";
import { clientHome, commandLine, type ClientHome } from "../support/ssh-clients.ts";
import { programWords } from "../support/program.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";

const leaseSeconds = 5;
const bridge = "clbridge";
const network = "10.77.0";
const account = ["setpriv", "--reuid=classh", "--regid=classh", "--clear-groups"];
const tsx = ["--import", import.meta.resolve("tsx")];
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const run = promisify(execFile);
const ip = async (line: string): Promise<void> => void (await run("ip", line.split(" ")));

interface Machine {
  readonly name: string;
  readonly address: string;
  readonly data: string;
  readonly server: ChildProcess;
}

/** A machine's network: a namespace whose one cable ends in the bridge as NAME-out. */
async function plugIn(scope: Scope, name: string, address: string): Promise<void> {
  await ip(`netns add ${name}`);
  scope.defer(() => ip(`netns del ${name}`));
  await ip(`link add ${name}-out type veth peer name eth0 netns ${name}`);
  await ip(`link set ${name}-out master ${bridge} up`);
  await ip(`-n ${name} addr add ${address}/24 dev eth0`);
  await ip(`-n ${name} link set eth0 up`);
  await ip(`-n ${name} link set lo up`);
}

const cable = (name: string, state: "up" | "down"): Promise<void> => ip(`link set ${name}-out ${state}`);

/** Resolves with the first line that matches. */
async function line(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (!child.stdout) throw new Error("no output");
  for await (const text of createInterface({ input: child.stdout })) {
    if (!pattern.test(text)) continue;
    child.stdout.resume();
    return text;
  }
  throw new Error(`it ended without ${pattern}`);
}

function own(scope: Scope, child: ChildProcess): ChildProcess {
  const exited = once(child, "exit");
  scope.defer(async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await exited;
    clearTimeout(late);
  });
  return child;
}

async function startMachine(scope: Scope, directory: string, number: number, url: string): Promise<Machine> {
  const name = `clm${number}`;
  const address = `${network}.${10 + number}`;
  const data = join(directory, name);
  await plugIn(scope, name, address);
  const environment = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: directory,
    TMPDIR: tmpdir(),
    LANG: "C.UTF-8",
    DATABASE_URL: url,
    CLASSH_CLUSTER_NAME: name,
    CLASSH_CLUSTER_LISTEN: `${address}:2300`,
    CLASSH_CLUSTER_KEY_FILE: join(directory, "cluster-key"),
    CLASSH_CLUSTER_WORKERS: "2",
    CLASSH_LOCKS_LEASE_SECONDS: String(leaseSeconds),
    CLASSH_INITIAL_PASSWORD_CHANGE: "off",
    CLASSH_ACCOUNTS_BCRYPT_COST: "4",
    CLASSH_DATABASE_RETRY_SECONDS: "1",
  };
  const mounts = ["files", "recovery"].flatMap((shared) => ["--bind", join(directory, shared), join(data, shared)]);
  const jail = [
    "bwrap",
    "--dev-bind",
    "/",
    "/",
    ...mounts,
    "--unshare-pid",
    "--proc",
    "/proc",
    "--die-with-parent",
    "--",
  ];
  const words = [
    "netns",
    "exec",
    name,
    ...account,
    ...jail,
    process.execPath,
    ...programWords("cli"),
    "serve",
    "--data",
    data,
    "--listen",
    `${address}:2222`,
    "--no-demo",
  ];
  const server = own(scope, spawn("ip", words, { env: environment, stdio: ["ignore", "pipe", "inherit"] }));
  await line(server, /listening on/);
  return { name, address, data, server };
}

/** Ada at one of the machines, in its own network: its people's way to it is not cut. */
function connect(machine: Machine, home: ClientHome, password: string): TerminalClient {
  const { file, args, env } = commandLine(
    "openssh",
    { host: machine.address, port: 2222, user: "ada", fingerprint: "", password, options: ["-t"] },
    home.directory,
  );
  return openTerminalClient("ip", ["netns", "exec", machine.name, file, ...args], {
    env: { ...env, TERM: "xterm-256color" },
    timeLimit: 30_000,
  });
}

async function rows<T>(machine: Machine, command: string): Promise<readonly T[]> {
  return JSON.parse(await control(join(machine.data, "control.sock"), { line: `${command} --json` })) as T[];
}

async function main(): Promise<readonly string[]> {
  await using scope = new Scope("machines");
  const violations: string[] = [];
  const must = (holds: boolean, what: string): void => void (holds || violations.push(what));
  const tell = (text: string): void => void process.stdout.write(`${text}\n`);
  const directory = await mkdtemp(join(tmpdir(), "classh-machines-"));
  scope.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  for (const name of ["files", "recovery"]) await mkdir(join(directory, name));
  await chmod(directory, 0o755);
  await run("chown", ["-R", "classh:classh", directory]);
  const home = scope.own(await clientHome());
  await ip(`link add ${bridge} type bridge`);
  scope.defer(() => ip(`link del ${bridge}`));
  await ip(`addr add ${network}.1/24 dev ${bridge}`);
  await ip(`link set ${bridge} up`);
  const [file = "", ...identity] = account;
  const database = own(
    scope,
    spawn(
      file,
      [
        ...identity,
        process.execPath,
        ...tsx,
        path("./programs/database.ts"),
        join(directory, "postgres"),
        `${network}.1`,
      ],
      {
        env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: directory, TMPDIR: tmpdir(), LANG: "C.UTF-8" },
        stdio: ["ignore", "pipe", "inherit"],
      },
    ),
  );
  const url = (await line(database, /^READY/)).slice("READY ".length);
  const one = await startMachine(scope, directory, 1, url);
  const two = await startMachine(scope, directory, 2, url);
  const { password } = JSON.parse(await control(join(one.data, "control.sock"), { line: "user add ada --json" })) as {
    password: string;
  };
  const program = join(directory, "files", "Local", "ada", "welcome.py");
  const kept = async (): Promise<string> => {
    // A file without its name yet is lost with its process.
    const names = (await readdir(join(directory, "recovery", "ada")).catch(() => [])).filter((name) =>
      name.endsWith(".jsonl"),
    );
    return (
      await Promise.all(names.map((name) => readFile(join(directory, "recovery", "ada", name), "utf8").catch(() => "")))
    ).join("");
  };
  const nodesOf = async (at: Machine, machine: Machine): Promise<number> =>
    (await rows<{ name: string }>(at, "node list")).filter(({ name }) => name.startsWith(`${machine.name}/`)).length;

  const first = connect(one, home, password);
  await first.wait("Welcome");
  first.press("F3");
  first.type("# before ");
  await first.wait("# before");
  await eventually(async () => (await kept()).includes("# before"));

  await cable(one.name, "down");
  const cut = performance.now();
  first.type("# late ");
  await eventually(async () => (await kept()).includes("# late"));
  await eventually(async () => (await nodesOf(two, one)) === 0, 60);
  const silent = (performance.now() - cut) / 1000;
  tell(`cut off: its lease ended after ${silent.toFixed(1)} s (of ${leaseSeconds} s)`);
  must(silent > leaseSeconds * 0.6, "a silent machine was taken for dead");
  await eventually(async () => (await rows(two, "lock list")).length === 0);

  const second = connect(two, home, password);
  await second.wait("# late");
  second.press("Ctrl-S");
  await second.wait("Saved");
  second.type("# new ");
  second.press("Ctrl-S");
  await eventually(async () => (await readFile(program, "utf8")).includes("# new"));
  const saved = await readFile(program, "utf8");
  first.type("# much too late ");
  first.press("Ctrl-S");
  await delay(7_000); // longer than a save waits for the database
  const warning = first
    .screen()
    .find((row) => /read-only|can't tell|not saved/i.test(row))
    ?.trim();
  tell(`the cut-off screen says: ${warning ?? "(nothing)"}`);
  must(warning !== undefined, "nobody told the person who is cut off");
  must((await readFile(program, "utf8")) === saved, "a machine that was cut off wrote over newer work");

  await cable(one.name, "up");
  await Promise.race([first.exited, delay(30_000)]);
  await eventually(async () => (await nodesOf(two, one)) === 2, 60);
  const sessions = await rows<{ user: string; node: string }>(two, "session list");
  must(
    sessions.length === 1 && sessions[0]?.node.startsWith(two.name) === true,
    `sessions after the return: ${JSON.stringify(sessions)}`,
  );
  must((await rows(two, "lock list")).length === 1, "not exactly one holder after the return");
  must((await readFile(program, "utf8")) === saved, "a machine that came back wrote over newer work");
  must(saved.includes("# before # late"), "text of the cut-off session is lost");
  tell(
    `came back: ${
      first
        .screen()
        .findLast((row) => /Your work is kept/.test(row))
        ?.trim() ?? "(no farewell)"
    }`,
  );
  await first.close();

  const died = performance.now();
  two.server.kill("SIGKILL");
  await eventually(async () => (await nodesOf(one, two)) === 0 && (await rows(one, "lock list")).length === 0, 60);
  const dead = (performance.now() - died) / 1000;
  tell(`killed whole: its sessions and files were free after ${dead.toFixed(2)} s`);
  must(dead < 3, "a dead machine was not taken over within 3 s");
  await second.close();
  const third = connect(one, home, password);
  await third.wait("# new");
  await third.close();
  return violations;
}

const violations = await main();
process.stdout.write(violations.length === 0 ? "all is well\n" : `MUST NOT BE:\n${violations.join("\n")}\n`);
process.exit(violations.length === 0 ? 0 : 1);

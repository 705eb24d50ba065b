/** The built classh server in a process of its own, with its own data directory, database and accounts. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { newKey } from "./keys.ts";
import type { Scope } from "../../src/base/scope.ts";
import { ServerProcess, type Account } from "../base/child.ts";
import {
  cpuSeconds,
  cpuSecondsNow,
  descendants,
  processTree,
  proportionalMemory,
  type ProcessInfo,
} from "../base/proc.ts";
import { temporaryDirectory } from "../base/temporary.ts";
import { giveCluster } from "../../test/support/cluster-template.ts";
import { serviceAccount } from "./account.ts";
import { ensureBuilt, root } from "./build.ts";
import { control } from "./control.ts";
import { nameProfiles, prepareProfileDirectory, profilingFlags } from "./profiles.ts";
import {
  benchFile,
  type BenchServer,
  type Delay,
  type Memory,
  type Started,
  type Target,
  type Work,
} from "./target.ts";

export interface ClasshOptions {
  /** How many accounts, named s0, s1, ... */
  readonly accounts: number;
  readonly login: "key" | "password";
  /** Settings as environment variables, over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What every account finds in its welcome.py, which the IDE opens by itself. */
  readonly file?: string;
  readonly profile?: string | undefined;
  /** Undefined: the server's own default. */
  readonly workers?: number | undefined;
  /** Words before the server's own, for its data directory: what runs it somewhere else. */
  readonly launcher?: (data: string) => readonly string[];
}

export interface ClasshServer extends BenchServer {
  /** Of its first process, or its launcher's. */
  readonly pid: number;
  readonly port: number;
  readonly data: string;
}

/** A server promises to end within 30 s. */
const patience = 35_000;
const startLimit = 300_000;
/** Accounts made at once. */
const lanes = 8;

export async function startClassh(parent: Scope, options: ClasshOptions): Promise<ClasshServer> {
  const scope = parent.child("classh");
  try {
    await ensureBuilt();
    const account = await serviceAccount();
    const directory = await temporaryDirectory(scope, "classh", account);
    const data = join(directory, "d");
    scope.defer(() => endLeftDatabase(data));
    if (!options.settings?.DATABASE_URL) await giveCluster(join(data, "postgres"));
    const { profile } = options;
    if (profile !== undefined) await prepareProfileDirectory(profile, account);
    const [file, ...args] = commandOf(data, options);
    const server = scope.own(
      new ServerProcess({
        name: "classh",
        file: file ?? process.execPath,
        args,
        env: {
          PATH: "/usr/local/bin:/usr/bin:/bin",
          HOME: directory,
          TMPDIR: directory,
          LANG: "C.UTF-8",
          ...options.settings,
        },
        directory,
        account,
        patience,
      }),
    );
    await groupAsStarted(account, server.pid);
    const [, port = ""] = await server.output(/listening on \S+:(\d+),/, startLimit);
    return {
      name: "classh",
      pid: server.pid,
      port: Number(port),
      data,
      targets: await addAccounts(data, Number(port), options),
      meter: async () => meterOf(await processesOf(server.pid)),
      started: async () => startedOf(await processesOf(server.pid)),
      memory: async () => await memoryOf(await processesOf(server.pid)),
      delays: () => delays(data),
      async [Symbol.asyncDispose]() {
        const { servers, brokers } = await processesOf(server.pid);
        await scope.close();
        if (profile !== undefined) await nameProfiles(profile, { primary: server.pid, servers, brokers });
      },
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

/** The program and its words. */
function commandOf(data: string, { launcher, profile, workers }: ClasshOptions): readonly string[] {
  return [
    ...(launcher?.(data) ?? []),
    process.execPath,
    ...profilingFlags(profile),
    join(root, "dist/cli.js"),
    "serve",
    "--data",
    data,
    "--listen",
    "127.0.0.1:0",
    "--no-demo",
    ...(workers === undefined ? [] : ["--workers", String(workers)]),
  ];
}

/** What bin/start does as root before the server starts, and later than that only by some milliseconds in which no program runs. */
async function groupAsStarted(account: Account | undefined, pid: number): Promise<void> {
  if (account) await promisify(execFile)(join(root, "bin/prepare-cgroups"), [String(account.uid), String(pid)]);
}

async function addAccounts(data: string, port: number, options: ClasshOptions): Promise<readonly Target[]> {
  const key = newKey();
  const ask = (line: string, as?: string, stdin?: string): Promise<string> =>
    control(join(data, "control.sock"), { line, as, stdin });
  const names = Array.from({ length: options.accounts }, (_, index) => `s${index}`);
  const targets = new Map<string, Target>();
  const left = [...names];
  const lane = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const { password: initial } = JSON.parse(await ask(`user add ${name} --json`)) as { password: string };
      const password = randomBytes(12).toString("hex");
      // This also makes the home: every command that an account gives does.
      await ask("passwd", name, `${initial}\n${password}\n${password}\n`);
      if (options.login === "key") await ask("key add", name, `${key.public}\n`);
      await writeFile(join(data, "files", "Local", name, "welcome.py"), options.file ?? benchFile);
      const login: Target["login"] =
        options.login === "key" ? { kind: "key", privateKey: key.private } : { kind: "password", password };
      targets.set(name, { port, username: name, login });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return names.map((name) => targets.get(name)).filter((target) => target !== undefined);
}

type Processes = Readonly<Record<"servers" | "brokers" | "postgres" | "jails", readonly ProcessInfo[]>>;

/** The server's own processes are the server, its workers and brokers; below a broker are jails, and Postgres is a program apart. */
async function processesOf(pid: number): Promise<Processes> {
  const tree = await processTree(pid);
  const brokers = tree.filter(({ command }) => /^\S*node\S* .*broker\.js/.test(command));
  const jails = brokers
    .flatMap((broker) => descendants(tree, broker.pid))
    .filter((process) => !brokers.includes(process));
  const servers = tree.filter(
    (process) => process.pid === pid || (process.parent === pid && /worker\.js/.test(process.command)),
  );
  return { servers, brokers, postgres: tree.filter(({ command }) => /postgres/.test(command)), jails };
}

function meterOf({ servers, brokers, postgres }: Processes): () => Promise<Work> {
  return async () => {
    const [server, broker, database] = await Promise.all([servers, brokers, postgres].map(cpuSecondsNow));
    return {
      cpuSeconds: (server ?? 0) + (broker ?? 0),
      cpuSecondsByPart: { server: server ?? 0, broker: broker ?? 0, postgres: database ?? 0 },
    };
  };
}

function startedOf({ jails }: Processes): Started {
  return { cpuSeconds: cpuSeconds(jails), jails: jails.filter(({ command }) => /^\S*python/.test(command)).length };
}

async function memoryOf({ servers, brokers, jails }: Processes): Promise<Memory> {
  return { own: await proportionalMemory([...servers, ...brokers]), jails: await proportionalMemory(jails) };
}

async function delays(data: string): Promise<readonly Delay[]> {
  const answer = await control(join(data, "control.sock"), { line: "metrics --json" });
  const { nodes } = JSON.parse(answer) as { nodes: readonly Delay[] };
  return nodes.map(({ node, delayP50, delayP99, delayMax }) => ({ node, delayP50, delayP99, delayMax }));
}

/** A server that was killed leaves its database running, on purpose; here nobody will come back to it. */
async function endLeftDatabase(data: string): Promise<void> {
  const text = await readFile(join(data, "postgres", "postmaster.pid"), "utf8").catch(() => "");
  const [pid = ""] = text.split("\n");
  if (Number(pid) > 1) process.kill(Number(pid), "SIGINT");
}

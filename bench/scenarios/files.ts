/** Files in and out by OpenSSH's sftp, beside its own server; and what those notice of it who type meanwhile. */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Scope } from "../../src/base/scope.ts";
import { temporaryDirectory } from "../base/temporary.ts";
import { patienceMs } from "../base/worker.ts";
import { Fleet } from "../clients/fleet.ts";
import { SftpClient } from "../clients/sftp.ts";
import type { BenchOptions } from "../options.ts";
import { row, type ScenarioReport } from "../report.ts";
import { startClassh } from "../servers/classh.ts";
import { startSshdIfPossible } from "../servers/peers.ts";
import type { BenchServer } from "../servers/target.ts";
import { median, percentile } from "../statistics.ts";
import { cheapHashes } from "./echo.ts";

const sshdName = "sshd's sftp-server";

const smallBytes = 8192;
const keysPerSecond = 3;
/** Until the Pythons of those who type have started. */
const restMs = 3000;

/** What is transferred, all within a workspace's usual limits. */
interface Load {
  readonly directory: string;
  readonly bigMebibytes: number;
  readonly smallFiles: number;
  readonly listed: number;
  readonly rounds: number;
}

const whats = ["bigUp", "bigDown", "smallUp", "smallDown", "list"] as const;
type What = (typeof whats)[number];
type Times = Readonly<Record<What, readonly number[]>>;

export async function files(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  await using scope = parent.child("files");
  const typists = options.quick ? 2 : 60;
  const load = await makeLoad(scope, options.quick);
  const classh = scope.own(
    await startClassh(scope, {
      accounts: typists + 1,
      login: "key",
      profile: options.profile,
      workers: options.workers,
      settings: { ...cheapHashes, CLASSH_LIMITS_COMMANDS_PER_MINUTE: "1000" },
    }),
  );
  const sshd = await startSshdIfPossible(scope, {
    name: sshdName,
    sessions: 1,
    login: "key",
    command: `eval "exec $SSH_ORIGINAL_COMMAND"`,
    sftp: true,
  });
  const servers: readonly BenchServer[] = "absent" in sshd ? [classh] : [classh, scope.own(sshd)];
  const [ours, theirs] = await measureInTurns(scope, servers, load);
  if (!ours) throw new Error("nothing was measured");
  const peers = new Map(theirs ? [[sshdName, theirs]] : []);
  const line = (text: string, what: What) =>
    row(text, "ms", { classh: ours, peers, pick: (times: Times) => median(times[what]) });
  const echo = await measureEcho(scope, classh, load, options);
  return {
    scenario: "files",
    title: `files: OpenSSH's sftp, with its login, medians of ${load.rounds}; ${typists} people type meanwhile`,
    peers: [sshdName],
    absent: "absent" in sshd ? { [sshdName]: sshd.absent } : {},
    rows: [
      line(`one file of ${load.bigMebibytes} MiB, put`, "bigUp"),
      line(`one file of ${load.bigMebibytes} MiB, got`, "bigDown"),
      line(`${load.smallFiles} files of 8 KiB, put`, "smallUp"),
      line(`${load.smallFiles} files of 8 KiB, got`, "smallDown"),
      line(`a folder of ${load.listed}, listed`, "list"),
      { what: "echo of those who type, nothing is transferred, p99", unit: "ms", classh: percentile(echo.before, 99) },
      { what: "the same while files are put and got, p99", unit: "ms", classh: percentile(echo.during, 99) },
    ],
    details: { load, classh: ours, peers: Object.fromEntries(peers), echo },
  };
}

async function makeLoad(scope: Scope, quick: boolean): Promise<Load> {
  const directory = await temporaryDirectory(scope, "files");
  const load = quick
    ? { directory, bigMebibytes: 1, smallFiles: 20, listed: 100, rounds: 1 }
    : { directory, bigMebibytes: 10, smallFiles: 2000, listed: 10_000, rounds: 3 };
  await writeFile(join(directory, "big"), randomBytes(load.bigMebibytes << 20));
  await fill(join(directory, "small"), load.smallFiles, smallBytes);
  await fill(join(directory, "many"), load.listed, 0);
  return load;
}

async function fill(directory: string, count: number, bytes: number): Promise<void> {
  await mkdir(directory);
  for (let number = 0; number < count; number++) await writeFile(join(directory, `file-${number}`), randomBytes(bytes));
}

/** One server after the other in each round, so that what the machine does else meets all of them. */
async function measureInTurns(parent: Scope, servers: readonly BenchServer[], load: Load): Promise<readonly Times[]> {
  await using scope = parent.child("sftp");
  const clients: { readonly sftp: SftpClient; readonly times: Record<What, number[]> }[] = [];
  for (const { targets } of servers) {
    const [target] = targets;
    if (!target) throw new Error("there is no account");
    const sftp = await SftpClient.of(scope, target);
    await sftp.run("mkdir many", `put -r ${load.directory}/many many`, "mkdir small");
    clients.push({ sftp, times: { bigUp: [], bigDown: [], smallUp: [], smallDown: [], list: [] } });
  }
  const back = join(load.directory, "back");
  await mkdir(back);
  const commands: Readonly<Record<What, string>> = {
    bigUp: `put ${load.directory}/big big`,
    bigDown: `get big ${back}/big`,
    smallUp: `put -r ${load.directory}/small small`,
    smallDown: `get -r small ${back}`,
    list: "ls -1 many/many",
  };
  for (let round = 0; round < load.rounds; round++)
    for (const what of whats) for (const { sftp, times } of clients) times[what].push(await sftp.run(commands[what]));
  return clients.map(({ times }) => times);
}

/** Echoes of a class, first in peace and then while one of them moves files without a pause. */
async function measureEcho(parent: Scope, server: BenchServer, load: Load, { quick }: BenchOptions) {
  await using scope = parent.child("echo");
  const [mover, ...typists] = server.targets;
  if (!mover) throw new Error("there is no account");
  const seconds = quick ? 1 : 20;
  const sftp = await SftpClient.of(scope, mover);
  await using fleet = await Fleet.start(scope, typists);
  await fleet.logIn(quick ? 0 : 50, patienceMs);
  await delay(restMs);
  const typing = async (): Promise<readonly number[]> =>
    (await fleet.type(seconds, keysPerSecond)).flatMap(({ ms }) => ms);
  const before = await typing();
  const stop = new AbortController();
  const moving = moveUntil(stop.signal, sftp, load);
  const during = await typing();
  stop.abort();
  await moving;
  return { before, during };
}

async function moveUntil(stopped: AbortSignal, sftp: SftpClient, { directory }: Load): Promise<void> {
  while (!stopped.aborted)
    await sftp.run(`put ${directory}/big big`, `put -r ${directory}/small small`, `get big ${directory}/back/big`);
}

/** Tries whether and how programs can be jailed on this machine, by starting a real jail with Python in it. */
import { access, constants, mkdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrokerClient } from "./broker-client.ts";
import { compilePrograms } from "./compiled-programs.ts";
import { findCgroups, noCgroups, type CgroupSupport } from "./cgroups.ts";
import { nameFile, nameFiles } from "./jail-names.ts";
import type { JailHost } from "./jail-command.ts";
import { inputrcFile } from "./inputrc.ts";
import { filterFile, JailFactory, type FactoryOptions } from "./jail-factory.ts";
import type { JailSpec } from "./jail-spec.ts";
import type { JailExit } from "./protocol.ts";
import type { JailReport } from "./report.ts";
import { architectureOf } from "./system-calls.ts";

/** What to try. */
export interface ProbeOptions extends Omit<FactoryOptions, "host" | "cgroups"> {
  readonly broker: BrokerClient;
  readonly python: string;
  readonly bubblewrap: string;
  readonly fileBytes: number;
  readonly cgroupsWanted: boolean;
  /** An IANA name, or "" for the machine's. */
  readonly timeZone: string;
}

/** What was found. */
export interface ProbeResult {
  readonly report: JailReport;
  /** Undefined when there is no jail. */
  readonly factory: JailFactory | undefined;
}

/** What runner.py reports about its jail. */
interface Facts {
  readonly descriptors: readonly number[];
  readonly seccomp: string;
  readonly newPrivileges: string;
  /** The different values of its five sets of capabilities. */
  readonly capabilities: readonly string[];
  /** Number of mounts that it sees. */
  readonly mounts: number;
  readonly shared: readonly string[];
}

class NoJail extends Error {
  readonly install: string | undefined;

  constructor(reason: string, install?: string) {
    super(reason);
    this.install = install;
  }
}

/** Tries the best candidates in turn. Never rejects: what goes wrong is in the report. */
export async function probeJail(options: ProbeOptions): Promise<ProbeResult> {
  const notes: string[] = [];
  // As the server makes people's homes: a jail in which a program can't write there is of no use.
  const home = join(options.directory, "probe");
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const host = await findHost(options);
    await checkKernel();
    const candidates = [...(options.cgroupsWanted ? await findCgroups() : []), noCgroups];
    let failure: unknown;
    for (const cgroups of candidates) {
      const factory = new JailFactory({ ...options, host, cgroups });
      try {
        const shared = await tryJail(factory, home);
        notes.push(...modeNotes(cgroups), ...userNotes(options), ...sharedNotes(shared), ...zoneNotes(options, host));
        return { factory, report: { available: true, user: options.user?.account, cgroups: cgroups.mode, notes } };
      } catch (error) {
        failure = error;
        if (cgroups.mode !== "none")
          notes.push(`Control groups ${cgroups.mode} look usable, but are not: ${messageOf(error)}.`);
      }
    }
    throw failure;
  } catch (error) {
    const install = error instanceof NoJail ? error.install : undefined;
    return {
      factory: undefined,
      report: { available: false, reason: messageOf(error), install, cgroups: "none", notes },
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function findHost(options: ProbeOptions): Promise<JailHost> {
  if (process.getuid?.() === 0) {
    throw new NoJail(
      "the server runs as root, and a jail made by root protects nothing",
      "start it with bin/start, which switches to an ordinary account",
    );
  }
  if (process.platform !== "linux" || !architectureOf(process.arch)) {
    throw new NoJail(`jails need Linux on x86-64 or arm64, and this is ${process.platform} on ${process.arch}`);
  }
  await mustExecute("/bin/bash", "apt-get install bash");
  await mustExecute("/usr/bin/setpriv", "apt-get install util-linux");
  await mustExecute(options.bubblewrap, "apt-get install bubblewrap");
  await mustExecute(options.python, "apt-get install python3");
  const present = await Promise.all(
    ["bin", "lib", "lib64", "sbin"].map(async (name) => ((await exists(`/usr/${name}`)) ? name : undefined)),
  );
  const timeZone = await findTimeZone(options.timeZone);
  const files = await Promise.all(
    ["ld.so.cache", "matplotlibrc", ...(timeZone ? [] : ["localtime"])].map(async (name) =>
      (await isSmallFile(`/etc/${name}`)) ? name : undefined,
    ),
  );
  const python = await findInterpreter(options.python);
  const programs = join(options.directory, "programs");
  await compilePrograms(python, fileURLToPath(new URL(".", import.meta.url)), programs);
  return {
    python,
    bubblewrap: options.bubblewrap,
    programs,
    filterFile: filterFile(options.directory),
    inputrcFile: inputrcFile(options.directory),
    nameFiles: nameFiles.map((name) => nameFile(options.directory, name)),
    usrLinks: present.filter((name) => name !== undefined),
    etcFiles: files.filter((name) => name !== undefined),
    timeZone,
    fileBytes: options.fileBytes,
  };
}

/**
 * The interpreter, past links of folders, which a jail may not have: by the name that it was asked for where its own folder has that, since programs
 * see it (sys.executable).
 */
async function findInterpreter(path: string): Promise<string> {
  const real = await realpath(path);
  const named = join(dirname(real), basename(path));
  return (await realpath(named).catch(() => undefined)) === real ? named : real;
}

/** The zone that programs are told; undefined for the machine's, and where the machine has no zones. */
async function findTimeZone(name: string): Promise<JailHost["timeZone"]> {
  const file = join("/usr/share/zoneinfo", name);
  return name !== "" && (await isSmallFile(file)) ? { name, file } : undefined;
}

async function mustExecute(file: string, install: string): Promise<void> {
  const there = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!there) throw new NoJail(`${file} is missing`, install);
}

/** Whether a file is small enough to be copied into every jail. */
async function isSmallFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile() && found.size <= 1 << 20,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** Checks for what the limits read from the kernel. */
async function checkKernel(): Promise<void> {
  if (!(await exists(`/proc/self/task/${process.pid}/children`))) {
    throw new NoJail(
      "this kernel does not list the children of processes (CONFIG_PROC_CHILDREN), so programs can't be limited",
    );
  }
  const call = await readFile("/proc/self/syscall", "utf8").catch(() => "");
  if (call === "")
    throw new NoJail(
      "this kernel does not show what processes wait for (/proc/PID/syscall), so programs can't be limited",
    );
}

function modeNotes(cgroups: CgroupSupport): string[] {
  if (cgroups.mode !== "none") return [];
  return [
    "There are no control groups: what all processes of a run use together is counted up to a hundred times a second, and the run ended if it is too much; a run has at most 8 processes and threads, " +
      "multiprocessing has no locks, and processors are not shared fairly. numpy, pandas and matplotlib work. Start bin/start as root, or from systemd with Delegate=yes.",
  ];
}

function userNotes({ user }: ProbeOptions): string[] {
  if (user) return [];
  return [
    "Programs run as the server's own account, so they share with the server what the kernel counts per account (pending signals, pipes, descriptors in flight). " +
      "Started as root with bin/start, they have an account of their own (Linux 5.12 or newer, and not with runner.jailUser off).",
  ];
}

function zoneNotes({ timeZone }: ProbeOptions, host: JailHost): string[] {
  if (timeZone === "" || host.timeZone) return [];
  return [
    `Programs have the machine's time zone, not ${timeZone}: /usr/share/zoneinfo does not have it (apt-get install tzdata).`,
  ];
}

function sharedNotes(shared: readonly string[]): string[] {
  if (shared.length === 0) return [];
  return [
    `Locks on course and system files are visible to other students' programs: no overlay is possible over ${shared.join(", ")} (this needs Linux 5.11 or newer).`,
  ];
}

/**
 * Starts a jail with Python, which must look from inside as it should; throws `NoJail` with bwrap's message otherwise.
 * Resolves with the folders whose files have the same inodes in all jails.
 */
async function tryJail(factory: JailFactory, source: string): Promise<readonly string[]> {
  const home = "/home/probe";
  const spec: JailSpec = {
    owner: "probe",
    mounts: [{ source, target: home, writable: true }],
    directory: home,
    home,
    workspaceDirectory: source,
    workspaceBytes: Number.MAX_SAFE_INTEGER,
    workspaceEntries: Number.MAX_SAFE_INTEGER,
  };
  let output = "";
  let complaint = "";
  const jail = factory.probe(spec, {
    output(stream, data) {
      if (stream === "output") output = (output + data.toString("utf8")).slice(0, 4096);
      else complaint = (complaint + data.toString("utf8")).slice(0, 4096);
      jail.ack(data.length);
    },
    limit: () => undefined,
    inputRoom: () => undefined,
    exit: () => undefined,
  });
  const exit = await jail.exited;
  if (exit.status !== 0 || exit.lost) throw new NoJail(whyNot(exit, complaint.trim()), installFor(complaint));
  const facts = JSON.parse(output) as Facts;
  // 3 is the one that the program lists its descriptors with.
  if (facts.descriptors.some((descriptor) => descriptor > 3))
    throw new NoJail(`descriptors leak into jails: ${facts.descriptors.join(" ")}`);
  if (facts.seccomp !== "2" || facts.newPrivileges !== "1")
    throw new NoJail("the system call filter does not hold in jails");
  if (facts.capabilities.some((set) => Number.parseInt(set, 16) !== 0))
    throw new NoJail("programs in jails keep privileges");
  if (facts.mounts > 0) throw new NoJail("jails show the server's directories (/proc/self/mountinfo)");
  return facts.shared;
}

function whyNot(exit: JailExit, complaint: string): string {
  if (exit.lost) return "the jail broker can't be started";
  return exit.failure ?? `a jail can't be started (status ${exit.status}): ${complaint || "no message"}`;
}

/** What to install, from bwrap's complaint where the system does not let ordinary accounts make namespaces. */
function installFor(complaint: string): string | undefined {
  if (!/namespace|Operation not permitted|Permission denied/i.test(complaint)) return undefined;
  return "sysctl -w user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1 (and kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu); in a container, allow user namespaces";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Makes jails from a spec and a command: the one module where limits, cgroups, mounts and Python come together. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { minInodes } from "../base/disk-room.ts";
import type { BrokerClient } from "./broker-client.ts";
import type { Urgency } from "./broker/start-gate.ts";
import type { TogetherLimits } from "./broker/together.ts";
import { furtherMebibytes, furtherProcesses, socketMebibytes, tasksOf, type CgroupSupport } from "./cgroups.ts";
import type { ConsoleSize } from "./console-state.ts";
import {
  bubblewrapArguments,
  commonFolders,
  copiedFiles,
  groupFile,
  insider,
  linklessFolders,
  passwdFile,
  pythonArguments,
  type JailHost,
} from "./jail-command.ts";
import type { JailUser } from "./jail-user.ts";
import type { Jail, JailHandlers } from "./jail.ts";
import type { Outcome, Removed } from "./outcome.ts";
import { shownProgramName, signalName, signalNumbers } from "./outcome.ts";
import type { JailSpec, RunLimits } from "./jail-spec.ts";
import { temporaryPlaceholder, type JailExit, type JailLimits, type LimitKind } from "./protocol.ts";
import type { ScriptCommand, ScriptTerminal } from "./script.ts";
import type { ToolCommand } from "./tool.ts";
import { seccompFilter } from "./seccomp.ts";
import type { Architecture } from "./system-calls.ts";

const mebibyte = 1 << 20;
const deleteByte = 0x7f;

/**
 * Factor of the kernel's quota at which the watch steps in: the kernel refuses exactly at the limit; watching is
 * second, and counts names as well.
 */
const kernelMargin = 1.25;

/**
 * Mebibytes that a program may reserve beyond what it may use (broker/memory-watch.ts): a matrix product of OpenBLAS reserves 128, numpy,
 * pandas and matplotlib together 146.
 */
const reservedMebibytes = 160;

/** Mebibytes of address space beside data: the libraries' files (these three have 100), those that a program maps, memory that processes share. */
const mappedMebibytes = 352;

/** What all jails of a server share. */
export interface FactoryOptions {
  readonly broker: BrokerClient;
  readonly host: JailHost;
  readonly cgroups: CgroupSupport;
  /** The account that programs run as; undefined where it is our own. */
  readonly user: JailUser | undefined;
  readonly limits: RunLimits;
  readonly promptAfterError: boolean;
  /** Free bytes below which programs that write are ended. */
  readonly reserveBytes: number;
  /** Our own directory on the host. */
  readonly directory: string;
}

/** How a Python that waits for its command is started. */
export interface PromptJailOptions {
  /** Secret word by which the server tells runner.py's messages from what a program prints. */
  readonly mark: string;
  readonly size: ConsoleSize;
  readonly urgency: Urgency;
}

interface LaunchOptions {
  /** Options for runner.py. */
  readonly insideOptions: { readonly mode: string };
  /** Size of the terminal; undefined for pipes. */
  readonly size: ConsoleSize | undefined;
  readonly urgency: Urgency;
}

/** Writes the filter's file, which all jails use. */
export async function writeFilter(directory: string, architecture: Architecture): Promise<void> {
  await writeFile(filterFile(directory), seccompFilter(architecture), { mode: 0o600 });
}

/** Path of the filter's file. */
export const filterFile = (directory: string): string => join(directory, "filter.bpf");

/** Starts jails. */
export class JailFactory {
  readonly #options: FactoryOptions;

  constructor(options: FactoryOptions) {
    this.#options = options;
  }

  /** A Python that waits for its command on a terminal. */
  openPrompt(spec: JailSpec, { mark, size, urgency }: PromptJailOptions, handlers: JailHandlers): Jail {
    const insideOptions = { mode: "console", mark, promptAfterError: this.#options.promptAfterError };
    return this.#launch(spec, { insideOptions, size, urgency }, handlers);
  }

  /** A script on pipes, or on a terminal if there is one. */
  runScript(
    spec: JailSpec,
    script: Required<ScriptCommand>,
    terminal: ScriptTerminal | undefined,
    handlers: JailHandlers,
  ): Jail {
    const insideOptions = { mode: "script", ...script, erase: terminal?.erase ?? deleteByte };
    return this.#launch(spec, { insideOptions, size: terminal, urgency: "run" }, handlers);
  }

  /** A tool on pipes. */
  runTool(spec: JailSpec, { program, words }: ToolCommand, handlers: JailHandlers): Jail {
    const patterns = words.map(({ pattern = "" }) => pattern);
    const insideOptions = { mode: "tool", program, words: words.map(({ text }) => text), patterns };
    return this.#launch(spec, { insideOptions, size: undefined, urgency: "run" }, handlers);
  }

  /** A Python that only reports what it sees of its jail. */
  probe(spec: JailSpec, handlers: JailHandlers): Jail {
    return this.#launch(spec, { insideOptions: { mode: "probe" }, size: undefined, urgency: "run" }, handlers);
  }

  /** What an exit means to the person. */
  outcomeOf(exit: JailExit, spec: JailSpec): Outcome {
    if (exit.lost) return { kind: "lost" };
    if (exit.limit) return this.#limitOutcome(exit.limit, exit, spec);
    if (exit.killed) return { kind: "stopped" };
    if (!exit.started)
      return { kind: "failed-to-start", reason: exit.failure ?? `the jail could not be made (status ${exit.status})` };
    const signal = exit.status > 128 ? signalName(exit.status - 128) : "";
    if (signal in signalNumbers) return { kind: "signalled", signal };
    return { kind: "exited", status: exit.status };
  }

  #limitOutcome(limit: LimitKind, exit: JailExit, spec: JailSpec): Outcome {
    const { runSeconds, outputMebibytes, runMemoryMebibytes, runProcesses } = this.#limitsOf(spec);
    switch (limit) {
      case "time":
        return { kind: "timed-out", seconds: runSeconds };
      case "output":
        return { kind: "too-much-output", mebibytes: outputMebibytes };
      case "memory":
        return { kind: "out-of-memory", mebibytes: runMemoryMebibytes };
      case "processes":
        return { kind: "too-many-processes", processes: runProcesses };
      case "together":
        return { kind: "made-room", mebibytes: runMemoryMebibytes };
      case "disk":
        return { kind: "out-of-disk", mebibytes: Math.floor(spec.workspaceBytes / mebibyte), ...removedIn(exit) };
      case "entries":
        return { kind: "too-many-files", entries: spec.workspaceEntries, ...removedIn(exit) };
      case "room":
        return { kind: "server-disk-full" };
      default:
        return limit satisfies never;
    }
  }

  #launch(spec: JailSpec, { insideOptions, size, urgency }: LaunchOptions, handlers: JailHandlers): Jail {
    const { broker, host, cgroups, user } = this.#options;
    const limits = this.#limitsOf(spec);
    const temporaryOnDisk = cgroups.mode === "none";
    return broker.launch(
      {
        terminal: size && { columns: size.columns, rows: size.rows },
        bubblewrap: host.bubblewrap,
        bubblewrapArguments: bubblewrapArguments(spec, host, temporaryOnDisk ? temporaryPlaceholder : undefined, user),
        passwd: passwdFile(spec),
        group: groupFile(spec),
        command: pythonArguments(host, {
          ...insideOptions,
          directory: spec.directory,
          overlays: commonFolders(spec, host),
          linkless: linklessFolders(spec),
          become: user ? insider : 0,
          ...this.#insideLimits(limits),
        }),
        fileBytes: host.fileBytes,
        user: user && { terminalGroup: user.terminalGroup },
        files: copiedFiles(host).map(({ source }) => source),
        cgroups: cgroups.plans(limits),
        temporaryOnDisk,
        limits: {
          ...jailLimits(limits, spec, this.#options),
          ...(insideOptions.mode === "tool" ? withoutPace(spec) : {}),
        },
        running: insideOptions.mode !== "console",
        urgency,
      },
      handlers,
    );
  }

  #limitsOf(spec: JailSpec): RunLimits {
    return { ...this.#options.limits, ...spec.limits };
  }

  /** Limits that runner.py sets for itself and its children. */
  #insideLimits(limits: RunLimits): object {
    const { runMemoryMebibytes } = limits;
    const tasks = tasksOf(limits);
    const memory = runMemoryMebibytes * mebibyte;
    const data = memory + reservedMebibytes * mebibyte;
    // Without a cgroup the jail's memory is bounded only by processes times address space, and by the watch.
    if (this.#options.cgroups.mode === "none")
      return { memory, data, tasks: Math.min(8, tasks), space: data + mappedMebibytes * mebibyte };
    return { memory, data, tasks, space: 0 };
  }
}

/** A tool moves files as fast as the line and the disk do, for as long as that takes unless its spec says how long. */
function withoutPace({ limits }: JailSpec): Partial<JailLimits> {
  return {
    runSeconds: limits?.runSeconds ?? Number.MAX_SAFE_INTEGER,
    outputBytesPerSecond: Number.MAX_SAFE_INTEGER,
    outputBytes: Number.MAX_SAFE_INTEGER,
  };
}

function removedIn({ removedFiles, removedNames = [] }: JailExit): Removed {
  return removedFiles ? { removedFiles, removedNames: removedNames.map(shownProgramName) } : {};
}

function jailLimits(limits: RunLimits, spec: JailSpec, { cgroups, host, reserveBytes }: FactoryOptions): JailLimits {
  return {
    runSeconds: limits.runSeconds,
    processes: limits.runProcesses,
    memoryBytes: limits.runMemoryMebibytes * mebibyte,
    residentBytes: cgroups.mode === "none" ? (limits.runMemoryMebibytes + furtherMebibytes) * mebibyte : 0,
    socketBytes: socketMebibytes(limits) * mebibyte,
    workspaceDirectory: spec.workspaceDirectory,
    workspaceBytes: spec.workspaceBytes * (spec.quotaByKernel ? kernelMargin : 1),
    workspaceEntries: spec.workspaceEntries,
    serverWritesFile: spec.serverWritesFile,
    reserveBytes,
    reserveInodes: reserveBytes > 0 ? minInodes : 0,
    fileBytes: host.fileBytes,
    outputBytesPerSecond: limits.outputKibibytesPerSecond * 1024,
    outputBytes: limits.outputMebibytes * mebibyte,
    together: spec.together === undefined ? undefined : togetherLimits(spec.together, limits),
  };
}

function togetherLimits(key: string, limits: RunLimits): TogetherLimits {
  return {
    key,
    bytes: (limits.runMemoryMebibytes + furtherMebibytes) * mebibyte,
    processes: limits.runProcesses + furtherProcesses,
    threads: tasksOf(limits) + furtherProcesses,
  };
}

import { mkdir, rm } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { DiskRoom } from "../base/disk-room.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Settings } from "../config/schema.ts";
import { BrokerClient } from "./broker-client.ts";
import type { ConsoleSize, PythonConsole } from "./console-state.ts";
import { writeInputrc } from "./inputrc.ts";
import { StatementHistory } from "./statement-history.ts";
import { writeFilter, type JailFactory } from "./jail-factory.ts";
import type { Outcome } from "./outcome.ts";
import { findJailUser, type JailUser } from "./jail-user.ts";
import { writeNames } from "./jail-names.ts";
import type { JailSpec } from "./jail-spec.ts";
import { probeJail, type ProbeResult } from "./probe.ts";
import { JailedConsole } from "./python-console.ts";
import type { JailReport } from "./report.ts";
import { SparePython } from "./spare-python.ts";
import { RunSlots, tooManyRuns, type SharedSlots } from "./run-slots.ts";
import { runScript, runTool } from "./script-run.ts";
import type { ScriptCommand, ScriptStreams } from "./script.ts";
import type { ToolCommand } from "./tool.ts";
import { architectureOf } from "./system-calls.ts";

export type { ScriptCommand, ScriptStreams } from "./script.ts";
export type { ToolCommand, ToolWord } from "./tool.ts";

/** What a runner works with. */
export interface RunnerOptions {
  readonly settings: Settings["runner"];
  readonly limits: Settings["limits"];
  /** The time zone of programs, an IANA name; the machine's by default. */
  readonly timeZone?: string;
  /** Directory for temporary files, ours alone; made if missing, emptied at start and end. */
  readonly directory: string;
  /** Directory in which bin/prepare-jail-user may have prepared an account for programs. */
  readonly jailUserDirectory?: string;
  /** Counts runs outside the IDE in all processes; without it this process counts its own. */
  readonly specs?: SharedSlots;
  /** Pythons that may start at a time; the others queue. */
  readonly startsAtOnce: number;
  /** Room on the disk; while it is short no program starts. */
  readonly room?: DiskRoom | undefined;
  readonly log: Log;
  readonly clock: Clock;
  /** Called when the broker ended, as the text says, with everything that ran; another one replaces it. */
  readonly onBrokerRestart?: (ended: string) => void;
}

/** Starts Python in jails; one for a server. */
export class Runner implements AsyncDisposable {
  /** What trying a jail at the start found. */
  readonly jail: JailReport;
  readonly #options: RunnerOptions;
  readonly #scope: Scope;
  readonly #broker: BrokerClient;
  readonly #factory: JailFactory | undefined;
  readonly #slots: RunSlots;

  private constructor(options: RunnerOptions, scope: Scope, broker: BrokerClient, probe: ProbeResult) {
    this.#options = options;
    this.#scope = scope;
    this.#broker = broker;
    this.#factory = probe.factory;
    this.#slots = new RunSlots(options.limits.runsAtOnce);
    this.jail = probe.report;
  }

  /** Starts the broker and tries a jail. A machine without jails is no error: see `jail`. */
  static async start(options: RunnerOptions): Promise<Runner> {
    const { directory, log } = options;
    const scope = new Scope("runner");
    try {
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory, { recursive: true, mode: 0o700 });
      scope.defer(() => rm(directory, { recursive: true, force: true }));
      const architecture = architectureOf(process.arch);
      if (architecture) await writeFilter(directory, architecture);
      await writeInputrc(directory);
      await writeNames(directory);
      const { broker, probe } = await startBroker(options, scope);
      if (probe.report.available)
        log.info("jail works", {
          cgroups: probe.report.cgroups,
          account: probe.report.user ?? "our own",
          notes: probe.report.notes,
        });
      else log.error("programs can't be run: no jail", { reason: probe.report.reason, install: probe.report.install });
      return new Runner(options, scope, broker, probe);
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  /** Pid of the broker; it changes when a broker dies. */
  get brokerPid(): number | undefined {
    return this.#broker.pid;
  }

  /** Number of jails, spares included. */
  get jailCount(): number {
    return this.#broker.count;
  }

  /** Number of scripts that run without a screen. */
  get scriptCount(): number {
    return this.#slots.total;
  }

  /**
   * A console, which its owner must release. Throws `no-jail` where no jail can be made. A `passing` one exists for one
   * run: it begins with `runFile`, and keeps no spare jail. Programs in a console can read its history.
   */
  openConsole(
    spec: JailSpec,
    size: ConsoleSize,
    {
      passing = false,
      history = new StatementHistory(),
      spare,
    }: { readonly passing?: boolean; readonly history?: StatementHistory; readonly spare?: SparePython } = {},
  ): PythonConsole {
    const factory = this.#mustHaveJail();
    const { clock } = this.#options;
    return new JailedConsole({
      factory,
      spec,
      size,
      clock,
      spare: spare ?? this.spare(!passing),
      ownsSpare: spare === undefined,
      idle: passing,
      history,
      admit: () => this.#requireRoom(),
    });
  }

  /** A Python that is started ahead for one console or several, which its owner must release. */
  spare(wanted = true): SparePython {
    const { settings, clock } = this.#options;
    return new SparePython({ clock, enabled: settings.spareJails && wanted });
  }

  /**
   * Runs a script without a screen. Rejects with `no-jail` where no jail can be made, and `too-many-runs` while the
   * owner has too many.
   */
  async runScript(spec: JailSpec, command: ScriptCommand, io: ScriptStreams): Promise<Outcome> {
    const factory = this.#mustHaveJail();
    this.#requireRoom();
    const who = spec.startedBy ?? spec.owner;
    using slot = this.#slots.take(who);
    void slot;
    await using _shared = await this.#takeSharedSlot(who);
    return await runScript(factory, spec, command, io);
  }

  /** Runs a tool on somebody's files. Rejects with `no-jail` where no jail can be made. How many is its caller's matter. */
  async runTool(spec: JailSpec, tool: ToolCommand, io: ScriptStreams): Promise<Outcome> {
    return await runTool(this.#mustHaveJail(), spec, tool, io);
  }

  /** Ends everything that runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
  }

  async #takeSharedSlot(owner: string): Promise<AsyncDisposable | undefined> {
    const { specs, limits } = this.#options;
    const taken = await specs?.take(owner);
    if (specs && !taken) throw tooManyRuns(limits.runsAtOnce);
    return taken;
  }

  #requireRoom(): void {
    this.#options.room?.require("programs can't be run");
  }

  #mustHaveJail(): JailFactory {
    if (this.#factory) return this.#factory;
    const { reason, install } = this.jail;
    throw new UserError(
      "no-jail",
      `programs can't be run here: ${reason}`,
      install ? `An admin can fix this: ${install}` : 'An admin can find out more with "classh doctor".',
    );
  }
}

/**
 * A broker in the namespace of the jails' account where that works; otherwise with our account, and a note that says
 * why.
 */
async function startBroker(
  options: RunnerOptions,
  scope: Scope,
): Promise<{ broker: BrokerClient; probe: ProbeResult }> {
  const { settings, jailUserDirectory } = options;
  const user =
    settings.jailUser === "auto" && jailUserDirectory !== undefined ? await findJailUser(jailUserDirectory) : undefined;
  let note: string | undefined;
  if (user) {
    const attempt = await tryBroker(options, user);
    if (attempt.probe.report.available) {
      scope.own(attempt.broker);
      return attempt;
    }
    await attempt.broker[Symbol.asyncDispose]();
    note = `Programs can't run as ${user.account}: ${attempt.probe.report.reason}.`;
  }
  const { broker, probe } = await tryBroker(options, undefined);
  scope.own(broker);
  const notes = note === undefined ? probe.report.notes : [...probe.report.notes, note];
  return { broker, probe: { ...probe, report: { ...probe.report, notes } } };
}

async function tryBroker(
  options: RunnerOptions,
  user: JailUser | undefined,
): Promise<{ broker: BrokerClient; probe: ProbeResult }> {
  const { settings, limits, directory, startsAtOnce, log, clock, onBrokerRestart: onRestart } = options;
  const broker = new BrokerClient({ directory, startsAtOnce, namespace: user?.namespace, log, clock, onRestart });
  const probe = await probeJail({
    broker,
    limits,
    directory,
    user,
    python: settings.python,
    bubblewrap: settings.bubblewrap,
    promptAfterError: settings.promptAfterError,
    fileBytes: limits.fileMebibytes * (1 << 20),
    reserveBytes: options.room?.reserveBytes ?? 0,
    cgroupsWanted: settings.cgroups === "auto",
    timeZone: options.timeZone ?? "",
  });
  return { broker, probe };
}

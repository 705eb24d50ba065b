/**
 * The life of one jail, top to bottom: files and cgroups are made, the launcher starts, output flows as fast as it is
 * acknowledged and the rate allows, the watch checks the processes, and after the exit everything is removed.
 */
import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemCode } from "../../base/errors.ts";
import { SummedAcks } from "../summed-acks.ts";
import { launchCommand, launchEnvironment, launcherFailed } from "../jail-command.ts";
import {
  groupPlaceholder,
  passwdPlaceholder,
  temporaryPlaceholder,
  windowBytes,
  type JailExit,
  type LimitKind,
  type JailNotice,
  type OutputStream,
  type Request,
  type StartJail,
} from "../protocol.ts";
import { JailCgroup } from "./cgroup.ts";
import type { Child, ChildEvents } from "./child.ts";
import type { DiskCounter } from "./counter.ts";
import { callProgram, chainHolds, programWaiting, sendSignal } from "./ending.ts";
import { Farewell } from "./farewell.ts";
import { startOnPipes } from "./pipes.ts";
import { sessionYields } from "./priority.ts";
import { startOnTerminal } from "./pseudo-terminal.ts";
import type { StartGate, PendingStart } from "./start-gate.ts";
import { Throttle } from "./throttle.ts";
import type { Together } from "./together.ts";
import { JailWatch } from "./jail-watch.ts";

/** What a jail reports. */
export interface JailEvents {
  notice(notice: JailNotice): void;
  output(stream: OutputStream, data: Buffer): void;
}

/** What all jails of a broker share. */
export interface JailSurroundings {
  /** Directory for the files of running jails. */
  readonly directory: string;
  readonly counter: DiskCounter;
  readonly gate: StartGate;
  readonly together: Together;
}

const runTool = promisify(execFile);

/** Milliseconds between two checks whether a program can begin, which may take long on a machine under heavy load. */
const checkMs = 3;
const beginMs = 180_000;
/** The kernel allows one such change of a session's priority in a tenth of a second. */
const yieldMs = 150;

/**
 * What ends a prompt whatever has been typed already: it goes to the last line and its end, takes the line away, and reads the end of
 * input. Readline does the same; without it the terminal does, the first three characters among what it takes away.
 */
const leaveKeys = Buffer.from([27, 62, 5, 21, 4]);

/**
 * Removes what a program left in its /tmp. Everybody who could swap a folder for a link has ended; rm copes with
 * folders deeper than a path can be, chmod with closed ones. What resists is tried again when the next broker starts
 * (removeLeftovers).
 */
async function removeTree(directory: string): Promise<void> {
  await runTool("/bin/chmod", ["-R", "u+rwX", directory]).catch(() => undefined);
  await runTool("/bin/rm", ["-rf", "--", directory]).catch(() => undefined);
}

/** Removes the files of all jails that other brokers left in this directory. */
export async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (/^\d+-\d+$/.test(name) && !name.startsWith(`${process.pid}-`)) await removeTree(join(directory, name));
  }
}

/** Why a jail could not be made, as a person can understand it. */
function failureOf(error: unknown): string {
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return "the server's disk is full";
    case "EROFS":
      return "the server's disk is read-only at the moment";
    default:
      return String(error);
  }
}

/** A jail in the broker. */
export class BrokerJail {
  readonly #name: string;
  readonly #plan: StartJail;
  readonly #directory: string;
  readonly #events: JailEvents;
  readonly #counter: DiskCounter;
  readonly #together: Together;
  readonly #throttle: Throttle;
  /** Its start in the queue. */
  readonly #turn: PendingStart;
  #child: Child | undefined;
  #watch: JailWatch | undefined;
  /** Input that came before the program began; bounded by the window of input. */
  #early: (() => void)[] = [];
  /** Repeats `#begin`: the program gets its command once everything in the jail will die with us. */
  #beginning: NodeJS.Timeout | undefined;
  #yielding: NodeJS.Timeout | undefined;
  #farewell: Farewell | undefined;
  #begun = false;
  /** Whether everything in the jail will die with us, as was seen. */
  #chainHeld = false;
  #failure: string | undefined;
  #size: { readonly columns: number; readonly rows: number } | undefined;
  #unacknowledged = 0;
  #killed = false;
  #limit: LimitKind | undefined;

  /** `name` must be unique among jails; files and cgroups are named after it. */
  constructor(name: string, plan: StartJail, surroundings: JailSurroundings, events: JailEvents) {
    const { directory, counter, gate, together } = surroundings;
    this.#name = name;
    this.#together = together;
    this.#counter = counter;
    this.#plan = plan;
    this.#size = plan.terminal;
    this.#directory = join(directory, name);
    this.#turn = gate.queue(plan.urgency);
    this.#events = events;
    this.#throttle = new Throttle(plan.limits.outputBytesPerSecond, () => this.#flow());
  }

  /** Runs the jail to its end, and removes what was made for it. */
  async run(): Promise<void> {
    let exit: JailExit;
    let cgroup: JailCgroup | undefined;
    try {
      await this.#turn.ready;
      await this.#makeFiles();
      cgroup = await JailCgroup.create(this.#name, this.#plan.cgroups);
      const status = this.#killed ? 137 : await this.#runChild(cgroup);
      exit = await this.#exitOf(status, cgroup);
    } catch (error) {
      exit = { started: false, status: launcherFailed, killed: this.#killed, failure: failureOf(error) };
    }
    this.#throttle[Symbol.dispose]();
    this.#turn[Symbol.dispose]();
    // All its processes are gone. Nobody has to wait for the rest.
    this.#events.notice({ type: "exit", ...exit });
    await cgroup?.remove();
    await this.#removeFiles();
  }

  input(data: Buffer): void {
    this.#whenBegun((child) => {
      // Enter restarts the clock of a program that waits for it, as the kernel sees it.
      if (data.includes(13) || data.includes(10)) this.#watch?.enter();
      // Behind input that nobody reads, Ctrl-C would never arrive.
      if (data.includes(3) && child.congested) this.#signal(child, "SIGINT");
      child.write(data);
      if (data.includes(3)) this.#watch?.nudgeSoon();
    });
  }

  request(request: Request): void {
    switch (request.type) {
      case "start":
        throw new Error("a jail starts once");
      case "begin":
        this.#begin((child) => this.#giveCommand(child, request.line));
        return;
      case "hurry":
        this.#turn.hurry();
        return;
      case "end-input":
        this.#whenBegun((child) => child.endInput());
        return;
      case "close-output":
        this.#whenBegun((child) => child.closeOutput(request.stream));
        return;
      case "resize":
        this.#size = { columns: request.columns, rows: request.rows };
        this.#child?.resize(request.columns, request.rows);
        return;
      case "signal":
        this.#whenBegun((child) => this.#signal(child, request.signal));
        return;
      case "call":
        this.#whenBegun((child) => callProgram(child.pid));
        return;
      case "leave":
        this.#leave();
        return;
      case "kill":
        this.kill();
        return;
      case "ack":
        this.#unacknowledged -= request.bytes;
        this.#flow();
        return;
      default:
        request satisfies never;
    }
  }

  kill(): void {
    this.#killed = true;
    if (this.#child) this.#child.kill();
    else this.#turn[Symbol.dispose]();
  }

  #leave(): void {
    const child = this.#child;
    if (!child || !this.#begun) {
      this.kill();
      return;
    }
    this.#killed = true;
    this.#farewell ??= new Farewell({
      endInput: () => child.write(leaveKeys),
      hangUp: () => this.#watch?.signal("SIGHUP"),
      kill: () => child.kill(),
    });
  }

  async #makeFiles(): Promise<void> {
    await mkdir(this.#directory, { mode: 0o700 });
    const temporary = join(this.#directory, "tmp");
    if (this.#plan.temporaryOnDisk) {
      await mkdir(temporary);
      await chmod(temporary, 0o1777);
    }
    await writeFile(join(this.#directory, "passwd"), this.#plan.passwd);
    await writeFile(join(this.#directory, "group"), this.#plan.group);
    const paths: Readonly<Record<string, string>> = { [temporaryPlaceholder]: temporary };
    const words = this.#plan.bubblewrapArguments.map((word) => paths[word] ?? word);
    await writeFile(join(this.#directory, "arguments"), words.map((word) => `${word}\0`).join(""));
  }

  async #removeFiles(): Promise<void> {
    if (this.#plan.temporaryOnDisk) await removeTree(this.#directory);
    else await rm(this.#directory, { recursive: true, force: true });
  }

  #runChild(cgroup: JailCgroup): Promise<number> {
    return new Promise((resolve) => {
      const plan = this.#plan;
      const own = new Map([
        [passwdPlaceholder, join(this.#directory, "passwd")],
        [groupPlaceholder, join(this.#directory, "group")],
      ]);
      const [file, ...args] = launchCommand({
        parent: process.pid,
        argumentsFile: join(this.#directory, "arguments"),
        statusFile: join(this.#directory, "status"),
        files: plan.files.map((file) => own.get(file) ?? file),
        cgroups: cgroup.joins,
        fileBytes: plan.fileBytes,
        bubblewrap: plan.bubblewrap,
        user: plan.user,
        command: plan.command,
      });
      const command = { file, args, environment: launchEnvironment };
      const inputAck = (bytes: number): void => this.#events.notice({ type: "ack", bytes });
      const sums = new SummedAcks(inputAck);
      // Who types at a terminal may paste as much as the window takes.
      const acknowledge = this.#size ? inputAck : (bytes: number) => sums.add(bytes);
      const events: ChildEvents = {
        output: (stream, data) => this.#output(stream, data),
        inputTaken: (bytes) => acknowledge(bytes),
        exit: (status) => {
          this.#watch?.[Symbol.dispose]();
          if (this.#beginning) clearTimeout(this.#beginning);
          if (this.#yielding) clearTimeout(this.#yielding);
          this.#farewell?.[Symbol.dispose]();
          this.#child = undefined;
          resolve(status);
        },
      };
      const child = this.#size ? startOnTerminal(command, this.#size, events) : startOnPipes(command, events);
      this.#child = child;
      this.#yieldSession();
      this.#watch = new JailWatch(child, plan.limits, {
        counter: this.#counter,
        together: this.#together,
        usedBytes: () => cgroup.usedBytes(),
        furtherDirectories: plan.temporaryOnDisk ? [join(this.#directory, "tmp")] : [],
        events: {
          limit: (limit) => {
            this.#limit = limit;
            this.#events.notice({ type: "limit", limit });
          },
          outputWaitsFor: () => this.#outputWaitsFor(),
          ask: () => this.#leave(),
        },
      });
      if (plan.running) this.#begin((started) => this.#beginScript(started));
    });
  }

  /**
   * Looks whether the prompt's program could begin, before it has to: what the kernel is asked here takes longer than a short
   * program. Once the chain holds, nothing in the jail can undo that, and while the program waits it takes no time.
   */
  #lookAhead(): void {
    const child = this.#child;
    if (!child || this.#begun || this.#chainHeld) return;
    this.#chainHeld = chainHolds(child.pid);
    if (this.#chainHeld) this.#watch?.prepare();
  }

  /** Gives a prompt's program its command, which it waits for. */
  #giveCommand(child: Child, line: string): boolean {
    this.#lookAhead();
    if (!this.#chainHeld) return false;
    child.write(Buffer.from(line));
    this.#watch?.begin();
    return true;
  }

  /** Starts a script, which has its command already and waits for a signal. */
  #beginScript(child: Child): boolean {
    const program = chainHolds(child.pid) ? programWaiting(child.pid) : undefined;
    if (program === undefined) return false;
    this.#watch?.prepare();
    this.#watch?.begin();
    sendSignal(program, "SIGURG");
    return true;
  }

  /** Tries until the program can begin, or gives up. */
  #begin(attempt: (child: Child) => boolean, since = performance.now()): void {
    const child = this.#child;
    if (!child || this.#begun || this.#killed) return;
    if (attempt(child)) {
      this.#begun = true;
      this.#turn[Symbol.dispose]();
      for (const action of this.#early.splice(0)) action();
    } else if (performance.now() - since > beginMs) {
      this.#failure = `it was not ready after ${beginMs / 1000} seconds`;
      child.kill();
    } else {
      this.#beginning = setTimeout(() => this.#begin(attempt, since), checkMs);
    }
  }

  /**
   * Lowers the session's priority. A terminal's child may not have left our session yet, and the kernel takes few of
   * these changes at a time.
   */
  #yieldSession(): void {
    const child = this.#child;
    if (child && !sessionYields(child.pid)) this.#yielding = setTimeout(() => this.#yieldSession(), yieldMs);
  }

  async #exitOf(status: number, cgroup: JailCgroup): Promise<JailExit> {
    const lines = await readFile(join(this.#directory, "status"), "latin1").catch(() => "");
    // bwrap writes this line before the program starts.
    const started = lines.includes('"child-pid"');
    const hungry = status !== 0 && !this.#killed && this.#limit === undefined && (await cgroup.outOfMemory());
    if (this.#failure) return { started: false, status: launcherFailed, killed: this.#killed, failure: this.#failure };
    const disk = await this.#watch?.finish();
    const limit = hungry ? "memory" : (this.#limit ?? disk?.exceeded);
    return {
      started,
      status,
      limit,
      killed: this.#killed,
      ...(disk?.removedFiles ? { removedFiles: disk.removedFiles, removedNames: disk.removedNames } : {}),
    };
  }

  #output(stream: OutputStream, data: Buffer): void {
    // The first output of a prompt is the mark that it waits for its command.
    this.#turn[Symbol.dispose]();
    if (!this.#plan.running) this.#lookAhead();
    this.#unacknowledged += data.length;
    this.#watch?.printed(data.length);
    this.#throttle.take(data.length);
    this.#flow();
    this.#events.output(stream, data);
  }

  #outputWaitsFor(): "person" | "rate" | undefined {
    if (this.#unacknowledged >= windowBytes) return "person";
    return this.#throttle.blocked ? "rate" : undefined;
  }

  #flow(): void {
    if (this.#outputWaitsFor()) this.#child?.pause();
    else this.#child?.resume();
  }

  #signal(child: Child, signal: string): void {
    // Input not yet read was meant for what is now interrupted.
    const dropped = child.dropInput();
    if (dropped > 0) this.#events.notice({ type: "ack", bytes: dropped });
    this.#watch?.signal(signal);
  }

  #whenBegun(action: (child: Child) => void): void {
    if (this.#child && this.#begun) action(this.#child);
    else this.#early.push(() => this.#child && action(this.#child));
  }
}

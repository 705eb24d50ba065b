/**
 * What the kernel says about a jail's processes; nothing here can be forged from inside. Reading /proc is synchronous
 * on purpose: it never waits for a disk, takes some 40 us per process, and the broker has nothing better to do.
 */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { architectureOf, numberOf } from "../system-calls.ts";
import type { InputIdentity } from "./child.ts";

/** The processes of a jail at one moment. */
export interface JailSample {
  /** Host pids of what runs in the jail, without bwrap's own two processes. */
  readonly pids: readonly number[];
  /** All threads, those of bwrap's process in the jail too: their folders in /proc. One of a process that ended meanwhile is gone. */
  readonly threads: readonly string[];
  /** CPU time of all processes, including ended ones that somebody waited for. */
  readonly cpuSeconds: number;
  /** Whether some thread waits for the person, and no thread works. */
  readonly waiting: boolean;
  /** Whether no thread works, and some thread waits for its output to be taken. */
  readonly writing: boolean;
  /** Memory that belongs to the jail alone; 0 unless asked for. */
  readonly residentBytes: number;
}

/** Bound of the walk: more than the process limit allows. */
const maxProcesses = 512;
const ticksPerSecond = 100; // USER_HZ is 100 on every Linux that we support
const pageBytes = 4096;

const architecture = architectureOf(process.arch) ?? "x64";
const readCall = numberOf("read", architecture);
const writeCalls = (["write", "writev", "sendfile", "splice", "tee", "sendto", "sendmsg"] as const).map((name) =>
  numberOf(name, architecture),
);
const selectCalls = [numberOf("select", architecture), numberOf("pselect6", architecture)];

/** Major numbers of terminals' slave sides, and /dev/tty, which getpass reads from. */
const ownTerminal = 0x0500; // makedev(5, 0)

/** A sample of all processes below bwrap's monitor; processes that end meanwhile are left out. */
export function sampleJail(monitor: number, input: InputIdentity, withMemory: boolean): JailSample {
  const pids: number[] = [];
  const threads: string[] = [];
  let ticks = 0;
  let resident = 0;
  let working = false;
  let waiting = false;
  let writing = false;
  // bwrap's monitor has one child, the first process of the jail's own numbering, which is bwrap as well.
  const open = childrenOf(monitor);
  for (let pid = open.pop(); pid !== undefined && pids.length < maxProcesses; pid = open.pop()) {
    const isInit = parentOf(pid) === monitor;
    ticks += cpuTicks(pid);
    if (withMemory) resident += residentOf(pid);
    open.push(...childrenOf(pid));
    const own = threadsOf(pid);
    // One that has ended meanwhile is listed too: it may have started another that we did not see.
    threads.push(...(own.length > 0 ? own : [pid]).map((thread) => `/proc/${pid}/task/${thread}`));
    if (isInit) continue;
    pids.push(pid);
    for (const thread of own) {
      const state = threadStateOf(pid, thread);
      if (state === "R" || state === "D") working = true;
      else if (state === "S") {
        const doing = callOf(pid, thread, input);
        waiting ||= doing === "waiting";
        writing ||= doing === "writing";
      }
    }
  }
  return {
    pids,
    threads,
    cpuSeconds: ticks / ticksPerSecond,
    waiting: waiting && !working,
    writing: writing && !working,
    residentBytes: resident,
  };
}

/**
 * What the scheduler has given to each of these threads: equal to an earlier answer when none of them has run since, and so none can have
 * started another. Undefined when one has ended, or where the kernel does not count (all of it is 0).
 */
export function runtimesOf(threads: readonly string[]): string | undefined {
  let answer = "";
  for (const thread of threads) {
    const runtime = readText(`${thread}/schedstat`);
    if (!/^[1-9]/.test(runtime)) return undefined;
    answer += `${thread} ${runtime}`;
  }
  return answer;
}

/** Number of the system call in which a process's first thread waits; undefined when it does not wait. */
export function callNumberOf(pid: number): number | undefined {
  const number = Number.parseInt(readText(`/proc/${pid}/syscall`), 10);
  return Number.isNaN(number) ? undefined : number;
}

/** "R", "S", "D", "T", "Z" of proc(5); undefined when the process is gone. */
export function stateOf(pid: number): string | undefined {
  return statFields(`/proc/${pid}/stat`)[0] || undefined;
}

export function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) => numbers(readText(`/proc/${pid}/task/${thread}/children`)));
}

/** Ids of a process's threads; empty when it has ended. */
export function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has ended
  }
}

/** The fields of /proc/PID/stat after the name, which may contain anything: field 0 here is the state. */
function statFields(path: string): string[] {
  const text = readText(path);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

export function parentOf(pid: number): number {
  return Number(statFields(`/proc/${pid}/stat`)[1]);
}

/** Session of a process; undefined when it is gone. */
export function sessionOf(pid: number): number | undefined {
  const session = Number(statFields(`/proc/${pid}/stat`)[3]);
  return Number.isInteger(session) && session > 0 ? session : undefined;
}

function cpuTicks(pid: number): number {
  // utime, stime, cutime, cstime: fields 14 to 17 of proc(5).
  const ticks = statFields(`/proc/${pid}/stat`).slice(11, 15);
  return ticks.reduce((sum, field) => sum + Number(field), 0);
}

/** As `stateOf`, for one thread. */
export function threadStateOf(pid: number, thread: string): string | undefined {
  return statFields(`/proc/${pid}/task/${thread}/stat`)[0] || undefined;
}

/** Bytes of anonymous and shared memory; pages of files belong to the system. */
function residentOf(pid: number): number {
  const status = readText(`/proc/${pid}/status`);
  return bytesIn(status, "RssAnon") + bytesIn(status, "RssShmem") || pageBytes;
}

/**
 * The same, but of what processes share each has its part only: otherwise a page that a child has from its parent would count twice. Asking
 * takes the kernel a walk over all pages.
 */
export function ownBytesOf(pid: number): number {
  const rollup = readText(`/proc/${pid}/smaps_rollup`);
  return bytesIn(rollup, "Pss_Anon") + bytesIn(rollup, "Pss_Shmem") || residentOf(pid);
}

/** What counts for RLIMIT_DATA, in bytes. */
export interface DataBytes {
  readonly used: number;
  readonly soft: number;
  readonly hard: number;
}

/** A process's data, and its limits; undefined when it is gone or has none. */
export function dataOf(pid: number): DataBytes | undefined {
  const used = bytesIn(readText(`/proc/${pid}/status`), "VmData");
  const [, soft, hard] = /^Max data size +(\d+) +(\d+)/m.exec(readText(`/proc/${pid}/limits`)) ?? [];
  return used > 0 && soft !== undefined ? { used, soft: Number(soft), hard: Number(hard) } : undefined;
}

/** A value in a text as of /proc/PID/status, "VmData:  1234 kB"; 0 where there is none. */
function bytesIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
}

/** /proc/PID/task/T/syscall: the number, then the arguments in hexadecimal; "running" while it runs. */
function callOf(pid: number, thread: string, input: InputIdentity): "waiting" | "writing" | "other" {
  const [call, first] = readText(`/proc/${pid}/task/${thread}/syscall`).split(" ");
  if (!call || !first) return "other";
  const number = Number(call);
  if (writeCalls.includes(number)) return "writing";
  if (number === readCall) return isInput(pid, Number(first), input) ? "waiting" : "other";
  // select(1, ...) looks at descriptor 0 only: what readline does.
  if (selectCalls.includes(number)) return Number(first) === 1 && isInput(pid, 0, input) ? "waiting" : "other";
  return "other";
}

function isInput(pid: number, fd: number, input: InputIdentity): boolean {
  try {
    const file = statSync(`/proc/${pid}/fd/${fd}`);
    if (file.isCharacterDevice()) {
      return (
        file.rdev !== 0 &&
        input.terminalDevice !== 0 &&
        (file.rdev === input.terminalDevice || file.rdev === ownTerminal)
      );
    }
    return file.dev === input.device && file.ino === input.inode;
  } catch {
    return false; // it has ended, or closed the descriptor
  }
}

function numbers(text: string): number[] {
  return text.split(" ").filter(Boolean).map(Number);
}

/** Text of a file in /proc; empty when the process has ended or can't be read. */
function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

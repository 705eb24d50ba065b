/**
 * Theory of operation: who ends a jail, and how nothing is left of it.
 *
 * Each process of the chain server - broker - bwrap's monitor - bwrap's init - program asks the kernel to kill it when
 * the one above dies. But init asks late, after it has mounted everything: a monitor that is killed before leaves an
 * init that nobody ends, and in it a program that nobody watches. (Seen on a busy machine: a script that ran for ever.)
 * So:
 * 1. No student's code runs before the chain holds, which the kernel shows: init then waits for its children.
 * 2. Whoever ends a jail stops the monitor first, so that it can have no child that we do not see, and kills both.
 * 3. A broker that starts ends what brokers that were killed in such a moment have left.
 */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { programPath } from "../jail-command.ts";
import { callNumberOf, childrenOf, parentOf, stateOf } from "./processes.ts";
import { architectureOf, numberOf } from "../system-calls.ts";

const architecture = architectureOf(process.arch) ?? "x64";
const waitCall = numberOf("wait4", architecture);
const signalWaitCall = numberOf("rt_sigtimedwait", architecture);

const firstWaitMs = 1;
const maxWaitMs = 50;

/** Ends the jail of a monitor, if `alive` is still true (afterwards its pid may belong to another process). */
export function endJail(monitor: number, alive: () => boolean, waitMs = firstWaitMs): void {
  if (!alive()) return;
  sendSignal(monitor, "SIGSTOP");
  const state = stateOf(monitor);
  if (state === "R" || state === "S" || state === "D") {
    // It stops when it next leaves the kernel; it may be in the middle of a fork there.
    setTimeout(() => endJail(monitor, alive, Math.min(waitMs * 2, maxWaitMs)), waitMs);
    return;
  }
  // Killing the init of a jail ends everything in it.
  for (const init of childrenOf(monitor)) sendSignal(init, "SIGKILL");
  sendSignal(monitor, "SIGKILL");
}

/** Whether everything in the jail will die with us; only then may its program begin. */
export function chainHolds(monitor: number): boolean {
  const [init] = childrenOf(monitor);
  if (init === undefined || parentOf(init) !== monitor) return false;
  return callNumberOf(init) === waitCall;
}

/** Pid of the jail's program when it waits for the signal to begin (see runner.py); otherwise undefined. */
export function programWaiting(monitor: number): number | undefined {
  const [program] = childrenOf(monitor).flatMap(childrenOf);
  return program !== undefined && callNumberOf(program) === signalWaitCall ? program : undefined;
}

/** Sends the jail's program a signal that means nothing to one that runs; at its prompt it listens then (see inquiry.py). */
export function callProgram(monitor: number): void {
  const [program] = childrenOf(monitor).flatMap(childrenOf);
  if (program !== undefined) sendSignal(program, "SIGCONT");
}

/** Sends a signal to a process, which may have ended. */
export function sendSignal(pid: number, signal: string): void {
  try {
    process.kill(pid, signal as NodeJS.Signals);
  } catch {
    // It has ended meanwhile.
  }
}

/** Ends jails of this account that have lost their monitor. */
export function endOrphans(): void {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid) && isOrphan(pid)) sendSignal(pid, "SIGKILL");
  }
}

function isOrphan(pid: number): boolean {
  try {
    if (parentOf(pid) !== 1 || lstatSync(`/proc/${pid}`).uid !== process.getuid?.()) return false;
    const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
    return words.includes("--json-status-fd") && words.includes(programPath);
  } catch {
    return false; // it has ended meanwhile
  }
}

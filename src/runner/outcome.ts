import { counted } from "../base/counted.ts";
import { replaceUnseenInText } from "../base/invisible.ts";

/** Files that exceeded what could stay and were removed or cut; the first are named. */
export interface Removed {
  readonly removedFiles?: number;
  readonly removedNames?: readonly string[];
}

/** How a student's program ended. A failing program is a value, never an exception of ours. */
export type Outcome =
  | { readonly kind: "exited"; readonly status: number }
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "timed-out"; readonly seconds: number }
  | { readonly kind: "too-much-output"; readonly mebibytes: number }
  | { readonly kind: "out-of-memory"; readonly mebibytes: number }
  | ({ readonly kind: "out-of-disk"; readonly mebibytes: number } & Removed)
  | ({ readonly kind: "too-many-files"; readonly entries: number } & Removed)
  | { readonly kind: "too-many-processes"; readonly processes: number }
  | { readonly kind: "made-room"; readonly mebibytes: number }
  | { readonly kind: "server-disk-full" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed-to-start"; readonly reason: string }
  | { readonly kind: "lost" };

/** One friendly sentence for an outcome. */
export function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case "exited":
      return outcome.status === 0 ? "Finished." : `Finished with exit status ${outcome.status}.`;
    case "signalled":
      return `The system ended it (signal ${outcome.signal}).`;
    case "timed-out":
      return `Stopped: it ran for ${counted(outcome.seconds, "second")} without finishing.`;
    case "too-much-output":
      return `Stopped: it printed more than ${outcome.mebibytes} MiB without finishing.`;
    case "out-of-memory":
      return `Stopped: it needed more than ${outcome.mebibytes} MiB of memory.`;
    case "too-many-processes":
      return `Stopped: it had more than ${counted(outcome.processes, "process", "processes")} at a time.`;
    case "made-room":
      return `Stopped to make room: your consoles together needed more than ${outcome.mebibytes} MiB of memory, or too many processes.`;
    case "out-of-disk":
      return `Stopped: your files would take up more than your ${outcome.mebibytes} MiB.${removed(outcome.removedFiles, outcome.removedNames)} Delete some files, then try again.`;
    case "too-many-files":
      return `Stopped: you would have more than your ${counted(outcome.entries, "file")}, folders included.${removed(outcome.removedFiles, outcome.removedNames)} Delete some files, then try again.`;
    case "server-disk-full":
      return "Stopped: it was writing, and the server's disk is almost full. You can still save what you have open. Tell your teacher.";
    case "stopped":
      return "Stopped.";
    case "failed-to-start":
      return `It could not be started: ${outcome.reason}.`;
    case "lost":
      return "Stopped by a problem in classh. Your files are safe; run it again.";
    default:
      return outcome satisfies never;
  }
}

function removed(files = 0, names: readonly string[] = []): string {
  if (files === 0) return "";
  const more = files > names.length ? ", ..." : "";
  const named = names.length > 0 ? `: ${names.join(", ")}${more}` : "";
  return ` What it wrote far beyond that was removed (${counted(files, "file")}${named}).`;
}

const maxName = 30;

/** A name that a program chose, as one line: it may contain anything. */
export function shownProgramName(name: string): string {
  const text = replaceUnseenInText(name.replaceAll(/[\p{Cc}\s]+/gu, " "), () => "?");
  // A half of a character at the cut becomes a whole one.
  return text.length > maxName ? `${Buffer.from(text.slice(0, maxName - 3)).toString()}...` : text;
}

/** The exit status that a shell would show; 124 for a limit, as timeout(1) does. */
export function exitStatusOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case "exited":
      return outcome.status;
    case "signalled":
      return 128 + (signalNumbers[outcome.signal] ?? 0);
    case "timed-out":
      return 124;
    case "too-much-output":
    case "out-of-memory":
    case "too-many-processes":
    case "made-room":
    case "out-of-disk":
    case "too-many-files":
    case "server-disk-full":
      return 137;
    case "stopped":
      return 130;
    case "failed-to-start":
      return 126;
    case "lost":
      return 125;
    default:
      return outcome satisfies never;
  }
}

/** Numbers of the signals that end a program, the same on x86-64 and arm64. */
export const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGSYS: 31,
};

/** Name of a signal by its number, "SIGKILL" for 9. */
export function signalName(number: number): string {
  return Object.entries(signalNumbers).find(([, value]) => value === number)?.[0] ?? `SIG${number}`;
}

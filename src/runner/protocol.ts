/**
 * What the server and the broker tell each other, over one local socket. A frame is: length of the payload (u32), kind
 * (u8), jail (u32), payload. Output and input are raw bytes; everything else is JSON. Each side may send at most
 * `windowBytes` that the other has not yet acknowledged, for each jail and direction, so that every queue has a bound.
 */

import type { Urgency } from "./broker/start-gate.ts";
import type { TogetherLimits } from "./broker/together.ts";

/** Bytes of one jail that may be unacknowledged, in each direction. */
export const windowBytes = 64 * 1024;

/** Length of the longest payload; a longer one is a bug and ends the connection. */
export const maxFrame = 1 << 20;

/** Kinds of frames. */
export const brokerFrameKind = { message: 0, input: 1, output: 2, errorOutput: 3 } as const;

export type BrokerFrameKind = (typeof brokerFrameKind)[keyof typeof brokerFrameKind];

/** What a jail may use. */
export interface JailLimits {
  readonly runSeconds: number;
  /** Bytes that all processes of the jail may use before they are refused more (broker/memory-watch.ts). */
  readonly memoryBytes: number;
  /** Bytes that all processes of the jail may have resident, watched where no cgroup limits them; 0 for not watched. */
  readonly residentBytes: number;
  /** Bytes that its sockets may hold; without a cgroup they also count as resident. */
  readonly socketBytes: number;
  /** Its workspace on the host, and the bytes and entries that may be kept there. */
  readonly workspaceDirectory: string;
  readonly workspaceBytes: number;
  readonly workspaceEntries: number;
  /** File with the notes about what the server itself writes there. */
  readonly serverWritesFile?: string | undefined;
  /** Free bytes on the server's disk below which programs may not go on writing; 0 for no check. */
  readonly reserveBytes: number;
  /** The same for inodes. */
  readonly reserveInodes: number;
  /** Size of the largest file that may be written. */
  readonly fileBytes: number;
  readonly outputBytesPerSecond: number;
  /** The most processes. */
  readonly processes: number;
  /** Bytes that may be printed between two commands of the person. */
  readonly outputBytes: number;
  /** What it may use together with others; undefined where it is alone. */
  readonly together?: TogetherLimits | undefined;
}

/** A program's output; on a terminal everything is `output`. */
export type OutputStream = "output" | "errorOutput";

/** Starts a jail. */
export interface StartJail {
  readonly type: "start";
  /** A terminal of this size; undefined for pipes. */
  readonly terminal: { readonly columns: number; readonly rows: number } | undefined;
  readonly bubblewrap: string;
  readonly bubblewrapArguments: readonly string[];
  readonly command: readonly string[];
  /** Content of the jail's /etc/passwd; `passwdPlaceholder` in `files` stands for its path. */
  readonly passwd: string;
  /** The same for /etc/group. */
  readonly group: string;
  readonly fileBytes: number;
  /** Set when programs run as an account of their own (jail-user.ts). */
  readonly user?: { readonly terminalGroup: boolean } | undefined;
  /** Files of which the jail gets copies, in the order that the arguments expect. */
  readonly files: readonly string[];
  /** Existing directories in which the broker makes one cgroup for this jail, and the files to write there. */
  readonly cgroups: readonly CgroupPlan[];
  /** Whether to make a directory on disk for /tmp; `temporaryPlaceholder` in the arguments stands for its path. */
  readonly temporaryOnDisk: boolean;
  readonly limits: JailLimits;
  /** Whether the run clock starts at once; otherwise at `begin`. */
  readonly running: boolean;
  /** Urgency of its start when many start at once. */
  readonly urgency: Urgency;
}

/** Words in the arguments, and in `files`, that the broker replaces by the paths of this jail's files. */
export const temporaryPlaceholder = "@temporary@";
export const passwdPlaceholder = "@passwd@";
export const groupPlaceholder = "@group@";

export interface CgroupPlan {
  readonly directory: string;
  readonly limits: readonly { readonly file: string; readonly value: string; readonly optional?: boolean }[];
}

/** Messages from the server. */
export type Request =
  | StartJail
  /** Gives a waiting jail its command and starts the run clock. */
  | { readonly type: "begin"; readonly line: string }
  /** Raises the urgency of a jail that may still be queued: somebody waits for it. */
  | { readonly type: "hurry" }
  | { readonly type: "end-input" }
  /** Closes an output that nobody reads any more. */
  | { readonly type: "close-output"; readonly stream: OutputStream }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  /** Sends a signal to all processes in the jail. */
  | { readonly type: "signal"; readonly signal: string }
  /** Tells the Python at a prompt that there is something to hear, see inquiry.py. */
  | { readonly type: "call" }
  /** Asks the Python at a prompt to end; the broker sees to it that it does, soon. */
  | { readonly type: "leave" }
  | { readonly type: "kill" }
  /** Acknowledges bytes of output. */
  | { readonly type: "ack"; readonly bytes: number };

/**
 * A limit. "room": the server's disk is almost full, and the program goes on writing. "together": another of the same person needed what it
 * had.
 */
export type LimitKind = "time" | "output" | "memory" | "processes" | "together" | "disk" | "entries" | "room";

/** Messages from the broker. */
export type JailNotice =
  /** A limit was reached: the program has been interrupted (time, output), or is being ended. */
  | { readonly type: "limit"; readonly limit: LimitKind }
  /** Acknowledges bytes of input. */
  | { readonly type: "ack"; readonly bytes: number }
  /** The jail and everything in it are gone. The last notice of a jail, after all its output. */
  | ({ readonly type: "exit" } & JailExit);

/** How a jail ended. */
export interface JailExit {
  /** False when bwrap or the launcher failed before any program ran. */
  readonly started: boolean;
  readonly status: number;
  /** Why the broker ended it; for "memory" it may also have been the kernel. */
  readonly limit?: LimitKind;
  /** Number of its files that were removed or cut because they far exceeded what may be kept. */
  readonly removedFiles?: number;
  /** Names of the first of them, as the program chose them. */
  readonly removedNames?: readonly string[] | undefined;
  /** Whether the server asked for the end. */
  readonly killed: boolean;
  /** Whether the broker itself is gone. */
  readonly lost?: boolean;
  /** Why it could not start. */
  readonly failure?: string;
}

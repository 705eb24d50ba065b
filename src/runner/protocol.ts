/**
 * What the server and the broker say to each other, over one local socket. A frame is: length of the payload (u32),
 * kind (u8), jail (u32), payload. Output and input are raw bytes; everything else is JSON. Each side may send at most
 * `windowBytes` that the other has not yet acknowledged, per jail and direction, so that every queue has a bound.
 */

import type { Urgency } from "./broker/start-gate.ts";

export const windowBytes = 64 * 1024;

/** The longest payload; a longer one is a bug and ends the connection. */
export const maxFrame = 1 << 20;

export const brokerFrameKind = { message: 0, input: 1, output: 2, errorOutput: 3 } as const;

export type BrokerFrameKind = (typeof brokerFrameKind)[keyof typeof brokerFrameKind];

/** What a jail may use. */
export interface JailLimits {
  readonly runSeconds: number;
  /** Bytes that all processes of the jail may have resident, watched where no cgroup limits them; 0: not watched. */
  readonly residentBytes: number;
  /** Bytes that its sockets may hold; where there is no cgroup they count as resident as well. */
  readonly socketBytes: number;
  /** Its workspace on the host, and the bytes and entries that may be kept there. */
  readonly workspaceDirectory: string;
  readonly workspaceBytes: number;
  readonly workspaceEntries: number;
  /** The notes of what the server itself writes there. */
  readonly serverWritesFile?: string | undefined;
  /** With less than this free on the server's disk, nobody's program may write on. 0: never asked. */
  readonly reserveBytes: number;
  /** The largest file that may be written. */
  readonly fileBytes: number;
  readonly outputBytesPerSecond: number;
}

/** Starts a jail. */
export interface StartJail {
  readonly type: "start";
  /** A terminal of this size, or pipes. */
  readonly terminal: { readonly columns: number; readonly rows: number } | undefined;
  readonly bubblewrap: string;
  readonly bubblewrapArguments: readonly string[];
  readonly command: readonly string[];
  /** /etc/passwd of the jail; its path stands among `files` as `passwdPlaceholder`. */
  readonly passwd: string;
  readonly fileBytes: number;
  /** Programs run as an account of their own (jail-user.ts). */
  readonly user?: { readonly terminalGroup: boolean } | undefined;
  /** Files that the jail gets copies of, in the order in which the arguments expect them. */
  readonly files: readonly string[];
  /** Existing directories in which the broker makes one cgroup for this jail, and the files to write there. */
  readonly cgroups: readonly CgroupPlan[];
  /** Whether to make a directory on disk for /tmp; its path stands in the arguments as `temporaryPlaceholder`. */
  readonly temporaryOnDisk: boolean;
  readonly limits: JailLimits;
  /** Whether the run clock starts at once; otherwise at `begin`. */
  readonly running: boolean;
  /** Its place in line when many start at once. */
  readonly urgency: Urgency;
}

/** Words of the arguments, and of `files`, that the broker replaces by the paths of this jail's files. */
export const temporaryPlaceholder = "@temporary@";
export const passwdPlaceholder = "@passwd@";

export interface CgroupPlan {
  readonly directory: string;
  readonly limits: readonly { readonly file: string; readonly value: string; readonly optional?: boolean }[];
}

/** From the server. */
export type Request =
  | StartJail
  /** Gives a waiting jail its command and starts the run clock. */
  | { readonly type: "begin"; readonly line: string }
  /** Somebody waits for a jail that perhaps stands in line yet. */
  | { readonly type: "hurry" }
  | { readonly type: "end-input" }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  /** Sends a signal to all processes in the jail. */
  | { readonly type: "signal"; readonly signal: string }
  | { readonly type: "kill" }
  /** Bytes of output that have found their reader. */
  | { readonly type: "ack"; readonly bytes: number };

/** "room": the server's disk is almost full, and the program goes on writing. */
export type LimitKind = "time" | "memory" | "disk" | "room";

/** From the broker. */
export type JailNotice =
  /** A limit was reached: the jail has been told (time), or is being ended. */
  | { readonly type: "limit"; readonly limit: LimitKind }
  /** Bytes of input that have been taken. */
  | { readonly type: "ack"; readonly bytes: number }
  /** The jail and all in it are gone. The last notice of a jail, after all its output. */
  | ({ readonly type: "exit" } & JailExit);

export interface JailExit {
  /** False: bwrap or the launcher failed before any program ran. */
  readonly started: boolean;
  readonly status: number;
  /** Why the broker ended it; for "memory" it may also have been the kernel. */
  readonly limit?: LimitKind;
  /** How many of the files that it made or let grow were removed or cut since they were far beyond what may be kept. */
  readonly removedFiles?: number;
  /** The names of the first of them, as the program chose them. */
  readonly removedNames?: readonly string[] | undefined;
  /** Ended at the server's word. */
  readonly killed: boolean;
  /** The broker itself is gone. */
  readonly lost?: boolean;
  /** Why it could not start. */
  readonly failure?: string;
}

/** What a workbench is made from, and the words in which it tells what happens. */
import type { Role } from "../auth/roles.ts";
import type { Clock } from "../base/clock.ts";
import type { Event } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { Turns } from "../base/turns.ts";
import type { Settings } from "../config/schema.ts";
import type { Take } from "../limits/rate.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import type { JailSpec } from "../runner/jail-spec.ts";
import type { Runner } from "../runner/runner.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Recovery } from "./recovery.ts";
import type { StudentSandboxes } from "./student-sandboxes.ts";

/** The person a session belongs to. */
export interface SessionOwner {
  readonly username: string;
  readonly role: Role;
  readonly name: string | undefined;
}

/** Host and port as they stand on people's command lines. */
export interface PublicAddress {
  readonly host: string;
  readonly port: number;
}

/** A sentence in the status line: it stays for 5 s, an error until the next key. */
export interface Notice {
  readonly kind: "info" | "success" | "warning" | "error";
  readonly text: string;
  /** Set when only the owner is meant: a guest does not see it on a screen of their own. */
  readonly to?: "owner";
}

/** How a file is opened. */
export interface Showing {
  /** Whether it becomes the active document; true by default. */
  readonly show?: boolean;
}

/** The part of a workbench that a client should draw again. */
export type WorkbenchPart = "documents" | "document" | "tree" | "console" | "variables" | "stepping" | "notice";

/** What a workbench is made from. */
export interface WorkbenchOptions {
  readonly id: string;
  readonly person: SessionOwner;
  readonly workspace: Workspace;
  /** The jail of the owner's own programs. */
  readonly jailSpec: JailSpec;
  /** What the settings of a course's folder may not exceed. */
  readonly highestLimits: Settings["limits"]["course"];
  readonly runner: Runner;
  /** Where students' programs run when a member of staff starts them. */
  readonly studentSandboxes: StudentSandboxes;
  /** The limiter of runs per minute, by username and role. */
  readonly runs: { take(key: string, kind?: string): Take | Promise<Take> };
  /** The limiter of saves and other file operations per minute, by username and role. */
  readonly fileOperations: { take(key: string, kind?: string): Take };
  readonly recovery: Recovery;
  readonly locks: LockManager;
  /** Seconds that somebody has to answer a request for a file. */
  readonly takeOverSeconds: number;
  /** Whether a session of any process is open or still ending. */
  readonly isLive: (session: string) => boolean;
  /** Fires with the folders of the course that have changed. */
  readonly courseChanges: Event<readonly string[]>;
  readonly courseName: string;
  /** How people reach the server from their own machines. */
  readonly publicAddress: PublicAddress;
  /** Whether errors may be explained now; by default they may. */
  readonly mayExplain?: () => boolean;
  /** Most documents open at once. */
  readonly openFiles: number;
  /** Most consoles at once. */
  readonly consoles: number;
  /** The turns in which the consoles of this process show output. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly log: Log;
}

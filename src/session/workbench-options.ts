/** What a workbench is made of, and the words in which it tells what happens. */
import type { Role } from "../auth/roles.ts";
import type { Clock } from "../base/clock.ts";
import type { Event } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { Turns } from "../base/turns.ts";
import type { Take } from "../limits/rate.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import type { JailSpec } from "../runner/jail-spec.ts";
import type { Runner } from "../runner/runner.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Recovery } from "./recovery.ts";
import type { StudentSandboxes } from "./student-sandboxes.ts";

export interface SessionOwner {
  readonly username: string;
  readonly role: Role;
  readonly name: string | undefined;
}

/** What one line in the status bar tells: it stays for 5 s, an error until the next key. */
export interface Notice {
  readonly kind: "info" | "success" | "warning" | "error";
  readonly text: string;
  /** It speaks to the person whose session it is: a guest does not read it on a screen of the guest's own. */
  readonly to?: "owner";
}

/** Unless `show` is false, the next client begins with the file that is opened. */
export interface Showing {
  readonly show?: boolean;
}

/** What a client should draw again. */
export type WorkbenchPart = "documents" | "document" | "tree" | "console" | "notice";

export interface WorkbenchOptions {
  readonly id: string;
  readonly person: SessionOwner;
  readonly workspace: Workspace;
  readonly jailSpec: JailSpec;
  readonly runner: Runner;
  /** Where students' programs run that somebody of the staff starts. */
  readonly studentSandboxes: StudentSandboxes;
  /** Programs a minute, by username and role. */
  readonly runs: { take(key: string, kind?: string): Take | Promise<Take> };
  /** Saves and other file operations a minute, by username and role. */
  readonly fileOperations: { take(key: string, kind?: string): Take };
  readonly recovery: Recovery;
  readonly locks: LockManager;
  /** Who is asked to hand a file over has this long to answer. */
  readonly takeOverSeconds: number;
  readonly isLive: (session: string) => boolean;
  /** Folders of the course in which something changed. */
  readonly courseChanges: Event<readonly string[]>;
  readonly courseName: string;
  readonly openFiles: number;
  /** In which the consoles of this process show what their programs print. */
  readonly turns: Turns;
  readonly clock: Clock;
  readonly log: Log;
}

/** What commands work on; server/main.ts makes each service once. */
import type { Accounts } from "../auth/accounts.ts";
import type { Audit } from "../auth/audit.ts";
import type { ExternalLogin } from "../auth/external/external-login.ts";
import type { Backups } from "../backup/backups.ts";
import type { Clock } from "../base/clock.ts";
import type { DiskRoom } from "../base/disk-room.ts";
import type { EventLoopDelay } from "../base/event-loop.ts";
import type { LogLines } from "../base/log-lines.ts";
import type { LogHealth } from "../base/log-writer.ts";
import type { RetentionTime } from "../base/retention-time.ts";
import type { Slowest } from "../base/slowest.ts";
import type { Classroom } from "../classroom/classroom.ts";
import type { UsageCounter } from "../classroom/usage-counter.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Settings } from "../config/schema.ts";
import type { Assignments } from "../courses/assignments.ts";
import type { Database } from "../db/database.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import type { RoleRateLimiter } from "../limits/role-rate.ts";
import type { SharedLoginThrottle } from "../limits/shared-login-throttle.ts";
import type { SharedRateLimiter } from "../limits/shared-rate.ts";
import type { SharedState } from "../limits/shared-state.ts";
import type { Runner } from "../runner/runner.ts";
import type { SharedSlots } from "../runner/run-slots.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import type { SessionUsage } from "../session/session-usage.ts";
import type { StudentSandboxes } from "../session/student-sandboxes.ts";
import type { Archives } from "../workspace/archives.ts";
import type { CourseWatch } from "../workspace/course-watch.ts";
import type { ProjectQuotas } from "../workspace/project-quotas.ts";
import type { Workspaces } from "../workspace/workspaces.ts";

/** The services of one process. */
export interface Services {
  readonly settings: Settings;
  readonly accounts: Accounts;
  /** Logins of accounts that are kept elsewhere; undefined where none are. */
  readonly external: ExternalLogin | undefined;
  readonly audit: Audit;
  readonly database: Database;
  readonly workspaces: Workspaces;
  /** Where students' programs run when a member of staff starts them. */
  readonly studentSandboxes: StudentSandboxes;
  /** Assignments and tests in /staff. */
  readonly assignments: Assignments;
  readonly backups: Backups;
  /** The files of removed accounts. */
  readonly archives: Archives;
  /** Tells all sessions of changes in the course's folders. */
  readonly course: CourseWatch;
  readonly runner: Runner;
  /** The sessions of this process. */
  readonly sessions: SessionRegistry;
  readonly locks: LockManager;
  /** The other processes, and everybody's sessions. */
  readonly cluster: Cluster;
  /** Raised hands, messages, and how everybody is doing. */
  readonly classroom: Classroom;
  /** Counts what students do. */
  readonly usage: UsageCounter;
  /** Counts what sessions are used for. */
  readonly sessionUsage: SessionUsage;
  /** The limiter of messages and raised hands per minute, by username and role. */
  readonly messages: SharedRateLimiter;
  /** Counts each person's file transfers, on all processes. */
  readonly transfers: SharedSlots;
  /** The limiter of runs per minute, by username and role. */
  readonly runs: SharedRateLimiter;
  /** The limiter of commands per minute, by username and role. */
  readonly commands: SharedRateLimiter;
  /**
   * The limiter of file operations per minute, by username and role, for this process only, since each costs it little.
   */
  readonly fileOperations: RoleRateLimiter;
  /** The throttle of failed logins. */
  readonly throttle: SharedLoginThrottle;
  /** The state of the shared limits. */
  readonly limits: SharedState;
  /** The delay of this process's event loop, which people's keys wait for. */
  readonly eventLoop: EventLoopDelay;
  /** What took long in this process. */
  readonly slowest: Slowest;
  /** This process's log, for those who follow it. */
  readonly logLines: LogLines;
  /** The health of this process's log; undefined for a log that writes nowhere. */
  readonly logHealth: () => LogHealth | undefined;
  /** The time by which old things may be deleted. */
  readonly retention: RetentionTime;
  /** The room on the disk for the server itself. */
  readonly room: DiskRoom;
  /** The kernel's quotas of people's homes. */
  readonly projects: ProjectQuotas;
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly version: string;
  /** Ends this person's terminals and connections in this process, except for one connection. */
  readonly disconnect: (username: string, text: string, keep?: object) => Promise<void>;
  /** The number of connections now. */
  readonly connections: () => { readonly open: number; readonly loggedIn: number };
}

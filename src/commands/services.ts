/** What commands work on; main.ts makes each once. */
import type { Accounts } from "../auth/accounts.ts";
import type { Audit } from "../auth/audit.ts";
import type { Clock } from "../base/clock.ts";
import type { DiskRoom } from "../base/disk-room.ts";
import type { EventLoopDelay } from "../base/event-loop.ts";
import type { LogHealth } from "../base/log-writer.ts";
import type { RetentionTime } from "../base/retention-time.ts";
import type { Classroom } from "../classroom/classroom.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Settings } from "../config/schema.ts";
import type { Database } from "../db/database.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import type { RoleRateLimiter } from "../limits/role-rate.ts";
import type { SharedLoginThrottle } from "../limits/shared-login-throttle.ts";
import type { SharedRateLimiter } from "../limits/shared-rate.ts";
import type { SharedState } from "../limits/shared-state.ts";
import type { Runner } from "../runner/runner.ts";
import type { SessionRegistry } from "../session/session-registry.ts";
import type { StudentSandboxes } from "../session/student-sandboxes.ts";
import type { Archives } from "../workspace/archives.ts";
import type { CourseWatch } from "../workspace/course-watch.ts";
import type { ProjectQuotas } from "../workspace/project-quotas.ts";
import type { Workspaces } from "../workspace/workspaces.ts";

export interface Services {
  readonly settings: Settings;
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly database: Database;
  readonly workspaces: Workspaces;
  /** Where students' programs run that somebody of the staff starts. */
  readonly studentSandboxes: StudentSandboxes;
  /** Where the files of removed accounts go. */
  readonly archives: Archives;
  /** Tells all sessions of changes in the course's folders. */
  readonly course: CourseWatch;
  readonly runner: Runner;
  /** The sessions of this process. */
  readonly sessions: SessionRegistry;
  readonly locks: LockManager;
  /** The other processes, and everybody's sessions. */
  readonly cluster: Cluster;
  /** Raised hands, messages, and how everybody gets on. */
  readonly classroom: Classroom;
  /** Messages and raised hands a minute, by username and role. */
  readonly messages: SharedRateLimiter;
  /** Runs a minute, by username and role. */
  readonly runs: SharedRateLimiter;
  /** Commands a minute, by username and role. */
  readonly commands: SharedRateLimiter;
  /** File operations a minute, by username and role: of this process, since each costs it little. */
  readonly fileOperations: RoleRateLimiter;
  /** Failed logins. */
  readonly throttle: SharedLoginThrottle;
  /** Where the shared limits are kept. */
  readonly limits: SharedState;
  /** By how much this process makes people's keys wait. */
  readonly eventLoop: EventLoopDelay;
  /** Whether the lines of this process's log are kept; undefined for a log that writes nowhere. */
  readonly logHealth: () => LogHealth | undefined;
  /** Whether what is old may be removed. */
  readonly retention: RetentionTime;
  /** Room on the disk for the server itself. */
  readonly room: DiskRoom;
  /** Whether the kernel holds people to what they may keep. */
  readonly projects: ProjectQuotas;
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly version: string;
  /** Ends this person's terminals and connections at this process, but for one connection. */
  readonly disconnect: (username: string, text: string, keep?: object) => Promise<void>;
  /** Connections right now. */
  readonly connections: () => { readonly open: number; readonly loggedIn: number };
}

/** What the primary and its workers tell each other over Node's channel between parent and child, as plain data. */
import type { Settings } from "../config/schema.ts";
import type { ProcessReport } from "../metrics/process-report.ts";
import type { StartupOutcome } from "../ssh/startups.ts";

/** What a worker needs to begin; it may contain the database's password, so it is no command-line argument. */
export interface WorkerStart {
  readonly type: "start";
  readonly worker: number;
  readonly settings: Settings;
  readonly foundation: {
    readonly data: string;
    readonly url: string;
    readonly firstLoginFile: string;
    readonly sockets: string;
  };
}

/** A message of the primary. */
export type ToWorker =
  | WorkerStart
  /** Comes with a socket: a person's connection, or one to the control socket. Both are numbered together, from 1. */
  | { readonly type: "connection"; readonly number: number; readonly source: string }
  | { readonly type: "control"; readonly number: number }
  /** Ends one of the connections of this address that keep us waiting. */
  | { readonly type: "make-room"; readonly source: string }
  /** A line that the primary has logged. */
  | { readonly type: "log-line"; readonly line: string }
  /** Asks for its metrics. */
  | { readonly type: "report"; readonly number: number }
  /** Admits nobody, tells everybody, then ends. */
  | { readonly type: "drain" };

/** How programs run on this machine, for the greeting. */
export interface JailFindings {
  readonly available: boolean;
  /** Account that they run as, if it is not the server's. */
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
  readonly install?: string | undefined;
}

/** A message of a worker. */
export type FromWorker =
  | { readonly type: "ready"; readonly jail: JailFindings; readonly demo: boolean }
  /** It can't begin; the text is for an admin. */
  | { readonly type: "failed"; readonly code: string; readonly message: string; readonly hint: string | undefined }
  /**
   * Sent at every change, and every few seconds as a sign of life. `received` is the number of the last connection that
   * arrived; it is reported before anything is read from that connection, which from then on belongs to this worker.
   */
  | { readonly type: "load"; readonly received: number; readonly open: number; readonly waiting: number }
  /** A connection has logged in, or is gone before it could. */
  | {
      readonly type: "ticket-ended";
      readonly number: number;
      readonly outcome: StartupOutcome;
      readonly cheap: boolean;
    }
  /** Whether somebody follows the log there, and wants the primary's lines as well. */
  | { readonly type: "log-wanted"; readonly wanted: boolean }
  /** The answer to the question with this number; undefined when it failed. */
  | { readonly type: "report"; readonly number: number; readonly report: ProcessReport | undefined }
  /** It takes no more connections and will end. */
  | { readonly type: "draining" };

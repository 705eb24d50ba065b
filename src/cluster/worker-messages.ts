/** What the primary and its workers say to each other over Node's channel between parent and child. All of it is plain data. */
import type { Settings } from "../config/schema.ts";
import type { StartupOutcome } from "../ssh/startups.ts";

/** What a worker needs to begin; it may hold the database's password, so it is no command-line argument. */
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

export type ToWorker =
  | WorkerStart
  /** With a socket: a connection of somebody, or one to the control socket. They are numbered together, from 1 on. */
  | { readonly type: "connection"; readonly number: number; readonly source: string }
  | { readonly type: "control"; readonly number: number }
  /** One of the connections of this address that keep us waiting is to go. */
  | { readonly type: "make-room"; readonly source: string }
  /** Let nobody in, everybody out with a sentence, then end. */
  | { readonly type: "drain" };

/** How the machine lets programs run, for the greeting. */
export interface JailFindings {
  readonly available: boolean;
  /** The account that they run as, where it is not the server's. */
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
  readonly install?: string | undefined;
}

export type FromWorker =
  | { readonly type: "ready"; readonly jail: JailFindings; readonly demo: boolean }
  /** It can't begin, and this is what an admin should read. */
  | { readonly type: "failed"; readonly code: string; readonly message: string; readonly hint: string | undefined }
  /**
   * Sent at every change, and every few seconds as a sign of life. `received` is the number of the connection that came last: it is
   * told before anything is read from that one, which from then on is nobody else's.
   */
  | { readonly type: "load"; readonly received: number; readonly open: number; readonly waiting: number }
  /** A connection has logged in, or is gone before it could. */
  | { readonly type: "settled"; readonly number: number; readonly outcome: StartupOutcome; readonly cheap: boolean }
  /** It takes nobody any more and will end. */
  | { readonly type: "draining" };

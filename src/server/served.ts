import type { HostKeyChange } from "../auth/host-key-history.ts";
import type { Event } from "../base/events.ts";

/** A running server as the command line sees it, whatever number of processes it has. */
export interface Served extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly fingerprint: string;
  /** The host key came unannounced. */
  readonly hostKeyChange?: HostKeyChange | undefined;
  /** How programs run on this machine. */
  readonly jail: {
    readonly available: boolean;
    readonly user?: string | undefined;
    readonly reason?: string | undefined;
    readonly install?: string | undefined;
  };
  /** There is a demo class to try. */
  readonly demo: boolean;
  /** Where the initial passwords are; undefined when an admin has deleted the file. */
  readonly firstLoginFile: string | undefined;
  /** An admin wants it to end. */
  readonly onDrainAsked: Event<void>;
  /** Stops new logins, tells everyone, keeps unsaved work; then dispose. */
  drain(): Promise<void>;
}

import type { AddressInfo } from "node:net";
import type { HostKeyChange } from "../auth/host-key-history.ts";
import type { Event } from "../base/events.ts";

/** A running server of one or several processes, as the command line sees it. */
export interface Served extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly fingerprint: string;
  /** Set when the host key changed unannounced. */
  readonly hostKeyChange?: HostKeyChange | undefined;
  /** Where metrics are served, or why they can't be; undefined where they are not wanted. */
  readonly metrics?: { readonly address: AddressInfo | undefined; readonly problem: string | undefined } | undefined;
  /** How programs run on this machine. */
  readonly jail: {
    readonly available: boolean;
    readonly user?: string | undefined;
    readonly reason?: string | undefined;
    readonly install?: string | undefined;
  };
  /** Whether there is a demo class to try. */
  readonly demo: boolean;
  /** File with the initial passwords; undefined when an admin has deleted it. */
  readonly firstLoginFile: string | undefined;
  /** Fires when an admin wants it to end. */
  readonly onDrainAsked: Event<void>;
  /** Stops new logins, tells everyone, keeps unsaved work; then dispose. */
  drain(): Promise<void>;
}

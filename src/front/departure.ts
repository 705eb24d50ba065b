/** What all screens of a terminal share: who is at it, and how a screen is left. */
import type { Account } from "../auth/account.ts";
import type { Terminal } from "../base/terminal.ts";
import type { Destination } from "../commands/destination.ts";
import type { Dialogs } from "../tui/parts/dialogs.ts";

/** Somebody who has logged in, with their terminal, whatever it shows. */
export interface TerminalUser {
  readonly account: Account;
  readonly terminal: Terminal;
  readonly address: string;
  /** Identifies the connection, if it is on this node. */
  readonly connection?: object;
  /**
   * Whether the person has just logged in with an initial password. A connection from before a teacher's reset proves
   * nothing: the reset may be meant to keep out the person who uses it.
   */
  readonly knowsInitialPassword?: boolean;
  /** Aborted with a sentence for the person when this node ends. */
  readonly ending?: AbortSignal;
  /** Subscribes to requests to leave, for a terminal that another node passes on. */
  onDismiss?(leave: (reason: string) => void): Disposable;
  /** Asks which student to attach to; undefined when the person cancels. */
  readonly whom?: (dialogs: Dialogs) => Promise<string | undefined>;
}

/** How a screen other than the person's own session was left. */
export type Departure =
  | { readonly kind: "back"; readonly notice?: string }
  | { readonly kind: "go"; readonly to: Destination }
  | { readonly kind: "quit" };

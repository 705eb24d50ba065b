/** What all screens of a terminal share: who sits there, and how a screen is left. */
import type { Account } from "../auth/account.ts";
import type { Terminal } from "../base/terminal.ts";
import type { Destination } from "../commands/destination.ts";
import type { Dialogs } from "../tui/parts/dialogs.ts";

/** Somebody who has logged in and sits at a terminal, whatever it shows. */
export interface TerminalUser {
  readonly account: Account;
  readonly terminal: Terminal;
  readonly address: string;
  /** Stands for the connection, where it is this node's own. */
  readonly connection?: object;
  /**
   * The login itself found an initial password. A connection from before a teacher's reset has proved no such thing: whoever the
   * reset is to keep out may sit there.
   */
  readonly knowsInitialPassword?: boolean;
  /** Aborted with a sentence for the person when this node ends. */
  readonly ending?: AbortSignal;
  /** Of a terminal that another node passes on: asks it to leave. */
  onDismiss?(leave: (reason: string) => void): Disposable;
  /** Lets the person choose whom to attach to. */
  readonly whom?: (dialogs: Dialogs) => Promise<string | undefined>;
}

/** How a screen that is not the own session was left. */
export type Departure =
  | { readonly kind: "back"; readonly notice?: string }
  | { readonly kind: "go"; readonly to: Destination }
  | { readonly kind: "quit" };

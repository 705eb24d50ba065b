import type { Account } from "../../auth/account.ts";
import type { Permission } from "../../auth/roles.ts";
import type { KeyContext } from "../../commands/keys/key-context.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { Hint } from "../views/hint-line.ts";
import type { ScrollList } from "../views/scroll-list.ts";

/** A screen of figures, which are read again and again. */
export interface ReportPage {
  /** What it shows, for the header and the terminal's title. */
  readonly title: string;
  /** The right to see it. */
  readonly permission: Permission;
  readonly keys: KeyContext;
  readonly hints: readonly Hint[];
  /** Milliseconds between two readings. */
  readonly everyMs: number;
  /** Reads the figures that this person may see. */
  read(account: Account): Promise<void>;
  /**
   * Draws what was read last. The list says which of its rows are visible; returns how many rows there are, and how many
   * fit.
   */
  draw(surface: Surface, list: ScrollList): { readonly rows: number; readonly visible: number };
  /** Runs a command of its own keys; true when the figures have to be read again for it. */
  run(command: string): boolean;
}

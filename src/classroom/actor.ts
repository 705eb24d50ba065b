import type { Account } from "../auth/account.ts";

/** Who does something, and from where. */
export interface Actor {
  readonly account: Account;
  readonly address: string;
}

import type { Account } from "../auth/account.ts";

/** Who does something, and the address they do it from. */
export interface Actor {
  readonly account: Account;
  readonly address: string;
}

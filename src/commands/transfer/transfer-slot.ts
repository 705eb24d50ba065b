import { counted } from "../../base/counted.ts";
import { UserError } from "../../base/errors.ts";
import type { CommandContext } from "../command.ts";

/** The right to transfer files, until it is disposed of. Throws `too-many-transfers` when the person has as many as allowed. */
export async function takeTransfer({
  account,
  services,
}: Pick<CommandContext, "account" | "services">): Promise<AsyncDisposable> {
  const slot = await services.transfers.take(account.username);
  if (slot) return slot;
  throw new UserError(
    "too-many-transfers",
    `you have ${counted(services.settings.limits.transfersAtOnce, "file transfer")} running already`,
    "Close one of them, or let your program transfer fewer files at a time.",
  );
}

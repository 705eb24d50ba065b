/** user rename: gives an account another username; it keeps everything. */
import { asUsername, type Account } from "../../auth/account.ts";
import { logBug } from "../../base/error-report.ts";
import { UserError } from "../../base/errors.ts";
import type { Taken } from "../../workspace/archives.ts";
import { answer, type Command, type CommandContext } from "../command.ts";
import { dryRunOption, findToChange, recordFor, refuseSelf } from "../people.ts";
import { below } from "../reach.ts";
import { endSessionsOf } from "./session-commands.ts";

const patienceMs = 10_000;
const lookMs = 200;

const rename: Command = {
  name: "user rename",
  summary: "Rename an account; files, unsaved text, messages, keys and the password stay",
  arguments: "USER NEW",
  options: { "dry-run": dryRunOption },
  permission: "user.write",
  reach: below,
  json: true,
  shape: "{ dryRun: boolean, from: text, to: text }",
  details: `The session ends; unsaved text is kept and offered under the new name. Paths become /home/NEW.
The audit trail is never changed: it keeps the old name, and "audit list --user NEW" finds those entries too.
The old name can be given to somebody else, who starts with an empty home.`,
  async run(context, input) {
    const person = await findToChange(context, input);
    refuseSelf(context, [person], "rename");
    const to = asUsername(input.arguments[1] ?? "");
    const from = person.username;
    const { accounts, archives } = context.services;
    await accounts.changes.requireFree(from, to);
    if (await archives.holds(to))
      throw new UserError(
        "exists",
        `there are files of an account ${to} on the server`,
        "Choose another name, or move these files away first.",
      );
    await refuseLocked(context, person, false);
    if (input.flag("dry-run"))
      return answer({ dryRun: true, from, to }, `Would rename ${from} to ${to}. Nothing was changed.\n`);
    await renameAccount(context, person, to);
    return answer(
      { dryRun: false, from, to },
      `Renamed ${from} to ${to}. Log in as ${to}; the password and the keys are the same.\n`,
    );
  },
};

/** Renames an account. A failure restores everything. */
async function renameAccount(context: CommandContext, person: Account, to: string): Promise<void> {
  const { accounts, archives, throttle } = context.services;
  const from = person.username;
  // From here on nobody logs in, so nobody opens files that are being moved.
  await accounts.changes.setState([from], "disabled");
  let taken: Taken | undefined;
  let moved = false;
  try {
    await endSessionsOf(context, [from], `Your account is now ${to}. Log in with that name; your work is kept.`);
    await untilUnlocked(context, person);
    taken = await archives.take(from);
    const files = taken;
    // The files are moved within the transaction: it ends only when they are there, and a failure undoes both.
    await accounts.changes.rename(from, to, person.state, async () => {
      await archives.giveBack(to, files);
      moved = true;
    });
  } catch (error) {
    if (moved) taken = await archives.take(to);
    if (taken) await archives.giveBack(from, taken);
    await accounts.changes.setState([from], person.state);
    throw error;
  }
  await recordFor(context, "user.rename", to, { from });
  // Failures counted for the old username are nobody's now.
  await throttle.reset(from).catch((error: unknown) => logBug(error, context.log, { user: from }));
}

/** Waits for the locks of the ended sessions, which are free a moment later, also on other nodes. */
async function untilUnlocked(context: CommandContext, person: Account): Promise<void> {
  const { clock } = context.services;
  const until = clock.monotonic() + patienceMs;
  for (;;) {
    try {
      return await refuseLocked(context, person, true);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "in-use" || clock.monotonic() >= until) throw error;
    }
    await new Promise<void>((resolve) => void clock.after(lookMs, resolve));
  }
}

/**
 * Throws while somebody else edits or runs a file of this person: a text saved under the old path would be lost. `own`
 * also counts the locks of the person's own sessions, which have ended by then.
 */
async function refuseLocked({ services }: CommandContext, { username }: Account, own: boolean): Promise<void> {
  const isTheirs = (owner: string): boolean => owner.includes(`"user":${JSON.stringify(username)}`);
  const held = (await services.locks.list()).find(
    ({ name, owner }) => /^[a-z]+:\/home\/([^/]+)\//.exec(name)?.[1] === username && (own || !isTheirs(owner)),
  );
  if (held)
    throw new UserError(
      "in-use",
      `a file is in use: ${held.name.slice(0, 120)}`,
      '"lock list" shows by whom. Try again when it is closed, or take it with "lock release LOCK".',
    );
}

/** The command `user rename`. */
export const userRenameCommands: readonly Command[] = [rename];

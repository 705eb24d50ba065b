/** user reset-password|disable|enable|remove: the beginning and the end of accounts, for one, several, or a section. */
import { basename } from "node:path";
import type { Account, AccountState } from "../../auth/account.ts";
import { counted } from "../../base/counted.ts";
import { logBug } from "../../base/error-report.ts";
import { UserError } from "../../base/errors.ts";
import type { Taken } from "../../workspace/archives.ts";
import { answer, type CommandAnswer, type Command, type CommandContext, type Input } from "../command.ts";
import {
  accountShape,
  dryRunOption,
  findAllToChange,
  findToChange,
  publicView,
  recordFor,
  recordForAll,
  refuseSelf,
  sectionOption,
} from "../people.ts";
import { withProgress } from "../progress-line.ts";
import { below, resettable } from "../reach.ts";
import { writePasswords } from "../roster-csv.ts";
import { shutOut } from "../shut-out.ts";

/** The shape of what `planned` gives. */
const plannedShape = "{ dryRun: boolean, users: text[] }";
/** One document when one person is named, otherwise a list. */
const changedShape = `${accountShape} | ${accountShape}[] | ${plannedShape}`;

const resetPassword: Command = {
  name: "user reset-password",
  summary: "Give accounts new initial passwords and print them",
  arguments: "[USER...]",
  options: {
    section: sectionOption,
    "keep-keys": { type: "boolean", doc: "keep the public keys, which let their owners log in without the password" },
    csv: { type: "boolean", doc: "print the passwords as CSV: username,password,name,section" },
    "dry-run": dryRunOption,
  },
  permission: "user.reset-password",
  reach: resettable,
  json: true,
  shape: `{ username: text, password: text, keysRemoved: number } | { username: text, password: text, keysRemoved: number }[] | ${plannedShape}`,
  details: `All accounts are changed, or none. Sessions and connections end at once; unsaved work is kept. Public keys are removed.
The passwords are shown once and stored nowhere, so keep them: ... user reset-password --section A --csv > passwords.csv`,
  async run(context, input) {
    const people = await findAllToChange(context, input);
    if (input.flag("dry-run")) return planned(people, "Would reset the passwords of");
    const usernames = people.map(({ username }) => username);
    const made = await withProgress(context, "passwords", usernames.length, (onProgress) =>
      context.services.accounts.changes.resetPasswords(usernames, {
        onProgress,
        signal: context.closed,
        keepKeys: input.flag("keep-keys"),
      }),
    );
    await recordForAll(
      context,
      made.map(({ account: { username }, keysRemoved }) => ({
        action: "user.reset-password",
        username,
        detail: { keys: input.flag("keep-keys") ? "kept" : `${keysRemoved} removed` },
      })),
    );
    await shutOut(
      context,
      usernames,
      "Your teacher reset your password. Your work is kept; ask them for the new password.",
    );
    const views = made.map(({ account: { username }, password, keysRemoved }) => ({ username, password, keysRemoved }));
    const single = input.text("section") === undefined && input.arguments.length === 1;
    const text =
      views
        .map(
          ({ username, password, keysRemoved }) =>
            `New initial password of ${username}: ${password}\n${keysRemoved > 0 ? `Removed ${counted(keysRemoved, "public key")} of ${username}.\n` : ""}`,
        )
        .join("") || "There are no students in this section.\n";
    return answer(single ? views[0] : views, input.flag("csv") ? writePasswords(made) : text);
  },
};

const disable: Command = {
  name: "user disable",
  summary: "Stop accounts from logging in; their files stay",
  arguments: "[USER...]",
  options: { section: sectionOption, "dry-run": dryRunOption },
  permission: "user.write",
  reach: below,
  json: true,
  shape: changedShape,
  details:
    "All accounts are changed, or none. Sessions end; unsaved work is kept. At the end of a term: user disable --section A",
  async run(context, input) {
    const people = await findAllToChange(context, input);
    refuseSelf(context, people, "disable");
    return await setState(context, input, people, "disabled");
  },
};

const enable: Command = {
  name: "user enable",
  summary: "Let disabled accounts log in again",
  arguments: "[USER...]",
  options: { section: sectionOption, "dry-run": dryRunOption },
  permission: "user.write",
  reach: below,
  json: true,
  shape: changedShape,
  run: async (context, input) => setState(context, input, await findAllToChange(context, input), "active"),
};

async function setState(
  context: CommandContext,
  input: Input,
  people: readonly Account[],
  state: AccountState,
): Promise<CommandAnswer> {
  if (input.flag("dry-run"))
    return planned(
      people.filter((person) => person.state !== state),
      state === "active" ? "Would enable" : "Would disable",
    );
  const changes = await context.services.accounts.changes.setState(
    people.map(({ username }) => username),
    state,
  );
  const action = state === "active" ? "user.enable" : "user.disable";
  await recordForAll(
    context,
    changes
      .filter(({ before }) => before.state !== state)
      .map(({ account }) => ({ action, username: account.username })),
  );
  // Also for people who were disabled already: a session may have been left over.
  if (state === "disabled")
    await shutOut(
      context,
      changes.map(({ account }) => account.username),
      "Your account was disabled. Your work is kept; ask your teacher.",
    );
  const lines = changes.map(
    ({ before, account }) => `${account.username} is ${state}${before.state === state ? " (it was already)" : ""}.\n`,
  );
  const single = input.text("section") === undefined && input.arguments.length === 1;
  const views = changes.map(({ account }) => publicView(account));
  return answer(single ? views[0] : views, lines.join("") || "There are no students in this section.\n");
}

function planned(people: readonly Account[], what: string): CommandAnswer {
  const names = people.map(({ username }) => username);
  return answer(
    { dryRun: true, users: names },
    names.length === 0
      ? "Nothing would change.\n"
      : `${what}: ${names.join(", ")} (${counted(names.length, "account")}). Nothing was changed.\n`,
  );
}

const remove: Command = {
  name: "user remove",
  summary: "Remove an account; its files are archived on the server",
  arguments: "USER",
  options: {
    "no-archive": { type: "boolean", doc: "delete the files for good, without an archive" },
    yes: { type: "boolean", doc: "confirm --no-archive" },
    "dry-run": dryRunOption,
  },
  permission: "user.write",
  reach: below,
  json: true,
  shape: `{ username: text, archive: text | null } | ${plannedShape}`,
  details: `The archive is DIR/archive/USER-TIME.tar.gz and holds the files and any unsaved text. Sessions end. The audit trail stays.
The name can be given to somebody else, who starts with an empty home.`,
  async run(context, input) {
    const person = await findToChange(context, input);
    refuseSelf(context, [person], "remove");
    const archived = !input.flag("no-archive");
    if (input.flag("dry-run"))
      return planned([person], archived ? "Would archive the files and remove" : "Would delete the files and remove");
    if (!archived && !input.flag("yes")) {
      throw new UserError(
        "usage",
        `without an archive, the files of ${person.username} are gone for good`,
        "Add --yes if you mean it, or leave out --no-archive.",
      );
    }
    const archive = await removeAccount(context, person, archived);
    const files =
      archive === undefined
        ? archived
          ? "There were no files."
          : "The files were deleted."
        : `The files are in archive/${archive} in the server's data directory.`;
    return answer({ username: person.username, archive: archive ?? null }, `Removed ${person.username}. ${files}\n`);
  },
};

/** Removes an account. Resolves with the archive's name. A failure restores everything. */
async function removeAccount(context: CommandContext, person: Account, archived: boolean): Promise<string | undefined> {
  const { accounts, archives } = context.services;
  const { username } = person;
  // From here on nobody logs in, so nobody opens files that are being archived.
  await accounts.changes.setState([username], "disabled");
  await shutOut(context, [username], "Your account was removed. Ask your teacher.");
  let taken: Taken | undefined;
  let archive: string | undefined;
  try {
    taken = await archives.take(username);
    if (archived && taken.any) archive = basename(await archives.pack(taken));
    await accounts.changes.remove(username);
  } catch (error) {
    if (taken) await archives.giveBack(username, taken);
    await accounts.changes.setState([username], person.state);
    throw error;
  }
  await recordFor(context, "user.remove", username, { role: person.role, archive: archive ?? "none" });
  // The account is gone: what is left on the disk is for the admin to delete, and does not make the command fail.
  const { folder, any } = taken;
  if (any)
    await archives
      .discard(taken)
      .catch((error: unknown) => logBug(error, context.log, { user: username, left: folder }));
  return archive;
}

/**
 * `user lock` and `user unlock`, which people know from passwd(1) and usermod(8). There a lock leaves keys and open
 * sessions alone; here it is all that "disable" is.
 */
const lock: Command = {
  ...disable,
  name: "user lock",
  summary: "The same as user disable: no login by password or key, and open sessions end",
};
const unlock: Command = { ...enable, name: "user unlock", summary: "The same as user enable" };

/** The commands `user reset-password`, `disable`, `enable` and `remove`. */
export const userStateCommands: readonly Command[] = [resetPassword, disable, enable, lock, unlock, remove];

/** lock list|release */
import { timeText } from "../../base/time-text.ts";
import { UserError } from "../../base/errors.ts";
import type { LockInfo } from "../../locks/lock-table.ts";
import type { LockManager } from "../../locks/lock-manager.ts";
import { may } from "../../auth/roles.ts";
import { answer, type Command, type CommandContext } from "../command.ts";
import { requireManages } from "../people.ts";
import { managed } from "../reach.ts";
import { inListedSection, onlySectionOption } from "../people.ts";
import type { Services } from "../services.ts";
import { printable, table } from "../table.ts";

/** The shape of a lock. An owner is a document with at least the user, or any text that another program put there. */
const lockShape =
  "{ name: text, owner: any, process: text, since: time, token: number, waiters: { owner: any, since: time }[] }";

/** The commands `lock ...`; `locksOf` finds the locks of a server. */
export function lockCommands(locksOf: LocksOf): readonly Command[] {
  return [list(locksOf), release(locksOf)];
}

type LocksOf = (services: Services) => LockManager;

function list(locksOf: LocksOf): Command {
  return {
    name: "lock list",
    summary: "List the files that are being edited or run, by whom, and who is waiting for them",
    permission: "user.read",
    json: true,
    shape: `${lockShape}[]`,
    options: { section: onlySectionOption },
    details: "With --section: what people in that section have or are waiting for.",
    async run(context, input) {
      const isIn = await inListedSection(context, input);
      const concerns = ({ owner, waiters }: LockInfo): boolean =>
        [owner, ...waiters.map((waiter) => waiter.owner)].some((text) => isIn(userOf(text) ?? ""));
      const found = (await locksOf(context.services).list()).filter(concerns);
      const rows = found.map((info) => [
        info.name,
        person(info.owner),
        info.node,
        timeText(info.since),
        info.waiters.map(({ owner }) => person(owner)).join(", "),
      ]);
      return answer(
        found.map(view),
        table(["LOCK", "OWNER", "PROCESS", "SINCE", "WAITING"], rows, "No file is being edited or run."),
      );
    },
  };
}

function release(locksOf: LocksOf): Command {
  return {
    name: "lock release",
    summary:
      "Take a lock from its owner and give it to whoever waits first; the owner's text is kept, a run is stopped",
    arguments: "LOCK",
    permission: "section.manage",
    reach: managed,
    json: true,
    shape: lockShape,
    details: 'The names are those of "lock list": edit:PATH or run:PATH.',
    async run(context, input) {
      const { services, account, address } = context;
      const [name = ""] = input.arguments;
      const [found] = await locksOf(services).list(name);
      if (found && !may(account.role, "user.write")) await requireOwnStudentsFile(context, name);
      const released = found !== undefined && (await locksOf(services).forceRelease(name, found.token));
      if (!released)
        throw new UserError(
          "lock-not-found",
          `nobody has the lock ${JSON.stringify(printable(name).slice(0, 80))}`,
          '"lock list" shows all locks.',
        );
      const subject = userOf(found.owner);
      await services.audit.record({
        actor: account.username,
        address,
        action: "lock.release",
        ...(subject ? { subject } : {}),
        result: "ok",
        detail: { lock: found.name },
      });
      const [next] = found.waiters;
      const to = next ? ` It goes to ${person(next.owner)}.` : "";
      return answer(view(found), `Took ${printable(found.name)} from ${person(found.owner)}.${to}\n`);
    },
  };
}

/** Throws unless the lock is of a file that belongs to a student of the professor's own sections, whoever holds it. */
async function requireOwnStudentsFile(context: CommandContext, name: string): Promise<void> {
  const username = /^(?:edit|run):\/home\/([^/]+)\//.exec(name)?.[1] ?? "";
  const owner = await context.services.accounts.find(username);
  if (!owner)
    throw new UserError(
      "not-permitted",
      "only admins can release locks on files that are not a student's",
      '"lock list" shows all locks.',
    );
  requireManages(context, owner);
}

/**
 * The user in an owner's text: JSON with at least the user when a session wrote it; anything else is shown as it is.
 */
function person(owner: string): string {
  return userOf(owner) ?? printable(owner).slice(0, 40);
}

function userOf(owner: string): string | undefined {
  const value = ownerDocument(owner);
  return typeof value === "object" && value !== null && "user" in value && typeof value.user === "string"
    ? value.user
    : undefined;
}

function ownerDocument(owner: string): unknown {
  try {
    return JSON.parse(owner);
  } catch (error) {
    if (error instanceof SyntaxError) return owner;
    throw error;
  }
}

function view(info: LockInfo): object {
  return {
    name: info.name,
    owner: ownerDocument(info.owner),
    process: info.node,
    since: info.since.toISOString(),
    token: info.token,
    waiters: info.waiters.map(({ owner, since }) => ({ owner: ownerDocument(owner), since: since.toISOString() })),
  };
}

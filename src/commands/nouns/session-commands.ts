/** session list|show|kick: of all nodes. */
import { missingAccount } from "../../auth/account.ts";
import { may } from "../../auth/roles.ts";
import { teaches } from "../../auth/teaching.ts";
import { logBug } from "../../base/error-report.ts";
import { UserError } from "../../base/errors.ts";
import type { NodeAddress, SessionDetail, SessionState } from "../../cluster/session-table.ts";
import type { Workbench } from "../../session/workbench.ts";
import { answer, type Command, type CommandContext, type Input } from "../command.ts";
import { inListedSection, listedSection, onlySectionOption, requireManages, requireManagesSection } from "../people.ts";
import { managed, seen } from "../reach.ts";
import { fields, table } from "../table.ts";

/** A session on any node. */
interface Found {
  readonly id: string;
  readonly user: string;
  readonly state: SessionState;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly detail: SessionDetail;
  /** The node; undefined for this process. */
  readonly at: NodeAddress | undefined;
}

const sessionShape = `{
  id: text, user: text, role: text, state: "here" | "running" | "away", from: text[], since: time, awaySince: time | null, idle: seconds,
  file: text | null, unsaved: text[], console: text, node: text | null, now: time
}`;

/** Each address once, with the number of its windows if it has several. */
function addresses(from: readonly string[]): string {
  const windows = new Map<string, number>();
  for (const address of from) windows.set(address, (windows.get(address) ?? 0) + 1);
  return Array.from(windows, ([address, count]) => (count === 1 ? address : `${address} (${count})`)).join(" ");
}

const list: Command = {
  name: "session list",
  summary: "List who is in the IDE, and who has left a session open",
  permission: "session.read",
  reach: seen,
  json: true,
  shape: `${sessionShape}[]`,
  options: { section: onlySectionOption },
  details: "Teaching assistants see the students of their own sections. All processes and machines are included.",
  async run(context, input) {
    const isIn = await inListedSection(context, input);
    const visible: Found[] = [];
    for (const session of await everywhere(context))
      if (isIn(session.user) && (await maySee(context, session))) visible.push(session);
    const rows = visible.map((session) => {
      const { user, state, from, file, since, node } = view(context, session);
      return [user, state, addresses(from), file ?? "", since, node ?? ""];
    });
    const text = table(["USER", "STATE", "FROM", "FILE", "SINCE", "NODE"], rows, "Nobody is in the IDE.");
    return answer(
      visible.map((session) => view(context, session)),
      text,
    );
  },
};

const show: Command = {
  name: "session show",
  summary: "Show a person's session",
  arguments: "USER",
  permission: "session.read",
  reach: seen,
  json: true,
  shape: sessionShape,
  async run(context, input) {
    const session = await find(context, input);
    const { id, user, state, from, file, since, idle, unsaved, console, node } = view(context, session);
    const text = fields([
      ["session", id],
      ["user", user],
      ["state", state],
      ["from", from.join(" ") || "nowhere (away)"],
      ["since", since],
      ["idle", `${idle} s`],
      ["file", file ?? "none"],
      ["unsaved", unsaved.join(", ") || "nothing"],
      ["console", console],
      ["node", node ?? "none (no database)"],
    ]);
    return answer(view(context, session), text);
  },
};

const kick: Command = {
  name: "session kick",
  summary: "End a person's session, or those of a section; unsaved work is kept",
  arguments: "[USER]",
  permission: "section.manage",
  reach: managed,
  json: true,
  shape: `${sessionShape} | ${sessionShape}[]`,
  options: { section: { type: "string", value: "SECTION", doc: "the sessions of all students of this section" } },
  async run(context, input) {
    const section = await listedSection(context, input);
    if ((section === undefined) === (input.arguments.length === 0))
      throw new UserError(
        "usage",
        "name one person or a section",
        'Write "session kick USER" or "session kick --section SECTION".',
      );
    if (section === undefined) {
      await requireMayEnd(context, input.arguments[0] ?? "");
      const session = await find(context, input);
      return answer(await kickOne(context, session), `Ended the session of ${session.user}.\n`);
    }
    requireManagesSection(context, section);
    const students = new Set(
      (await context.services.accounts.list({ section, role: "student" })).map(({ username }) => username),
    );
    const ended = [];
    for (const session of await everywhere(context))
      if (students.has(session.user)) ended.push(await kickOne(context, session));
    const text =
      ended.map(({ user }) => `Ended the session of ${user}.\n`).join("") || "Nobody in this section is in the IDE.\n";
    return answer(ended, text);
  },
};

/** The session as it was. */
async function kickOne(context: CommandContext, session: Found) {
  const { services, account, address } = context;
  const found = view(context, session);
  await end(
    context,
    session,
    `${may(account.role, "user.write") ? "An admin" : "Your teacher"} ended your session. Your work is kept; you can log in again.`,
  );
  await services.audit.record({
    actor: account.username,
    address,
    action: "session.kick",
    subject: session.user,
    result: "ok",
  });
  return found;
}

/**
 * Throws unless the caller may end the session. An admin ends anybody's, even if the account is gone; others those of
 * students of their own sections.
 */
async function requireMayEnd(context: CommandContext, username: string): Promise<void> {
  if (may(context.account.role, "user.write")) return;
  requireManages(context, (await context.services.accounts.find(username)) ?? missingAccount(username));
}

/** Ends the sessions of these people on all nodes. A node that can't be reached keeps its sessions, which is logged. */
export async function endSessionsOf(
  context: CommandContext,
  usernames: readonly string[],
  reason: string,
): Promise<void> {
  if (usernames.length === 0) return;
  const whose = new Set(usernames);
  for (const session of await everywhere(context, usernames.length === 1 ? usernames[0] : undefined)) {
    if (!whose.has(session.user)) continue;
    await end(context, session, reason).catch((error: unknown) => logBug(error, context.log, { user: session.user }));
  }
}

/** Ends a session. Resolves when it has ended. */
async function end({ services }: CommandContext, { id, at, user }: Found, reason: string): Promise<void> {
  const { sessions, cluster } = services;
  const workbench = sessions.find(id);
  if (workbench) return await sessions.end(workbench, reason);
  if (at && (await cluster.request(at, { kind: "kick", session: id, reason }))) return;
  throw noSession(user);
}

/**
 * Everybody's sessions, by username. This process knows more about its own than the table does, and without a database
 * they are all it knows. But a process that was cut off or stood still may not have noticed that a person went on
 * elsewhere: then the table is right.
 */
async function everywhere(context: CommandContext, username?: string): Promise<readonly Found[]> {
  const { sessions, cluster } = context.services;
  const own = (username === undefined ? sessions.sessions : sessions.of(username)).map(local);
  const others = new Map<string, Found>();
  try {
    for (const { session, username: user, node, state, since, detail } of await cluster.directory.list(username)) {
      if (node.node !== cluster.node)
        others.set(user, { id: session, user, state, since: since.getTime(), detail, at: node });
    }
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "database-unavailable") throw error;
    context.stderr.write("classh: the database can't be reached, so only sessions of this process are shown\n");
  }
  return [...own.filter(({ user }) => !others.has(user)), ...others.values()].toSorted((a, b) =>
    a.user < b.user ? -1 : 1,
  );
}

function local(workbench: Workbench): Found {
  const { id, person, startedAt } = workbench;
  return { id, user: person.username, since: startedAt, at: undefined, ...viewOf(workbench) };
}

async function find(context: CommandContext, input: Input): Promise<Found> {
  const [username = ""] = input.arguments;
  const [session] = await everywhere(context, username);
  if (session && (await maySee(context, session))) return session;
  throw noSession(username);
}

function noSession(username: string): UserError {
  return new UserError(
    "user-not-found",
    `there is no session of ${JSON.stringify(username.slice(0, 40))}`,
    '"session list" shows who has one.',
  );
}

async function maySee({ account, services }: CommandContext, session: Found): Promise<boolean> {
  if (account.username === session.user || may(account.role, "user.read")) return true;
  const person = await services.accounts.find(session.user);
  return person !== undefined && teaches(account, person);
}

function view({ services }: CommandContext, { id, user, state, since, detail, at }: Found) {
  const { role, from, awaySince, activeAt, file, unsaved, console } = detail;
  const now = services.clock.now();
  return {
    id,
    user,
    role,
    state,
    from,
    since: new Date(since).toISOString(),
    awaySince: awaySince === null ? null : new Date(awaySince).toISOString(),
    idle: Math.max(0, Math.round((now - activeAt) / 1000)),
    file,
    unsaved,
    console,
    node: at?.name ?? services.cluster.name,
    now: new Date(now).toISOString(),
  };
}

/** What lists show of a session. */
export function viewOf(session: Workbench): { readonly state: SessionState; readonly detail: SessionDetail } {
  const { attendance, console } = session;
  const away = attendance.awaySince;
  const state = away !== undefined ? "away" : console.activity === "running" ? "running" : "here";
  return {
    state,
    detail: {
      role: session.person.role,
      from: attendance.attachments.map(({ address }) => address),
      awaySince: away ?? null,
      activeAt: attendance.activeAt,
      file: session.documents.active?.path ?? null,
      unsaved: session.documents.unsaved.map(({ path }) => path),
      console: console.activity,
      work: session.progress.work,
    },
  };
}

/** The commands `session ...`. */
export const sessionCommands: readonly Command[] = [list, show, kick];
